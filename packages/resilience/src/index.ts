/**
 * The public names of `@gomind/resilience`.
 *
 * @module
 */
export { createCircuitBreaker } from './circuit-breaker/circuit-breaker.ts';
export type { OperableCircuitBreaker } from './circuit-breaker/circuit-breaker.ts';
export type { CircuitBreakerOptions } from './circuit-breaker/circuit-breaker-options.ts';
export { isServiceFailure } from './circuit-breaker/is-service-failure.ts';
export type { CircuitStateChange, CircuitStateChangeReason } from './circuit-breaker/state-change.ts';
