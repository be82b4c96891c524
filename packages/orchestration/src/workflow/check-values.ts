/**
 * What a file says that no run could ever use: an item outside of a list, and a list that is text.
 *
 * @module
 */
import { collectExpressions, type FoundExpression } from '../plan/expressions/collect-references.ts';
import { mayHoldExpressions } from '../plan/expressions/may-hold-expressions.ts';
import { childrenOf, type WorkflowDefinition, type WorkflowStep } from './definition.ts';
import type { WorkflowFinding } from './workflow-finding.ts';

/** Everything of this kind that is wrong with a workflow. */
export function findUnusableValues(workflow: WorkflowDefinition): WorkflowFinding[] {
  return [...findStrayItems(workflow), ...findTextsAsLists(workflow)];
}

/** `${item}` and `${index}` have a value only where `for_each` says of what. */
function findStrayItems(workflow: WorkflowDefinition): WorkflowFinding[] {
  return partsOf(workflow).flatMap(([part, steps]) => strayItems(steps, [part]));
}

function strayItems(steps: readonly WorkflowStep[], place: readonly (string | number)[]): WorkflowFinding[] {
  return steps.flatMap((step, index) => {
    if (step.forEach !== undefined) return [];
    const path = [...place, index];
    return [
      ...collectExpressions(step.inputs)
        .filter(isStrayItem)
        .map(({ source, at }) => strayItem(step, source, [...path, 'inputs', ...(at === '' ? [] : at.split('.'))])),
      ...childrenOf(step).flatMap((group) => strayItems(group.steps, [...path, ...group.path])),
    ];
  });
}

/** CEL's macros name an item of their own: `list.filter(item, item.isPaid)`. */
const namesItem = /\(\s*(?:item|index)\s*,/;

function isStrayItem({ source, paths }: FoundExpression): boolean {
  return !namesItem.test(source) && paths.some(({ root }) => root === 'item' || root === 'index');
}

function strayItem(step: WorkflowStep, source: string, path: readonly (string | number)[]): WorkflowFinding {
  const message = `Step "${step.name}" refers to \${${source}}, but there are items only where a step has "for_each".`;
  return { diagnostic: { code: 'DANGLING_REFERENCE', severity: 'error', message, step: step.name }, path };
}

function findTextsAsLists(workflow: WorkflowDefinition): WorkflowFinding[] {
  return partsOf(workflow).flatMap(([part, steps]) => textsAsLists(steps, [part]));
}

function textsAsLists(steps: readonly WorkflowStep[], place: readonly (string | number)[]): WorkflowFinding[] {
  return steps.flatMap((step, index) => {
    const path = [...place, index];
    const inner = childrenOf(step).flatMap((group) => textsAsLists(group.steps, [...path, ...group.path]));
    const items = step.forEach?.items;
    if (typeof items !== 'string' || mayHoldExpressions(items)) return inner;
    const message = `Step "${step.name}": "for_each" is text, which is no list. For an expression write \${${items.trim()}}.`;
    return [
      { diagnostic: { code: 'BAD_VALUE', severity: 'error', message, step: step.name }, path: [...path, 'for_each'] },
      ...inner,
    ];
  });
}

function partsOf(workflow: WorkflowDefinition): readonly (readonly [string, readonly WorkflowStep[]])[] {
  return [
    ['steps', workflow.steps],
    ['on_failure', workflow.onFailure],
    ['finally', workflow.finally],
  ];
}
