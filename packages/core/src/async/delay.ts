/**
 * Waiting that can be cancelled.
 *
 * @module
 */
import { type Clock, systemClock } from '../contracts/clock.ts';
import { cancellationError } from '../errors/to-gomind-error.ts';

/** Options of {@link delay}. */
export interface DelayOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

/**
 * Resolves after a time.
 *
 * @param delayMs milliseconds; zero or less still yields once
 * @throws GomindError `CANCELLED` (or the signal's own GomindError) as soon as the signal aborts
 */
export function delay(delayMs: number, options: DelayOptions = {}): Promise<void> {
  const { signal, clock = systemClock } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(cancellationError(signal, 'Waiting'));
      return;
    }
    const onAbort = (): void => {
      cancelTimer();
      reject(cancellationError(signal as AbortSignal, 'Waiting'));
    };
    const cancelTimer = clock.setTimer(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
