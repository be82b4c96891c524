/**
 * Bounds how many calls of one dependency are at work at once, so that a slow one cannot take everything along.
 *
 * @module
 */
import { CallGate, checkNames, GomindError, withoutStack, neverAborted } from '@gomind/core';
import type { Policy } from './policy.ts';

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
  checkNames('createBulkhead', options, ['name', 'maxConcurrent', 'maxWaiting']);
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
  const gate = new CallGate({ maxConcurrent, maxWaiting });
  return guardedBy(gate, name);
}

/** The bulkhead around a gate. */
export function guardedBy(gate: CallGate, name: string): Bulkhead {
  const what = `The call to "${name}"`;
  const refusal = (): GomindError => full(name, gate);
  return {
    get running() {
      return gate.running;
    },
    get waiting() {
      return gate.waiting;
    },
    execute: async (operation, { signal = neverAborted } = {}) => {
      await gate.enter({ signal, what, refusal });
      try {
        return await operation(signal);
      } finally {
        gate.leave();
      }
    },
  };
}

function full(name: string, { maxConcurrent, waiting }: CallGate): GomindError {
  return withoutStack(
    () =>
      new GomindError({
        code: 'BULKHEAD_FULL',
        message: `The call to "${name}" was refused: ${String(maxConcurrent)} calls are at work and ${String(waiting)} wait. Try again later, or raise maxConcurrent or maxWaiting.`,
        isRetryable: true,
        // Nothing was sent, so the call may be made again whatever it does.
        details: { dependency: name, maxConcurrent, waiting, hasEffect: false },
      }),
  );
}

/**
 * Refuses an option of a bulkhead, fixed or adaptive.
 *
 * @param complaint what is wrong, as a sentence without its full stop
 * @throws GomindError `CONFIG_INVALID` unless it is accepted
 */
export function refuseUnless(isAccepted: boolean, name: string, complaint: string): void {
  if (isAccepted) return;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `The bulkhead of "${name}": ${complaint}.`,
    details: { name },
  });
}
