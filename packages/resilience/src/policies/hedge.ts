/**
 * Asks a second time when the first answer is late, and takes whichever comes first. Only for calls that may reach the
 * dependency twice without harm.
 *
 * @module
 */
import {
  checkNames,
  checkOptions,
  type Clock,
  linkedAbort,
  milliseconds,
  type RetryBudget,
  systemClock,
  wholeNumber,
} from '@gomind/core';
import type { Policy } from './policy.ts';

/** Options of {@link createHedge}. */
export interface HedgeOptions {
  /** Milliseconds without an answer after which the call is made once more: about its usual 95th percentile. */
  readonly delayMs: number;
  /** Calls besides the first, at most, each `delayMs` after the one before. Default: 1. */
  readonly maxHedges?: number;
  /** Pays for each further call, as for a retry; share it with the retries. Default: none, every one is free. */
  readonly budget?: RetryBudget;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/**
 * Makes a policy for idempotent calls whose slowest answers matter. The losers' signals abort. A failure is no reason to ask
 * again (that is what retries are for): the call fails when all that were made have failed, with the first failure.
 *
 * @throws GomindError `CONFIG_INVALID` for a `delayMs` that is missing, or an option that cannot be used
 */
export function createHedge(options: HedgeOptions): Policy {
  checkOptions('createHedge', options, {
    delayMs: { ...milliseconds, isRequired: true },
    maxHedges: wholeNumber({ min: 0 }),
  });
  checkNames('createHedge', options, ['delayMs', 'maxHedges', 'budget', 'clock']);
  const { delayMs, maxHedges = 1, budget, clock = systemClock } = options;
  return {
    execute: <T>(operation: (signal: AbortSignal) => Promise<T>, call: { readonly signal?: AbortSignal } = {}) => {
      const abort = linkedAbort(call.signal);
      let cancelTimer = (): void => undefined;
      let running = 0;
      let hedges = 0;
      return new Promise<T>((resolve) => {
        let firstFailed: Promise<T> | undefined;
        const start = (): void => {
          running++;
          if (hedges < maxHedges) cancelTimer = clock.setTimer(hedge, delayMs);
          // An operation that throws at once has failed like any other.
          const attempt = (async () => operation(abort.signal))();
          attempt.then(
            (value) => {
              budget?.earn();
              resolve(value);
            },
            () => {
              firstFailed ??= attempt;
              running--;
              if (running === 0) resolve(firstFailed);
            },
          );
        };
        const hedge = (): void => {
          if (abort.signal.aborted || budget?.spend() === false) return;
          hedges++;
          start();
        };
        start();
      }).finally(() => {
        cancelTimer();
        abort.unlink();
        abort.abort();
      });
    },
  };
}
