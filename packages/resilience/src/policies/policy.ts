/**
 * What all policies have in common: they run an operation, in their own way. A circuit breaker is one too.
 *
 * @module
 */
import type { CircuitCallOptions } from '@gomind/core';

/** Runs operations under a rule. */
export interface Policy {
  /**
   * Runs the operation, perhaps later, again, twice or not at all.
   *
   * @param operation receives a signal that aborts when its result is no longer wanted
   */
  execute<T>(operation: (signal: AbortSignal) => Promise<T>, options?: CircuitCallOptions): Promise<T>;
}
