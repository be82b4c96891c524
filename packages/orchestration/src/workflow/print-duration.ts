/**
 * Durations the way people write them.
 *
 * @module
 */

const units = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/**
 * The shortest exact text of a duration (`30s`, `5m`, `250ms`); a fraction of a millisecond stays a number.
 *
 * @param durationMs milliseconds
 */
export function printDuration(durationMs: number): string | number;
export function printDuration(durationMs: number | undefined): string | number | undefined;
export function printDuration(durationMs: number | undefined): string | number | undefined {
  if (durationMs === undefined || !Number.isSafeInteger(durationMs)) return durationMs;
  const unit = units.find(([, sizeMs]) => durationMs >= sizeMs && durationMs % sizeMs === 0);
  return unit === undefined ? `${String(durationMs)}ms` : `${String(durationMs / unit[1])}${unit[0]}`;
}
