/**
 * Groups that run as a whole: those that say something that only a call can have (a deadline, a retry, a list of items, a cache,
 * an artifact). All others are flattened into the graph around them.
 *
 * @module
 */
import { printPath } from '../plan/expressions/parse-path.ts';
import type { AbsentStep } from '../plan/validation/plan-validation.ts';
import { childrenOf, type WorkflowDefinition, type WorkflowStep } from './definition.ts';

const keysOfWhole = ['forEach', 'retry', 'timeoutMs', 'cache'] as const;

/** Whether a step holds others and runs as a whole, as a plan of its own. */
export function isWholeGroup(step: WorkflowStep): boolean {
  const isWhole = step.artifact === true || keysOfWhole.some((key) => step[key] !== undefined);
  return isWhole && childrenOf(step).length > 0;
}

/** Names of steps that stand in one graph: those inside flattened groups as well, those inside groups that run as a whole not. */
export function namesInGraph(steps: readonly WorkflowStep[]): string[] {
  return steps.flatMap((step) => [
    step.name,
    ...(isWholeGroup(step) ? [] : namesInGraph(childrenOf(step).flatMap((child) => child.steps))),
  ]);
}

/**
 * Why a step cannot be referred to from everywhere: it belongs to a group that runs as a whole.
 *
 * @returns looks up by name; of a step inside several such groups, the innermost is told
 */
export function explainHidden(workflow: WorkflowDefinition): (name: string) => AbsentStep | undefined {
  const groups = new Map<string, WorkflowStep>();
  const collect = (steps: readonly WorkflowStep[], group: WorkflowStep | undefined): void => {
    for (const step of steps) {
      if (group !== undefined) groups.set(step.name, group);
      const inner = isWholeGroup(step) ? step : group;
      for (const child of childrenOf(step)) collect(child.steps, inner);
    }
  };
  for (const part of ['steps', 'onFailure', 'finally'] as const) collect(workflow[part], undefined);
  return (name) => {
    const group = groups.get(name);
    return group === undefined ? undefined : describe(name, group);
  };
}

function describe(name: string, group: WorkflowStep): AbsentStep {
  const at = group.forEach === undefined ? [] : [0];
  const output = printPath({ root: 'steps', keys: [group.name, 'output', ...at, name] });
  const list = group.forEach === undefined ? '' : ', for the first item';
  return {
    because: `"${name}" is inside the group "${group.name}", which runs as a whole: outside of it, its output is \${${output}}${list}`,
    waitFor: group.name,
  };
}
