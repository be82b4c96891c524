/**
 * Deadlines that abort the work, not only the waiting.
 *
 * @module
 */
import { type Clock, systemClock } from '../contracts/clock.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { cancellationError } from '../errors/to-gomind-error.ts';
import { linkedAbort } from './linked-abort.ts';

/** Options of {@link withTimeout}. */
export interface TimeoutOptions {
  /** Milliseconds; undefined or Infinity means no deadline of its own. */
  readonly timeoutMs: number | undefined;
  /** Code of the error on timeout. Default: `TIMEOUT`. */
  readonly code?: string;
  /** What is being done, for the message. Default: `The operation`. */
  readonly what?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Runs an operation with a deadline. On timeout or cancellation its signal aborts and the promise rejects at once,
 * whether or not the operation listens.
 *
 * @param operation receives the signal to pass on
 * @throws GomindError the given code on timeout (retryable), `CANCELLED` when the caller's signal aborts, `CONFIG_INVALID` for a
 *   deadline that is no number; else what the operation throws
 */
export async function withTimeout<T>(
  operation: (signal: AbortSignal) => Promise<T>,
  options: TimeoutOptions,
): Promise<T> {
  const { timeoutMs, code = 'TIMEOUT', what = 'The operation', clock = systemClock } = options;
  if (options.signal?.aborted === true) throw cancellationError(options.signal, what);
  if (Number.isNaN(timeoutMs)) throw noNumber(what);
  const abort = linkedAbort(options.signal);
  let cancelTimer: (() => void) | undefined;
  let onAbort: (() => void) | undefined;
  try {
    const aborted = new Promise<never>((_resolve, reject) => {
      onAbort = () => {
        reject(cancellationError(abort.signal, what));
      };
      abort.signal.addEventListener('abort', onAbort, { once: true });
    });
    if (timeoutMs !== undefined && Number.isFinite(timeoutMs)) {
      cancelTimer = clock.setTimer(() => {
        abort.abort(
          new GomindError({
            code,
            message: `${what} took longer than ${String(timeoutMs)} ms`,
            isRetryable: true,
            details: { ...options.details, timeoutMs },
          }),
        );
      }, timeoutMs);
    }
    return await Promise.race([operation(abort.signal), aborted]);
  } finally {
    cancelTimer?.();
    abort.unlink();
    if (onAbort) abort.signal.removeEventListener('abort', onAbort);
  }
}

/** Without this it would be no deadline at all. */
function noNumber(what: string): GomindError {
  return new GomindError({
    code: 'CONFIG_INVALID',
    message: `${what} has the deadline NaN. Accepted: a number of milliseconds, or Infinity for none.`,
  });
}
