/**
 * Instants told in a time zone.
 *
 * @module
 */
import { refuse } from './refuse.ts';

function formatter(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('sv-SE', { ...options, timeZone });
  } catch {
    throw refuse(`"${timeZone}" is no time zone. Use an IANA name such as Asia/Seoul.`);
  }
}

/**
 * The time of day, `HH:MM`.
 *
 * @param instant when
 * @param timeZone IANA name
 * @throws GomindError `INPUT_ERROR` for an unknown time zone
 */
export function localTime(instant: Date, timeZone: string): string {
  return formatter(timeZone, { hour: '2-digit', minute: '2-digit' }).format(instant);
}

/**
 * The day, `YYYY-MM-DD`.
 *
 * @param instant when
 * @param timeZone IANA name
 * @throws GomindError `INPUT_ERROR` for an unknown time zone
 */
export function localDate(instant: Date, timeZone: string): string {
  return formatter(timeZone, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(instant);
}

/**
 * The distance to UTC, `UTC+09:00`.
 *
 * @param instant when
 * @param timeZone IANA name
 * @throws GomindError `INPUT_ERROR` for an unknown time zone
 */
export function utcOffset(instant: Date, timeZone: string): string {
  const parts = formatter(timeZone, { timeZoneName: 'longOffset' }).formatToParts(instant);
  return (
    parts
      .find((part) => part.type === 'timeZoneName')
      ?.value.replace('GMT', 'UTC')
      .replace('−', '-') ?? 'UTC'
  );
}
