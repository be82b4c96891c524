/**
 * Remembers that a provider is unwell: after a failure it is left alone for a moment, after further ones for longer.
 *
 * @module
 */
import {
  type CircuitBreaker,
  type CircuitCallOptions,
  type CircuitState,
  type Clock,
  CooldownBreaker,
} from '@gomind/core';
import { cooldownAfter, isUnwell } from './failover-policy.ts';

/** The chain's own breaker for one provider. The first call after a pause is a probe; the others are refused meanwhile. */
export class ProviderMemory implements CircuitBreaker {
  readonly name: string;
  readonly #breaker: CooldownBreaker;
  #failuresInARow = 0;

  /** @param longestMs longest pause in milliseconds; what does not heal by itself gets ten times as long */
  constructor(name: string, longestMs: number, clock: Clock) {
    this.name = name;
    this.#breaker = new CooldownBreaker({
      name,
      failureThreshold: 1,
      cooldownMs: (error) => cooldownAfter(error, ++this.#failuresInARow, longestMs),
      // The client has a deadline of its own.
      timeoutMs: Number.POSITIVE_INFINITY,
      isFailure: isUnwell,
      clock,
    });
  }

  get state(): CircuitState {
    return this.#breaker.state;
  }

  async execute<T>(operation: (signal: AbortSignal) => Promise<T>, options?: CircuitCallOptions): Promise<T> {
    const result = await this.#breaker.execute(operation, options);
    this.#failuresInARow = 0;
    return result;
  }

  close(): Promise<void> {
    return this.#breaker.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
