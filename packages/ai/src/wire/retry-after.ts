/**
 * How long a provider wants to be left alone.
 *
 * @module
 */

/** Waiting longer than this is nothing for a retry loop: the error then says that no retry can help. */
export const longestRetryWaitMs = 60_000;

/**
 * `retry-after-ms`, or `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3).
 *
 * @param now milliseconds since the epoch
 * @returns milliseconds, or undefined when nothing readable was said
 */
export function retryAfterMsOf(headers: Headers, now: number): number | undefined {
  const exact = headers.get('retry-after-ms')?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(exact)) return Number(exact);
  const value = headers.get('retry-after')?.trim() ?? '';
  if (value === '') return undefined;
  const waitMs = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}
