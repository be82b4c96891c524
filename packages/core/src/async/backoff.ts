/**
 * How long to wait before the next attempt.
 *
 * @module
 */

/** Shape of the waiting times between attempts. */
export interface BackoffOptions {
  /** Default: `exponential`. */
  readonly backoff?: 'fixed' | 'linear' | 'exponential';
  /** Growth of the exponential shape. Default: 2. */
  readonly backoffFactor?: number;
  /** First wait in milliseconds. Default: 100. */
  readonly initialDelayMs?: number;
  /** Longest wait in milliseconds. Default: 10,000. */
  readonly maxDelayMs?: number;
  /** True spreads each wait evenly over [0, wait] ("full jitter"). Default: true. */
  readonly jitter?: boolean;
}

/**
 * The wait after a failed attempt.
 *
 * Full jitter as in Marc Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 *
 * @param attempt the attempt that failed, counted from 1
 * @param options shape; every default is named there
 * @param random a number in [0, 1)
 * @returns milliseconds
 */
export function backoffDelayMs(attempt: number, options: BackoffOptions, random: number): number {
  const {
    backoff = 'exponential',
    backoffFactor = 2,
    initialDelayMs = 100,
    maxDelayMs = 10_000,
    jitter = true,
  } = options;
  const grown =
    backoff === 'fixed'
      ? initialDelayMs
      : backoff === 'linear'
        ? initialDelayMs * attempt
        : initialDelayMs * backoffFactor ** (attempt - 1);
  const capped = Math.min(grown, maxDelayMs);
  return jitter ? capped * random : capped;
}
