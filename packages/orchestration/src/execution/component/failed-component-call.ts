/**
 * A failed component step as `recovery/` looks at it: with its capability, its effect, and what the steps before it returned.
 *
 * @module
 */
import type { Capability, EffectClass } from '@gomind/core';
import type { PlanStep } from '../../plan/routing-plan.ts';
import type { FailedCall } from '../../recovery/failed-call.ts';
import type { FailedStep } from '../step-handler.ts';

/**
 * The failed call of a component step.
 *
 * @param failed the step's call
 * @param step as it was called
 * @param called what is known of the capability; undefined when its component is gone
 */
export function failedCallOf(
  failed: FailedStep,
  step: PlanStep,
  called: { readonly capability: Capability | undefined; readonly effect: EffectClass },
): FailedCall {
  const { scope, ...call } = failed;
  const { component = '', action = '', dependsOn } = step;
  return {
    ...call,
    ...called,
    component,
    action,
    sources: outputsIn(scope.steps ?? {}, dependsOn),
    secrets: Object.values(scope.secrets ?? {}).filter((secret) => typeof secret === 'string'),
  };
}

/** Outputs of completed steps, those of dependencies last: they matter most where there is not room for all. */
function outputsIn(
  steps: Readonly<Record<string, unknown>>,
  dependsOn: readonly string[],
): Readonly<Record<string, unknown>> {
  const outputs = Object.entries(steps).flatMap(([name, step]) =>
    typeof step === 'object' && step !== null && 'output' in step && step.output !== undefined
      ? [{ name, output: step.output, isDependency: dependsOn.includes(name) }]
      : [],
  );
  const ordered = [...outputs.filter((one) => !one.isDependency), ...outputs.filter((one) => one.isDependency)];
  return Object.fromEntries(ordered.map(({ name, output }) => [name, output]));
}
