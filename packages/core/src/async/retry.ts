/**
 * The only retry loop of the house, and the rule that it follows.
 *
 * @module
 */
import { aFunction, bound, checkNames, checkOptions, type OptionCheck } from '../config/check-options.ts';
import { type Clock, systemClock } from '../contracts/clock.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { cancellationError } from '../errors/to-gomind-error.ts';
import { backoffDelayMs, type BackoffOptions } from './backoff.ts';
import { delay } from './delay.ts';
import type { RetryBudget } from './retry-budget.ts';

/** When an operation is tried again. */
export interface RetryPolicy extends BackoffOptions {
  /** Attempts in all, the first call included. Default: 3. */
  readonly maxAttempts?: number;
  /** Whether an error is worth another attempt. Default: GomindErrors that say `isRetryable`. */
  readonly isRetryable?: (error: unknown) => boolean;
  /** Longest `Retry-After` that is waited for, in milliseconds; a longer one fails at once. Default: 300,000. */
  readonly maxRetryAfterMs?: number;
}

/** Options of {@link retry}. */
export interface RetryOptions extends RetryPolicy {
  /** Called before each wait, with the attempt that failed (from 1). */
  readonly onRetry?: (failure: { readonly attempt: number; readonly error: unknown; readonly delayMs: number }) => void;
  /** Milliseconds after which no further attempt may start; a `Retry-After` beyond it fails at once. Default: none. */
  readonly deadlineMs?: number | undefined;
  /** Shared by all callers of one dependency; when it is used up, failures stand. Default: none, every retry is free. */
  readonly budget?: RetryBudget | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** An attempt that failed, for {@link retryDelayMs}. */
export interface FailedAttempt {
  readonly error: unknown;
  /** From 1. */
  readonly attempt: number;
  /** Milliseconds until no further attempt may start. Default: no bound. */
  readonly remainingMs?: number | undefined;
  /** A number in [0, 1). */
  readonly random: number;
}

const backoffs: readonly unknown[] = ['fixed', 'linear', 'exponential'];

const notNegative: OptionCheck = {
  fits: (value) => typeof value === 'number' && value >= 0,
  accepted: 'a number from 0',
};

const optionChecks: Readonly<Record<string, OptionCheck>> = {
  maxAttempts: bound({ min: 1 }),
  isRetryable: aFunction,
  maxRetryAfterMs: notNegative,
  backoff: { fits: (value) => backoffs.includes(value), accepted: '"fixed", "linear" or "exponential"' },
  backoffFactor: notNegative,
  initialDelayMs: notNegative,
  maxDelayMs: notNegative,
  onRetry: aFunction,
  // What is left of a deadline may be less than nothing.
  deadlineMs: {
    fits: (value) => typeof value === 'number' && !Number.isNaN(value),
    accepted: 'a number of milliseconds',
  },
};

const optionNames = [...Object.keys(optionChecks), 'jitter', 'budget', 'signal', 'clock'];

/**
 * Checks options of {@link retry} before anything is called: a number that is none would have it go on without an end.
 *
 * @param what what the options belong to, for the message: `createRetries`
 * @throws GomindError `CONFIG_INVALID`
 */
export function checkRetryOptions(what: string, options: RetryOptions): void {
  checkOptions(what, options, optionChecks);
  checkNames(what, options, optionNames);
}

/**
 * Calls an operation until it succeeds, runs out of attempts, or fails in a way that a retry cannot help.
 * An error with `details.retryAfterMs` is obeyed exactly.
 *
 * @param operation receives the attempt's number, from 1
 * @throws what the last attempt threw, unwrapped; GomindError `CANCELLED` when the signal aborts while waiting, `CONFIG_INVALID`
 *   for options that cannot be used
 */
export async function retry<T>(operation: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  checkRetryOptions('retry', options);
  const { clock = systemClock, signal, deadlineMs } = options;
  const isCancelled = (): boolean => signal?.aborted ?? false;
  const startedAt = clock.monotonicMs();
  for (let attempt = 1; ; attempt++) {
    if (signal?.aborted === true) throw cancellationError(signal, 'The operation');
    try {
      const result = await operation(attempt);
      options.budget?.earn();
      return result;
    } catch (error) {
      if (isCancelled()) throw error;
      const remainingMs = deadlineMs === undefined ? undefined : deadlineMs - (clock.monotonicMs() - startedAt);
      const delayMs = retryDelayMs({ error, attempt, remainingMs, random: clock.random() }, options);
      if (delayMs === undefined || options.budget?.spend() === false) throw error;
      options.onRetry?.({ attempt, error, delayMs });
      await delay(delayMs, { signal, clock });
    }
  }
}

/**
 * How long to wait before the next attempt.
 *
 * @param failure what failed, and how much time is left
 * @returns milliseconds; undefined when there must be no further attempt
 */
export function retryDelayMs(failure: FailedAttempt, policy: RetryPolicy): number | undefined {
  const { error, attempt, remainingMs = Number.POSITIVE_INFINITY, random } = failure;
  const { maxAttempts = 3, isRetryable = saysRetryable, maxRetryAfterMs = 300_000 } = policy;
  if (attempt >= maxAttempts || !isRetryable(error)) return undefined;
  const askedMs = retryAfterMs(error);
  if (askedMs !== undefined && askedMs > maxRetryAfterMs) return undefined;
  const delayMs = askedMs ?? backoffDelayMs(attempt, policy, random);
  return delayMs >= remainingMs ? undefined : delayMs;
}

function saysRetryable(error: unknown): boolean {
  return GomindError.isInstance(error) && error.isRetryable;
}

function retryAfterMs(error: unknown): number | undefined {
  if (!GomindError.isInstance(error)) return undefined;
  const value = error.details['retryAfterMs'];
  return typeof value === 'number' && value >= 0 ? value : undefined;
}
