/**
 * Stops calling what keeps failing. `CooldownBreaker` (core) is the built-in twin; `@gomind/resilience` has the full one.
 *
 * @module
 */

/** `closed` lets calls pass, `open` refuses them, `half-open` admits a few probes. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** Options of one guarded call. */
export interface CircuitCallOptions {
  /** Aborting it aborts the operation's own signal and counts neither as success nor as failure. */
  readonly signal?: AbortSignal;
}

/** Guards one dependency. */
export interface CircuitBreaker {
  readonly name: string;
  readonly state: CircuitState;
  /**
   * Runs the operation if the circuit admits it.
   *
   * @param operation receives a signal that aborts on timeout and on cancellation
   * @throws GomindError `CIRCUIT_OPEN` (retryable) when the call was not admitted, with `details.retryAfterMs` and, while probes
   *   are at work, `details.state: 'half-open'`; else what the operation threw
   */
  execute<T>(operation: (signal: AbortSignal) => Promise<T>, options?: CircuitCallOptions): Promise<T>;
  /** Frees timers; later calls run unguarded. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How a state is shown where only a number can be: the gauge `gomind.breaker.state`. */
export const circuitStateNumber: Readonly<Record<CircuitState, number>> = { closed: 0, 'half-open': 1, open: 2 };

/** The signal of a call that nothing can end early. */
export const neverAborted: AbortSignal = new AbortController().signal;

/** A breaker that admits everything. */
export const passThroughBreaker: CircuitBreaker = {
  name: 'pass-through',
  state: 'closed',
  execute: async (operation, options) => operation(options?.signal ?? neverAborted),
  close: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
