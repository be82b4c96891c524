/**
 * Opossum as its documentation shows it, behind core's contract: the control that proves the cases can fail.
 *
 * @module
 */
import { type CircuitBreaker, type CircuitState, GomindError } from '@gomind/core';
import OpossumBreaker from 'opossum';
import { isServiceFailure } from '../src/index.ts';
import type { HarnessOptions } from './breaker-harness.ts';

/** Makes the control. */
export function createRawOpossum(options: HarnessOptions = {}): CircuitBreaker {
  const abortController = new AbortController();
  const opossum = new OpossumBreaker(
    (operation: (signal: AbortSignal) => Promise<unknown>, signal: AbortSignal) => operation(signal),
    {
      timeout: options.timeoutMs ?? false,
      errorThresholdPercentage: (options.errorThreshold ?? 0.5) * 100,
      volumeThreshold: options.volumeThreshold ?? 10,
      resetTimeout: options.sleepWindowMs ?? 30_000,
      rollingCountTimeout: options.windowMs ?? 60_000,
      errorFilter: (error: unknown) => !isServiceFailure(error),
      abortController,
    },
  );
  const close = (): Promise<void> => {
    opossum.shutdown();
    return Promise.resolve();
  };
  return {
    name: 'raw',
    get state(): CircuitState {
      if (opossum.opened) return 'open';
      return opossum.halfOpen ? 'half-open' : 'closed';
    },
    execute: async <T>(operation: (signal: AbortSignal) => Promise<T>): Promise<T> => {
      try {
        return (await opossum.fire(operation, abortController.signal)) as T;
      } catch (error) {
        if (!OpossumBreaker.isOurError(error as Error)) throw error;
        const code = 'code' in (error as Error) ? String((error as Error & { code: unknown }).code) : 'UNKNOWN';
        throw new GomindError({
          code: code === 'EOPENBREAKER' ? 'CIRCUIT_OPEN' : code,
          message: (error as Error).message,
          isRetryable: true,
        });
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
