/**
 * Numbers and durations for people.
 *
 * @module
 */

const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

/**
 * A number with thousands separators and at most two decimals.
 *
 * @param value any finite number
 */
export function formatNumber(value: number): string {
  return numbers.format(value);
}

/**
 * A duration: `12 ms`, `1.24 s`.
 *
 * @param durationMs milliseconds
 */
export function formatDuration(durationMs: number): string {
  return durationMs < 1_000 ? `${String(Math.round(durationMs))} ms` : `${(durationMs / 1_000).toFixed(2)} s`;
}
