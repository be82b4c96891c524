/**
 * What a request is told of components that are not offered because their circuits are open.
 *
 * @module
 */
import type { ComponentInfo } from '@gomind/core';
import type { CircuitBreakers } from '../execution/breakers/circuit-breakers.ts';
import type { RunError } from '../plan/execution-result.ts';
import type { Planner } from '../planning/planner.ts';

/** Whether a plan could call anything. */
export function isAnyCallable(offered: readonly ComponentInfo[]): boolean {
  return offered.some((component) => component.capabilities.some((capability) => capability.internal !== true));
}

/** Names of components that were found and are not offered. */
export function namesLeftOut(found: readonly ComponentInfo[], offered: readonly ComponentInfo[]): readonly string[] {
  if (found === offered) return [];
  const names = new Set(offered.map(({ name }) => name));
  return found.filter(({ name }) => !names.has(name)).map(({ name }) => name);
}

/** The sentence that says who is missing and why; undefined when nobody is. */
export function aboutLeftAlone(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `Left alone for now after too many failures: ${names.join(', ')}.`;
}

/** The error of a request for which everybody is left alone. */
export function allLeftAlone(names: readonly string[]): RunError {
  return {
    code: 'CIRCUIT_OPEN',
    message: `Nobody who could help can be called right now. ${aboutLeftAlone(names) ?? ''} Try again later.`,
    isRetryable: true,
  };
}

/** The same planner, which is not shown who has failed too often meanwhile. */
export function withoutOpenCircuits(planner: Planner, breakers: CircuitBreakers): Planner {
  return { plan: (request, offered, options) => planner.plan(request, breakers.available(offered), options) };
}
