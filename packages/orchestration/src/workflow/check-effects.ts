/**
 * Keys that are right but do nothing where they stand: those of a later part of the house, and those that a kind of step has no
 * use for. Whoever runs such a workflow is told.
 *
 * @module
 */
import { childrenOf, type WorkflowDefinition, type WorkflowStep, type WorkflowStepBase } from './definition.ts';
import { isWholeGroup } from './whole-group.ts';
import type { WorkflowFinding } from './workflow-finding.ts';

type Path = WorkflowFinding['path'];

/** By the names that files use. */
const keysOfSteps = {
  inputs: 'inputs',
  retry: 'retry',
  timeout: 'timeoutMs',
  effect: 'effect',
  cache: 'cache',
  artifact: 'artifact',
} as const satisfies Readonly<Record<string, keyof WorkflowStepBase>>;

type StepKey = keyof typeof keysOfSteps;

const unusedBy: Readonly<Partial<Record<WorkflowStep['kind'], readonly StepKey[]>>> = {
  wait: ['inputs', 'retry', 'effect', 'cache', 'artifact'],
  approval: ['retry', 'effect', 'cache', 'artifact'],
  'ai-routing': ['effect', 'cache', 'artifact'],
  workflow: ['retry', 'effect'],
};

/**
 * The keys of a workflow that do nothing, as warnings `NO_EFFECT`.
 *
 * @param workflow a definition
 */
export function findIneffectiveKeys(workflow: WorkflowDefinition): WorkflowFinding[] {
  const found: WorkflowFinding[] = [];
  if (workflow.triggers.length > 0) {
    const message = '"triggers" take effect on a server. Started by hand, the workflow runs once, now.';
    found.push({
      diagnostic: { code: 'NO_EFFECT', severity: 'warning', message, path: 'triggers' },
      path: ['triggers'],
    });
  }
  for (const [key, steps] of [
    ['steps', workflow.steps],
    ['on_failure', workflow.onFailure],
    ['finally', workflow.finally],
  ] as const) {
    collect(steps, { path: [key], isRepeated: false }, found);
  }
  return found;
}

/** Where steps stand, and whether a group around them may run again: that asks for the effect of each. */
interface Place {
  readonly path: Path;
  readonly isRepeated: boolean;
}

function collect(steps: readonly WorkflowStep[], { path, isRepeated }: Place, found: WorkflowFinding[]): void {
  for (const [index, step] of steps.entries()) {
    const place = [...path, index];
    if (step.compensate !== undefined) {
      const message = `Step "${step.name}": "compensate" takes effect with durable runs. Until then nothing undoes this step.`;
      found.push(finding(step, [...place, 'compensate'], message));
    }
    for (const key of unusedKeysOf(step)) {
      if (key === 'effect' && isRepeated && isAskedForEffect(step)) continue;
      if (isGiven(step, key)) found.push(finding(step, [...place, key], describe(step, key)));
    }
    for (const { path: below, steps: inner } of childrenOf(step)) {
      collect(inner, { path: [...place, ...below], isRepeated: isRepeated || step.retry !== undefined }, found);
    }
  }
}

/** A group that is flattened leaves no step of its own that could be asked. */
function isAskedForEffect(step: WorkflowStep): boolean {
  return childrenOf(step).length === 0 || isWholeGroup(step);
}

function unusedKeysOf(step: WorkflowStep): readonly StepKey[] {
  if (childrenOf(step).length === 0) return unusedBy[step.kind] ?? [];
  // The effect of a group says whether it may run again.
  return step.retry === undefined ? ['inputs', 'effect'] : ['inputs'];
}

function isGiven(step: WorkflowStep, key: StepKey): boolean {
  const value = step[keysOfSteps[key]];
  return key === 'inputs' ? typeof value === 'string' || Object.keys(value ?? {}).length > 0 : value !== undefined;
}

function describe(step: WorkflowStep, key: StepKey): string {
  const hasChildren = childrenOf(step).length > 0;
  const kind = step.kind === 'parallel' || step.kind === 'ai-routing' ? step.kind : `"${step.kind}"`;
  let advice = 'Leave it out.';
  if (hasChildren) {
    advice = 'Give it to the steps inside.';
  } else if (step.kind === 'workflow' && key === 'retry') {
    advice = 'What has happened must not happen twice: give it to the steps of that workflow.';
  }
  return `Step "${step.name}": "${key}" does nothing for ${kind} steps. ${advice}`;
}

function finding(step: WorkflowStep, path: Path, message: string): WorkflowFinding {
  return {
    diagnostic: { code: 'NO_EFFECT', severity: 'warning', message, step: step.name, path: path.join('.') },
    path,
  };
}
