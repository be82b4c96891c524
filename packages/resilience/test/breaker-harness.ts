/**
 * One breaker with its time, so that the same cases run on ours and, as a control, on bare opossum.
 *
 * @module
 */
import { type CircuitBreaker, type CircuitState, GomindError } from '@gomind/core';

/** The options that both breakers have. */
export interface HarnessOptions {
  readonly errorThreshold?: number;
  readonly volumeThreshold?: number;
  readonly windowMs?: number;
  readonly sleepWindowMs?: number;
  readonly halfOpenMax?: number;
  readonly timeoutMs?: number;
}

/** A breaker and the power to let time pass for it. */
export interface Harness {
  readonly breaker: CircuitBreaker;
  advance(ms: number): Promise<void>;
}

/** Makes a fresh harness. */
export type MakeHarness = (options?: HarnessOptions) => Harness;

/** What became of a call. */
export type CallResult =
  | { readonly kind: 'succeeded'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly error: GomindError }
  | { readonly kind: 'failed'; readonly error: unknown };

/** A call whose operation settles when the test says so. */
export interface HeldCall {
  readonly result: Promise<CallResult>;
  /** The signal that the operation received; undefined when the call was not admitted. */
  readonly signal: AbortSignal | undefined;
  resolve(value?: unknown): void;
  reject(error: unknown): void;
}

/** Runs a call and says what became of it; never rejects. */
export async function call(
  harness: Harness,
  operation: (signal: AbortSignal) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<CallResult> {
  try {
    const value = await harness.breaker.execute(operation, signal === undefined ? {} : { signal });
    return { kind: 'succeeded', value };
  } catch (error) {
    return GomindError.isInstance(error, 'CIRCUIT_OPEN') ? { kind: 'refused', error } : { kind: 'failed', error };
  }
}

/** A call that succeeds at once. */
export function succeed(harness: Harness): Promise<CallResult> {
  return call(harness, () => Promise.resolve('value'));
}

/** A call that fails at once. */
export function fail(harness: Harness, error: Error = new Error('connection reset')): Promise<CallResult> {
  return call(harness, () => Promise.reject(error));
}

/** Fails so often that the circuit opens. */
export async function trip(harness: Harness, failures = 10): Promise<void> {
  for (let count = 0; count < failures; count++) await fail(harness);
}

/** Starts a call that waits for the test. An abort of the caller's signal, or of the operation's, does not settle it. */
export function hold(harness: Harness, signal?: AbortSignal): HeldCall {
  let resolve: (value: unknown) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  let received: AbortSignal | undefined;
  const outcome = new Promise<unknown>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  const result = call(
    harness,
    (operationSignal) => {
      received = operationSignal;
      return outcome;
    },
    signal,
  );
  return {
    result,
    get signal() {
      return received;
    },
    resolve,
    reject,
  };
}

/** Lets everything that is ready go on, without time passing. */
export function settle(harness: Harness): Promise<void> {
  return harness.advance(0);
}

/** The state, past the type checker's memory of an earlier look. */
export function stateOf(harness: Harness): CircuitState {
  return harness.breaker.state;
}
