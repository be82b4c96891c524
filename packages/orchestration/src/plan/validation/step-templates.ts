/**
 * The parts of a step that may hold `${...}`.
 *
 * @module
 */
import type { PlanStep } from '../routing-plan.ts';

/**
 * Values with expressions, each with the key it stands under. Conditions are not among them: they are CEL as a whole.
 *
 * @param step any step
 */
export function templatesOf(step: PlanStep): readonly (readonly [part: string, value: unknown])[] {
  if (step.inputsFrom === undefined && step.config === undefined && step.forEach === undefined)
    return [['inputs', step.inputs]];
  return [
    ['inputs', step.inputs],
    ['inputs', step.inputsFrom],
    // A nested plan is proved on its own: its references are to its own steps.
    ['config', step.kind === 'plan' ? undefined : step.config],
    ['for_each', step.forEach?.items],
  ];
}
