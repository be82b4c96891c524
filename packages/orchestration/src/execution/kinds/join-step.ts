/**
 * The kind of step that gathers a group: its output maps each child to its output.
 *
 * A group of parallel steps, or of the branches of a condition, is flattened into the plan, with one join step under the
 * group's name. Children that were skipped, or that failed and may, are left out.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { PlanStep } from '../../plan/routing-plan.ts';
import { setOwn } from '../run/own-keys.ts';
import type { StepContext, StepHandler } from '../step-handler.ts';

/** Makes the handler of `join` steps. `config.children` names the group; without it, all dependencies are the group. */
export function createJoinStepHandler(): StepHandler {
  return {
    kind: 'join',
    takesSlot: false,
    run: (step, context) => Promise.resolve(gather(step, context)),
  };
}

function gather(step: PlanStep, { scope }: StepContext): Record<string, unknown> {
  const gathered: Record<string, unknown> = {};
  for (const child of childrenOf(step)) {
    const end = scope.steps?.[child];
    if (typeof end === 'object' && end !== null && 'output' in end) setOwn(gathered, child, end.output);
  }
  return gathered;
}

function childrenOf(step: PlanStep): readonly string[] {
  const children = step.config?.['children'] ?? step.dependsOn;
  if (Array.isArray(children) && children.every((child) => typeof child === 'string')) return children;
  throw new GomindError({
    code: 'BAD_STEP_KIND',
    message: `config.children of the join step "${step.name}" must be a list of step names.`,
  });
}
