/**
 * From what is said of a step in TypeScript to its part of a definition.
 *
 * @module
 */
import { GomindError, parseDurationMs } from '@gomind/core';
import type { ForEach } from '../../plan/routing-plan.ts';
import type { WorkflowStepBase } from '../definition.ts';
import type { BuilderScope, StepOptions } from './builder-types.ts';
import { lowerReferences, makeReference } from './reference.ts';

/** The scope that bindings are called with; its references are made when they are read. */
export function builderScope<Inputs, Steps>(): BuilderScope<Inputs, Steps> {
  return {
    inputs: makeReference('inputs'),
    steps: makeReference('steps') as unknown as Steps,
    item: makeReference('item'),
    index: makeReference('index'),
    env: makeReference('env'),
    secrets: makeReference('secrets'),
  };
}

/**
 * What every kind of step says.
 *
 * @param inputs values, references, or a function of the scope that returns such
 * @throws GomindError `BAD_TIMEOUT` for a duration that cannot be read
 */
export function baseOf<Inputs, Steps>(
  name: string,
  inputs: unknown,
  options: StepOptions<Inputs, Steps> = {},
): WorkflowStepBase {
  const scope = builderScope<Inputs, Steps>();
  const bound: unknown = typeof inputs === 'function' ? (inputs as (scope: unknown) => unknown)(scope) : inputs;
  const { description, dependsOn, when, forEach, retry, timeout, onError, effect, compensate, cache, artifact } =
    options;
  return {
    name,
    dependsOn: [...new Set(dependsOn ?? [])],
    inputs: (lowerReferences(bound) ?? {}) as WorkflowStepBase['inputs'],
    ...(description === undefined ? {} : { description }),
    ...(when === undefined ? {} : { when: typeof when === 'string' ? when : when(scope) }),
    ...(forEach === undefined ? {} : { forEach: forEachOf(forEach, scope) }),
    ...(retry === undefined ? {} : { retry }),
    ...(timeout === undefined ? {} : { timeoutMs: durationOf(timeout, `the timeout of step "${name}"`) }),
    ...(onError === undefined ? {} : { onError }),
    ...(effect === undefined ? {} : { effect }),
    ...(compensate === undefined ? {} : { compensate }),
    ...(cache === undefined ? {} : { cache: cacheOf(cache, name) }),
    ...(artifact === true ? { artifact } : {}),
  };
}

function forEachOf<Inputs, Steps>(
  forEach: NonNullable<StepOptions<Inputs, Steps>['forEach']>,
  scope: BuilderScope<Inputs, Steps>,
): ForEach {
  if (typeof forEach === 'function') return { items: lowerReferences(forEach(scope)) };
  return { ...forEach, items: lowerReferences(forEach.items) };
}

function cacheOf(
  cache: NonNullable<StepOptions<unknown, unknown>['cache']>,
  name: string,
): NonNullable<WorkflowStepBase['cache']> {
  const { ttl, ...rest } = typeof cache === 'object' ? cache : { ttl: cache };
  return { ttlMs: durationOf(ttl, `the cache of step "${name}"`), ...rest };
}

function durationOf(value: string | number, what: string): number {
  const durationMs = parseDurationMs(value);
  if (durationMs !== undefined && durationMs > 0) return durationMs;
  throw new GomindError({
    code: 'BAD_TIMEOUT',
    message: `${JSON.stringify(value)} is no duration for ${what}. Write "250ms", "30s", "5m", or milliseconds above 0.`,
  });
}
