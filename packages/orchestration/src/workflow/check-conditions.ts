/**
 * Conditions inside a group that runs as a whole: how a step outside ended is nothing that they could look at, because the group
 * would not have begun.
 *
 * @module
 */
import { analyseExpression, stepOf } from '../plan/expressions/collect-references.ts';
import { bareCondition } from '../plan/expressions/evaluate-condition.ts';
import type { PlanStep } from '../plan/routing-plan.ts';
import type { CompiledGroup, CompiledWorkflow } from './compile-workflow.ts';
import type { WorkflowFinding } from './workflow-finding.ts';

/** The conditions of a part of a workflow that belong to the group around their step. */
export function findBlindConditions(
  compiled: CompiledWorkflow,
  isToleratedAround: (name: string) => boolean = () => false,
): WorkflowFinding[] {
  if (compiled.groups.size === 0) return [];
  // Whose failure stops nobody.
  const forgiven = new Set(
    compiled.plan.steps.filter(({ onError = 'fail' }) => onError !== 'fail').map(({ name }) => name),
  );
  const isTolerated = (name: string): boolean => forgiven.has(name) || isToleratedAround(name);
  return [...compiled.groups].flatMap(([index, group]) => {
    const name = compiled.plan.steps[index]?.name ?? '';
    const inside = new Set(group.plan.steps.map((step) => step.name));
    const isSeen = (other: string): boolean => inside.has(other) || isTolerated(other);
    const own = group.plan.steps.flatMap((step, at) => {
      const seen = failureOutside(step, group, isSeen);
      if (seen === undefined) return [];
      const message = `Step "${step.name}": its condition asks whether ${seen} failed, but the group "${name}" around it runs as a whole, and not at all when a step that it waits for failed. Give the condition to the group.`;
      const path = [...(group.places[at] ?? []), 'when'];
      return [{ diagnostic: { code: 'BAD_CONDITION', severity: 'error' as const, message, step: step.name }, path }];
    });
    return [...own, ...findBlindConditions(group, isTolerated)];
  });
}

/**
 * Whose failure a condition asks for, outside of its group, as text. That a step was skipped, or completed, can be seen from inside
 * a group too.
 */
function failureOutside(step: PlanStep, group: CompiledGroup, isSeen: (name: string) => boolean): string | undefined {
  const { when } = step;
  if (when === undefined) return undefined;
  const asked = analyseExpression(bareCondition(when))
    .paths.filter(({ keys: [, member] }) => asksForFailure(when, member))
    .flatMap((path) => stepOf(path) ?? []);
  const waited = /\b(?:failed|always)\s*\(/.test(when) ? (group.waitsOutside.get(step.name) ?? []) : [];
  const first = [...asked, ...waited].find((name) => !isSeen(name));
  if (first !== undefined) return `"${first}"`;
  return /\bfailed\s*\(/.test(when) && step.dependsOn.length === 0 ? 'a step before the group' : undefined;
}

function asksForFailure(when: string, member: string | number | undefined): boolean {
  return member === 'error' || (member === 'status' && /['"]failed['"]/.test(when));
}
