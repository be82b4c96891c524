/**
 * The public names of `@gomind/resilience`.
 *
 * @module
 */
export { createCircuitBreaker } from './circuit-breaker/circuit-breaker.ts';
export type { OperableCircuitBreaker } from './circuit-breaker/circuit-breaker.ts';
export type { CircuitBreakerOptions } from './circuit-breaker/circuit-breaker-options.ts';
export type { MetricRecorder } from './circuit-breaker/metric-recorder.ts';
export { createFleetCircuitBreaker } from './fleet/fleet-circuit-breaker.ts';
export type { FleetCircuitBreakerOptions } from './fleet/fleet-circuit-breaker.ts';
export { isServiceFailure } from '@gomind/core';
export type { CircuitStateChange, CircuitStateChangeReason } from './circuit-breaker/state-change.ts';

// Policies
export { wrap } from './policies/wrap.ts';
export type { WrapOptions } from './policies/wrap.ts';
export { createRetries } from './policies/retries.ts';
export type { RetriesOptions } from './policies/retries.ts';
export { createTimeout } from './policies/timeout.ts';
export type { TimeoutPolicyOptions } from './policies/timeout.ts';
export { createBulkhead } from './policies/bulkhead.ts';
export type { Bulkhead, BulkheadOptions } from './policies/bulkhead.ts';
export { createAdaptiveConcurrency } from './policies/adaptive-concurrency.ts';
export type { AdaptiveConcurrency, AdaptiveConcurrencyOptions } from './policies/adaptive-concurrency.ts';
export { createHedge } from './policies/hedge.ts';
export type { HedgeOptions } from './policies/hedge.ts';
export type { Policy } from './policies/policy.ts';
