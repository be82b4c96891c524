/**
 * Core's retry loop as a policy: jitter, `Retry-After`, and a budget that all callers of one dependency share.
 *
 * @module
 */
import { checkRetryOptions, neverAborted, retry, type RetryOptions } from '@gomind/core';
import type { Policy } from './policy.ts';

/** Options of {@link createRetries}: those of core's `retry`, but for the signal, which each call brings. */
export type RetriesOptions = Omit<RetryOptions, 'signal'>;

/**
 * Makes a policy that tries again what a retry can help.
 *
 * @param options 3 attempts unless it says otherwise; give it a `RetryBudget` so that retries stay a tenth of the traffic
 * @throws GomindError `CONFIG_INVALID` for an option that cannot be used
 * @example
 * const retries = createRetries({ maxAttempts: 4, budget: new RetryBudget() });
 */
export function createRetries(options: RetriesOptions = {}): Policy {
  checkRetryOptions('createRetries', options);
  return {
    execute: (operation, { signal } = {}) =>
      retry(async () => operation(signal ?? neverAborted), { ...options, signal }),
  };
}
