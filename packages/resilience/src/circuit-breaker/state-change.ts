/**
 * What a circuit breaker tells of itself, delivered one after the other in the order it happened.
 *
 * @module
 */
import type { CircuitState, Logger } from '@gomind/core';

/**
 * Why the state changed.
 *
 * - `failure-rate`, `slow-call-rate`: too many of the window's calls failed, or were slow
 * - `sleep-over`: the sleep window ended and a probe was admitted
 * - `probe-succeeded`, `probe-failed`: what the probe found
 * - `probe-slow`: the probe succeeded, but took longer than `slowCallMs`
 * - `forced`: `forceOpen()`, `forceClose()` or `reset()` was called
 * - `fleet`: another process found the dependency down, or up again
 */
export type CircuitStateChangeReason =
  | 'failure-rate'
  | 'slow-call-rate'
  | 'sleep-over'
  | 'probe-succeeded'
  | 'probe-failed'
  | 'probe-slow'
  | 'forced'
  | 'fleet';

/** One change of state of one breaker. */
export interface CircuitStateChange {
  /** The breaker's name. */
  readonly name: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly reason: CircuitStateChangeReason;
}

/** Hands changes to one listener; what the listener throws, or causes while it runs, never reaches the guarded calls. */
export class StateChangeNotifier {
  /** Typed to return something, because a listener may well be an async function. */
  readonly #listener: (change: CircuitStateChange) => unknown;
  readonly #logger: Logger;
  readonly #waiting: CircuitStateChange[] = [];
  #isDelivering = false;

  constructor(listener: (change: CircuitStateChange) => unknown, logger: Logger) {
    this.#listener = listener;
    this.#logger = logger;
  }

  /** Delivers a change; one caused by the listener itself waits until the listener has returned. */
  notify(change: CircuitStateChange): void {
    this.#waiting.push(change);
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#deliver(next);
    this.#isDelivering = false;
  }

  #deliver(change: CircuitStateChange): void {
    try {
      const result = this.#listener(change);
      if (result instanceof Promise) result.catch(this.#report);
    } catch (error) {
      this.#report(error);
    }
  }

  readonly #report = (error: unknown): void => {
    this.#logger.error('The state change listener of a circuit breaker failed', { error });
  };
}
