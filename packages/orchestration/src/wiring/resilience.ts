/**
 * Puts circuit breakers around everything that an orchestrator or an engine calls.
 *
 * @module
 */
import type { CircuitBreaker, Clock, Logger, Telemetry } from '@gomind/core';
import type { ComponentCatalog } from '../capabilities/component-catalog.ts';
import { CircuitBreakers } from '../execution/breakers/circuit-breakers.ts';

/** The part of the dependencies that is about resilience. */
export interface ResilienceDependencies {
  /**
   * Makes the circuit breaker of one component (called by the component's name) or model provider (`model:openai`) when it is
   * first used; closed with the orchestrator. `() => passThroughBreaker` leaves it to a service mesh. Default: a
   * `CooldownBreaker`, which five failures in a row open for 30 s.
   */
  readonly breaker?: (name: string) => CircuitBreaker;
}

/**
 * Makes the breakers.
 *
 * @param dependencies what the application injects
 */
export function breakersFor(
  { breaker }: ResilienceDependencies,
  parts: { readonly clock: Clock; readonly logger: Logger; readonly telemetry: Telemetry },
): CircuitBreakers {
  return new CircuitBreakers({ make: breaker, ...parts });
}

/**
 * A component that is left alone begins with a new breaker when an instance of it is registered, and who waited for the old one is
 * told. Not only its first instance: one that was killed comes back beside its own record of before.
 */
export function followRegistry(breakers: CircuitBreakers, catalog: ComponentCatalog): void {
  catalog.onInstance((component) => {
    breakers.renew(component);
  });
  catalog.onChange(({ type, component }) => {
    if (type === 'component.down') breakers.forget(component);
  });
}
