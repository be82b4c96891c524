/**
 * Bounds how many calls of one dependency are at work at once, so that a slow one cannot take everything along.
 *
 * @module
 */
import { cancellationError, GomindError } from '@gomind/core';
import { withoutStack } from '../circuit-breaker/without-stack.ts';
import { neverAborted, type Policy } from './policy.ts';

/** Options of {@link createBulkhead}. */
export interface BulkheadOptions {
  /** Name of the dependency, for the error. */
  readonly name: string;
  /** Calls at work at once, at most. Default: 10. */
  readonly maxConcurrent?: number;
  /** Calls that may wait for a place. Default: 0, so that what does not fit is refused at once. */
  readonly maxWaiting?: number;
}

/** A bulkhead and how full it is. */
export interface Bulkhead extends Policy {
  readonly running: number;
  readonly waiting: number;
}

/**
 * Makes a bulkhead. Who waits comes in turn; who is cancelled leaves the line.
 *
 * @throws GomindError `CONFIG_INVALID`; its calls throw `BULKHEAD_FULL` (retryable) and `CANCELLED`
 */
export function createBulkhead(options: BulkheadOptions): Bulkhead {
  const { name, maxConcurrent = 10, maxWaiting = 0 } = options;
  refuseUnless(
    Number.isSafeInteger(maxConcurrent) && maxConcurrent >= 1,
    name,
    `maxConcurrent is ${String(maxConcurrent)}; it must be a whole number from 1`,
  );
  refuseUnless(
    Number.isSafeInteger(maxWaiting) && maxWaiting >= 0,
    name,
    `maxWaiting is ${String(maxWaiting)}; it must be a whole number from 0`,
  );
  /** A set keeps the order in which they came, and lets anyone leave. */
  const line = new Set<() => void>();
  let running = 0;

  const enter = async (signal: AbortSignal): Promise<void> => {
    if (signal.aborted) throw cancellationError(signal, `The call to "${name}"`);
    if (running < maxConcurrent) {
      running++;
      return;
    }
    if (line.size >= maxWaiting) throw full(name, maxConcurrent, line.size);
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        line.delete(take);
        reject(cancellationError(signal, `The call to "${name}"`));
      };
      // The place is handed on, not given back, so that nobody comes in between.
      const take = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      line.add(take);
      signal.addEventListener('abort', leave, { once: true });
    });
  };
  const leave = (): void => {
    const [next] = line;
    if (next === undefined) {
      running--;
      return;
    }
    line.delete(next);
    next();
  };

  return {
    get running() {
      return running;
    },
    get waiting() {
      return line.size;
    },
    execute: async (operation, { signal = neverAborted } = {}) => {
      await enter(signal);
      try {
        return await operation(signal);
      } finally {
        leave();
      }
    },
  };
}

function full(name: string, maxConcurrent: number, waiting: number): GomindError {
  return withoutStack(
    () =>
      new GomindError({
        code: 'BULKHEAD_FULL',
        message: `The call to "${name}" was refused: ${String(maxConcurrent)} calls are at work and ${String(waiting)} wait. Try again later, or raise maxConcurrent or maxWaiting.`,
        isRetryable: true,
        details: { dependency: name, maxConcurrent, waiting },
      }),
  );
}

function refuseUnless(isAccepted: boolean, name: string, complaint: string): void {
  if (isAccepted) return;
  throw new GomindError({ code: 'CONFIG_INVALID', message: `Bulkhead "${name}": ${complaint}.`, details: { name } });
}
