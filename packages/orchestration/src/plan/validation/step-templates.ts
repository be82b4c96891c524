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
    ['config', configTemplates(step)],
    ['for_each', step.forEach?.items],
  ];
}

/** A nested plan is proved on its own: its references are to its own steps. */
function configTemplates({ kind, config }: PlanStep): unknown {
  if (kind !== 'plan' && kind !== 'group') return config;
  if (config === undefined || kind === 'plan') return undefined;
  const { plan: _plan, ...others } = config;
  return others;
}
