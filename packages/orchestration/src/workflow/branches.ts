/**
 * The branches of conditions: which steps run when.
 *
 * @module
 */
import { bareCondition } from '../plan/expressions/evaluate-condition.ts';
import type { IfStep, SwitchStep, WorkflowStep } from './definition.ts';
import type { DocumentPath } from './yaml/locate.ts';

/** Steps that run where a condition holds. */
export interface Branch {
  /** Keys of the step that lead to them. */
  readonly path: DocumentPath;
  readonly condition: string;
  readonly steps: readonly WorkflowStep[];
}

/** The branches of a step, in the order of `childrenOf`. */
export function branchesOf(step: IfStep | SwitchStep): Branch[] {
  return step.kind === 'if' ? ifBranches(step) : switchBranches(step);
}

function ifBranches(step: IfStep): Branch[] {
  const condition = bareCondition(step.condition);
  return [
    { path: ['then'], condition, steps: step.then },
    { path: ['else'], condition: `!(${condition})`, steps: step.else },
  ];
}

function switchBranches(step: SwitchStep): Branch[] {
  const subject = `string(${bareCondition(step.subject)})`;
  const names = Object.keys(step.cases);
  return [
    ...Object.entries(step.cases).map(([name, steps]) => ({
      path: ['cases', name],
      condition: `${subject} == ${JSON.stringify(name)}`,
      steps,
    })),
    { path: ['default'], condition: `!(${subject} in ${JSON.stringify(names)})`, steps: step.default },
  ];
}

/** The condition that holds where both do. */
export function bothConditions(outer: string | undefined, inner: string | undefined): string | undefined {
  if (outer === undefined || inner === undefined) return outer ?? inner;
  return `(${bareCondition(outer)}) && (${bareCondition(inner)})`;
}
