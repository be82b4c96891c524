/**
 * Which effects a plan for the rest of a run may have: only those that the first plan had and that have surely not happened.
 *
 * @module
 */
import type { ComponentInfo, EffectClass } from '@gomind/core';
import type { ExecutionResult } from '../plan/execution-result.ts';
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';

/** How often each capability that is not pure may be called, by `component.action`. */
export type RemainingEffects = ReadonlyMap<string, number>;

const nameOf = ({ component = '', action = '' }: PlanStep): string => `${component}.${action}`;

/** What a component declares; a plan's own word does not count here. */
function effectOf(step: PlanStep, offered: readonly ComponentInfo[]): EffectClass {
  const component = offered.find(({ name }) => name === step.component);
  return component?.capabilities.find(({ name }) => name === step.action)?.effect ?? 'irreversible';
}

/**
 * The effects that are left of a plan.
 *
 * @param plan the first plan
 * @param result what came of it
 * @param offered the components it could use
 */
export function remainingEffects(
  plan: RoutingPlan,
  result: ExecutionResult,
  offered: readonly ComponentInfo[],
): RemainingEffects {
  const left = new Map<string, number>();
  for (const step of plan.steps) {
    if (effectOf(step, offered) === 'pure' || step.forEach !== undefined) continue;
    const end = result.steps[step.name];
    const hasNotHappened =
      end?.attempts === 0 || (end?.status === 'failed' && end.error?.details?.['hasEffect'] === false);
    if (hasNotHappened) left.set(nameOf(step), (left.get(nameOf(step)) ?? 0) + 1);
  }
  return left;
}

/** The components with only what is pure or left. */
export function offerOnly(offered: readonly ComponentInfo[], left: RemainingEffects): ComponentInfo[] {
  return offered.flatMap((component) => {
    const capabilities = component.capabilities.filter(
      ({ name, effect }) => effect === 'pure' || left.has(`${component.name}.${name}`),
    );
    return capabilities.length === 0 ? [] : [{ ...component, capabilities }];
  });
}

/** The first step of a plan whose effect the first plan did not have, or not as often. */
export function findNewEffect(
  plan: RoutingPlan,
  left: RemainingEffects,
  offered: readonly ComponentInfo[],
): PlanStep | undefined {
  const open = new Map(left);
  return plan.steps.find((step) => {
    if (effectOf(step, offered) === 'pure') return false;
    const count = open.get(nameOf(step)) ?? 0;
    open.set(nameOf(step), count - 1);
    return count <= 0 || step.forEach !== undefined;
  });
}
