/**
 * The only retry loop of the house.
 *
 * @module
 */
import { type Clock, systemClock } from '../contracts/clock.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { cancellationError } from '../errors/to-gomind-error.ts';
import { backoffDelayMs, type BackoffOptions } from './backoff.ts';
import { delay } from './delay.ts';

/** Options of {@link retry}. */
export interface RetryOptions extends BackoffOptions {
  /** Attempts in all, the first call included. Default: 3. */
  readonly maxAttempts?: number;
  /** Whether an error is worth another attempt. Default: GomindErrors that say `isRetryable`. */
  readonly isRetryable?: (error: unknown) => boolean;
  /** Called before each wait, with the attempt that failed (from 1). */
  readonly onRetry?: (failure: { readonly attempt: number; readonly error: unknown; readonly delayMs: number }) => void;
  /** Milliseconds after which no further attempt may start; a `Retry-After` beyond it fails at once. Default: none. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Calls an operation until it succeeds, runs out of attempts, or fails in a way that a retry cannot help.
 * An error with `details.retryAfterMs` is obeyed exactly.
 *
 * @param operation receives the attempt's number, from 1
 * @throws what the last attempt threw, unwrapped; GomindError `CANCELLED` when the signal aborts while waiting
 */
export async function retry<T>(operation: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { maxAttempts = 3, clock = systemClock, signal } = options;
  const isRetryable = options.isRetryable ?? ((error: unknown) => GomindError.isInstance(error) && error.isRetryable);
  const isCancelled = (): boolean => signal?.aborted ?? false;
  const startedAt = clock.monotonicMs();
  for (let attempt = 1; ; attempt++) {
    if (signal?.aborted === true) throw cancellationError(signal, 'The operation');
    try {
      return await operation(attempt);
    } catch (error) {
      if (isCancelled() || attempt >= maxAttempts || !isRetryable(error)) throw error;
      const delayMs = retryAfterMs(error) ?? backoffDelayMs(attempt, options, clock.random());
      const elapsedMs = clock.monotonicMs() - startedAt;
      if (options.deadlineMs !== undefined && elapsedMs + delayMs >= options.deadlineMs) throw error;
      options.onRetry?.({ attempt, error, delayMs });
      await delay(delayMs, { signal, clock });
    }
  }
}

function retryAfterMs(error: unknown): number | undefined {
  if (!GomindError.isInstance(error)) return undefined;
  const value = error.details['retryAfterMs'];
  return typeof value === 'number' && value >= 0 ? value : undefined;
}
