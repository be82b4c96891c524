/**
 * What a workflow refers to, and where.
 *
 * @module
 */
import { analyseExpression, collectExpressions } from '../plan/expressions/collect-references.ts';
import { bareCondition } from '../plan/expressions/evaluate-condition.ts';
import type { ReferencePath } from '../plan/expressions/parse-path.ts';
import type { PlanStep } from '../plan/routing-plan.ts';
import { templatesOf } from '../plan/validation/step-templates.ts';
import { type CompiledWorkflow, compilePart } from './compile-workflow.ts';
import type { WorkflowDefinition } from './definition.ts';

/** A reference in a workflow. */
export interface FoundReference {
  /** Where it stands, as a path in the file. */
  readonly path: readonly (string | number)[];
  readonly reference: ReferencePath;
  /** The step of the plan that it belongs to; undefined for outputs and the concurrency group. */
  readonly step: PlanStep | undefined;
  /** Key of the step that it stands under. */
  readonly key?: string;
}

/** Every reference of a workflow. */
export function* referencesOf(workflow: WorkflowDefinition): Generator<FoundReference> {
  for (const part of ['steps', 'onFailure', 'finally'] as const) yield* referencesOfSteps(compilePart(workflow, part));
  for (const [name, { value }] of Object.entries(workflow.outputs)) {
    for (const { paths } of collectExpressions(value)) {
      for (const reference of paths) yield { path: ['outputs', name], reference, step: undefined };
    }
  }
  for (const { paths } of collectExpressions(workflow.concurrency?.group)) {
    for (const reference of paths) yield { path: ['concurrency'], reference, step: undefined };
  }
}

function* referencesOfSteps({ plan, places, groups }: CompiledWorkflow): Generator<FoundReference> {
  for (const [index, step] of plan.steps.entries()) {
    const place = places[index] ?? [];
    for (const [key, value] of templatesOf(step)) {
      for (const found of collectExpressions(value)) {
        const below = found.at === '' ? [] : found.at.split('.');
        // What a file says of a kind of step stands beside its other keys.
        const path = key === 'config' ? [...place, ...below] : [...place, key, ...below];
        for (const reference of found.paths) yield { path, reference, step, key };
      }
    }
    if (step.when !== undefined) {
      for (const reference of analyseExpression(bareCondition(step.when)).paths)
        yield { path: [...place, 'when'], reference, step, key: 'when' };
    }
    const group = groups.get(index);
    if (group !== undefined) yield* referencesOfSteps(group);
  }
}

/** Names of the inputs that a workflow refers to, declared or not. */
export function referencedInputs(workflow: WorkflowDefinition): Set<string> {
  const names = new Set<string>();
  for (const { reference } of referencesOf(workflow)) {
    if (reference.root === 'inputs' && reference.keys[0] !== undefined) names.add(String(reference.keys[0]));
  }
  return names;
}
