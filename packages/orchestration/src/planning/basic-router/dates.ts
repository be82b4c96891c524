/**
 * Days that a text names.
 *
 * @module
 */

/** A day found in a text. */
export interface FoundDate {
  /** `YYYY-MM-DD` (ISO 8601); days in figures that may be read in two ways stay as they are written ("10/01/2023"). */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const months = 'january february march april may june july august september october november december'.split(' ');
const weekdays = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const monthPattern = months.map((month) => `${month}|${month.slice(0, 3)}`).join('|');
const dayMs = 86_400_000;

type Reader = (match: RegExpMatchArray, now: Date) => Date | undefined;

const readers: readonly (readonly [RegExp, Reader])[] = [
  [/\b(\d{4})-(\d{2})-(\d{2})\b/gu, ([, year, month, day]) => dateOf(Number(year), Number(month), Number(day))],
  [
    new RegExp(String.raw`\b(${monthPattern})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?\b`, 'giu'),
    ([, month, day, year], now) => dayOfMonth({ month, day, year }, now),
  ],
  [
    new RegExp(String.raw`\b(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(${monthPattern})\b\.?(?:,?\s+(\d{4}))?`, 'giu'),
    ([, day, month, year], now) => dayOfMonth({ month, day, year }, now),
  ],
  [/\bday after tomorrow\b/giu, (_match, now) => daysFrom(now, 2)],
  [
    /\b(today|tonight|tomorrow|yesterday)\b/giu,
    ([, word = ''], now) => daysFrom(now, { tomorrow: 1, yesterday: -1 }[word.toLowerCase()] ?? 0),
  ],
  [
    new RegExp(String.raw`\b(?:next|on|this)\s+(${weekdays.join('|')})\b`, 'giu'),
    ([, word = ''], now) => daysFrom(now, (weekdays.indexOf(word.toLowerCase()) - now.getUTCDay() + 7) % 7 || 7),
  ],
];

/**
 * Every day a text names: ISO dates, "June 1 2026", "1 June", "tomorrow", "next Friday". A day without a year is the next
 * one of that name.
 *
 * @param now the day that "today" is, in UTC
 */
export function findDates(text: string, now: Date): FoundDate[] {
  const found: FoundDate[] = [];
  for (const [pattern, read] of readers) {
    for (const match of text.matchAll(pattern)) {
      const date = read(match, now);
      const start = match.index;
      const end = start + match[0].length;
      const isFree = found.every((other) => end <= other.start || start >= other.end);
      if (date !== undefined && isFree) found.push({ value: date.toISOString().slice(0, 10), start, end });
    }
  }
  for (const match of text.matchAll(/(?<![\p{L}\p{N}/-])\d{1,2}([/.-])\d{1,2}\1\d{4}(?![\p{L}\p{N}])/gu)) {
    found.push({ value: match[0], start: match.index, end: match.index + match[0].length });
  }
  return found;
}

function dateOf(year: number, month: number, day: number): Date | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date : undefined;
}

function dayOfMonth(
  parts: { readonly month: string | undefined; readonly day: string | undefined; readonly year: string | undefined },
  now: Date,
): Date | undefined {
  const month = months.findIndex((name) => name.startsWith((parts.month ?? '').toLowerCase().slice(0, 3))) + 1;
  const day = Number(parts.day);
  if (parts.year !== undefined) return dateOf(Number(parts.year), month, day);
  const thisYear = dateOf(now.getUTCFullYear(), month, day);
  const isPast = thisYear !== undefined && thisYear.getTime() < now.getTime() - dayMs;
  return isPast ? dateOf(now.getUTCFullYear() + 1, month, day) : thisYear;
}

function daysFrom(now: Date, days: number): Date {
  return new Date(now.getTime() + days * dayMs);
}
