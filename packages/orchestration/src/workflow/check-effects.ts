/**
 * Keys that are right but do nothing where they stand: those of a later part of the house, and those that a kind of step has no
 * use for. Whoever runs such a workflow is told.
 *
 * @module
 */
import type { Diagnostic } from '../plan/diagnostic.ts';
import { childrenOf, type WorkflowDefinition, type WorkflowStep, type WorkflowStepBase } from './definition.ts';

/** A key that does nothing, and its place in the workflow. */
export interface IneffectiveKey {
  readonly diagnostic: Diagnostic;
  readonly path: readonly (string | number)[];
}

type Path = readonly (string | number)[];

/** By the names that files use. */
const keysOfSteps = {
  inputs: 'inputs',
  for_each: 'forEach',
  retry: 'retry',
  timeout: 'timeoutMs',
  effect: 'effect',
  cache: 'cache',
  artifact: 'artifact',
} as const satisfies Readonly<Record<string, keyof WorkflowStepBase>>;

type StepKey = keyof typeof keysOfSteps;

const unusedByGroups: readonly StepKey[] = ['inputs', 'for_each', 'retry', 'timeout', 'effect', 'cache', 'artifact'];
const unusedBy: Readonly<Partial<Record<WorkflowStep['kind'], readonly StepKey[]>>> = {
  parallel: unusedByGroups,
  if: unusedByGroups,
  switch: unusedByGroups,
  wait: ['inputs', 'retry', 'effect', 'cache', 'artifact'],
  approval: ['retry', 'effect', 'cache', 'artifact'],
  'ai-routing': ['effect', 'cache', 'artifact'],
  workflow: ['retry', 'effect'],
};

/**
 * The keys of a workflow that do nothing, as warnings `NO_EFFECT`; one that would change what runs (`for_each` over a group) is an
 * error.
 *
 * @param workflow a definition
 */
export function findIneffectiveKeys(workflow: WorkflowDefinition): IneffectiveKey[] {
  const found: IneffectiveKey[] = [];
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
    collect(steps, [key], found);
  }
  return found;
}

function collect(steps: readonly WorkflowStep[], path: Path, found: IneffectiveKey[]): void {
  for (const [index, step] of steps.entries()) {
    const place = [...path, index];
    if (step.compensate !== undefined) {
      const message = `Step "${step.name}": "compensate" takes effect with durable runs. Until then nothing undoes this step.`;
      found.push(finding(step, [...place, 'compensate'], message));
    }
    for (const key of unusedBy[step.kind] ?? []) {
      if (isGiven(step, key)) found.push(finding(step, [...place, key], describe(step, key)));
    }
    for (const { path: below, steps: inner } of childrenOf(step)) collect(inner, [...place, ...below], found);
  }
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
    advice = 'Give it to the steps inside, or put them into a workflow of their own and call that with "workflow".';
  } else if (step.kind === 'workflow' && key === 'retry') {
    advice = 'What has happened must not happen twice: give it to the steps of that workflow.';
  }
  return `Step "${step.name}": "${key}" does nothing for ${kind} steps. ${advice}`;
}

function finding(step: WorkflowStep, path: Path, message: string): IneffectiveKey {
  const severity = path.at(-1) === 'for_each' ? 'error' : 'warning';
  return { diagnostic: { code: 'NO_EFFECT', severity, message, step: step.name, path: path.join('.') }, path };
}
