/**
 * What the outputs of a group follow from, so that they are used again only for the same: the steps inside, the workflows that they
 * call, and all that they refer to outside.
 *
 * @module
 */
import { canonicalJson, sha256Hex } from '@gomind/core';
import type { CauseOf } from '../../execution/step-extras.ts';
import { analyseExpression, collectExpressions, stepOf } from '../../plan/expressions/collect-references.ts';
import { bareCondition } from '../../plan/expressions/evaluate-condition.ts';
import { mayHoldExpressions } from '../../plan/expressions/may-hold-expressions.ts';
import { printPath, type ReferencePath } from '../../plan/expressions/parse-path.ts';
import type { ExpressionScope } from '../../plan/expressions/scope.ts';
import type { PlanStep, RoutingPlan } from '../../plan/routing-plan.ts';
import { templatesOf } from '../../plan/validation/step-templates.ts';
import type { GroupConfig } from './group-step.ts';
import { calledWorkflow, type WorkflowDigest } from './workflow-digest.ts';

interface Described {
  readonly what: string;
  readonly paths: readonly ReferencePath[];
  /** Workflows that are called, as the steps name them. */
  readonly workflows: readonly string[];
}

/** A group that runs for many items is looked through once. */
const described = new WeakMap<RoutingPlan, Described>();

/** What the outputs of a `group` step follow from; secrets are part of it, because who may see what decides too. */
export function causeOfGroup(digest: WorkflowDigest): CauseOf {
  return async (step, context) => {
    const { plan } = step.config as unknown as GroupConfig;
    const { what, paths, workflows } = descriptionOf(plan);
    const inputs = paths.flatMap((path) => {
      const value = valueAt(context.scope, path);
      return value === undefined ? [] : [[printPath(path), value] as const];
    });
    const called = workflows.length === 0 ? '' : `:${await digest(workflows, context)}`;
    return { what: `${what}${called}`, inputs };
  };
}

function descriptionOf(plan: RoutingPlan): Described {
  const known = described.get(plan);
  if (known !== undefined) return known;
  const paths = new Map<string, ReferencePath>();
  for (const path of pathsFromOutside(plan, false)) paths.set(printPath(path), path);
  const made = {
    what: `group:${sha256Hex(canonicalJson(plan))}`,
    paths: [...paths.values()],
    workflows: [...new Set(workflowsIn(plan))],
  };
  described.set(plan, made);
  return made;
}

/** A reference that is an expression is known only when its step runs. */
function workflowsIn({ steps }: RoutingPlan): string[] {
  return steps.flatMap((step) => {
    if (step.kind === 'group') return workflowsIn((step.config as unknown as GroupConfig).plan);
    const reference = calledWorkflow(step);
    return reference === undefined || mayHoldExpressions(reference) ? [] : [reference];
  });
}

/** @param hasItem whether `item` and `index` are those of a list inside the group */
function* pathsFromOutside(plan: RoutingPlan, hasItem: boolean): Generator<ReferencePath> {
  const own = new Set(plan.steps.map(({ name }) => name));
  for (const step of plan.steps) {
    for (const path of pathsOf(step, hasItem)) {
      const name = stepOf(path);
      if (name === undefined || !own.has(name)) yield path;
    }
  }
}

function* pathsOf(step: PlanStep, hasItem: boolean): Generator<ReferencePath> {
  const isItems = hasItem || step.forEach !== undefined;
  const isFree = ({ root }: ReferencePath, isBound: boolean): boolean =>
    !isBound || (root !== 'item' && root !== 'index');
  for (const [key, value] of templatesOf(step)) {
    // The list itself is found before there is an item of it.
    const isBound = key === 'for_each' ? hasItem : isItems;
    for (const { paths } of collectExpressions(value)) yield* paths.filter((path) => isFree(path, isBound));
  }
  if (step.when !== undefined)
    yield* analyseExpression(bareCondition(step.when)).paths.filter((path) => isFree(path, hasItem));
  if (step.kind === 'group') {
    const { plan } = step.config as unknown as GroupConfig;
    yield* [...pathsFromOutside(plan, isItems)];
  }
}

function valueAt(scope: ExpressionScope, { root, keys }: ReferencePath): unknown {
  let value: unknown = scope;
  for (const key of [root, ...keys]) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return value;
}
