/**
 * What the outputs of workflows follow from, so that they are used again only for the same: what the workflows say, the variables
 * and secrets that they read, and the same of every workflow that they call, as it is found from there.
 *
 * @module
 */
import { canonicalJson, GomindError, sha256Hex } from '@gomind/core';
import type { StepContext } from '../../execution/step-handler.ts';
import { mayHoldExpressions } from '../../plan/expressions/may-hold-expressions.ts';
import { maxNesting, type PlanStep } from '../../plan/routing-plan.ts';
import { withChildren } from '../compile-workflow.ts';
import { type WorkflowDefinition, workflowsComponentName } from '../definition.ts';
import { type ScopeSources, scopeOf } from './workflow-scope.ts';

/**
 * Finds a workflow by registered name, `name@range`, or file.
 *
 * @param from the workflow whose step names it; undefined for a plan that is part of none
 */
export type LoadWorkflow = (reference: string, from: WorkflowDefinition | undefined) => Promise<WorkflowDefinition>;

/** A digest of workflows, by what a step calls them. */
export type WorkflowDigest = (references: readonly string[], context: StepContext) => Promise<string>;

const maxWorkflows = 1_000;

/**
 * Makes a digest of workflows and of all that they call. What cannot be found, or has no secrets, is for the run to tell, if it
 * comes that far.
 *
 * @param options where workflows, variables and secrets come from
 */
export function createWorkflowDigest(options: {
  readonly load: LoadWorkflow;
  readonly sources: ScopeSources;
}): WorkflowDigest {
  return async (references, context) => {
    const walk = new Walk(options.load);
    const calls = await walk.find(references, sourceOf(context), 0);
    const described: unknown[] = [];
    for (const { workflow, depth } of walk.found) {
      const scope = scopeOf(workflow, { ...options.sources, signal: context.signal }).catch(() => null);
      const inner = walk.find(referencesIn(workflow), workflow, depth + 1);
      described.push({ workflow: digestOf(workflow), scope: await scope, calls: await inner });
    }
    return sha256Hex(canonicalJson({ calls, described }));
  };
}

/** The source of a step's plan is always the definition of the workflow that it is part of. */
export function sourceOf({ origin }: StepContext): WorkflowDefinition | undefined {
  return origin.source as WorkflowDefinition | undefined;
}

/** What a step of a plan calls a workflow; undefined for one that calls none. */
export function calledWorkflow({ kind, component, action, config }: PlanStep): string | undefined {
  if (kind === 'workflow') return String(config?.['workflow']);
  return kind === undefined && component === workflowsComponentName ? action : undefined;
}

/** Workflows that were found, each one once, in an order that is always the same. */
class Walk {
  readonly found: { readonly workflow: WorkflowDefinition; readonly depth: number }[] = [];
  readonly #load: LoadWorkflow;
  readonly #places = new Map<WorkflowDefinition, number>();

  constructor(load: LoadWorkflow) {
    this.#load = load;
  }

  /** @returns by reference, the place among those that were found; null for what there is none of */
  async find(
    references: readonly string[],
    from: WorkflowDefinition | undefined,
    depth: number,
  ): Promise<(readonly [reference: string, place: number | null])[]> {
    // Deeper, nothing runs.
    if (depth >= maxNesting) return [];
    const workflows = await Promise.all(
      references.map((reference) => this.#load(reference, from).catch(() => undefined)),
    );
    return references.map((reference, index) => [reference, this.#placeOf(workflows[index], depth)] as const);
  }

  #placeOf(workflow: WorkflowDefinition | undefined, depth: number): number | null {
    if (workflow === undefined) return null;
    const known = this.#places.get(workflow);
    if (known !== undefined) return known;
    if (this.found.length >= maxWorkflows) {
      const message = `What is kept with "cache" calls more than ${String(maxWorkflows)} workflows. Leave "cache" out, or let loadWorkflow return the same object for the same file.`;
      throw new GomindError({ code: 'LIMIT_EXCEEDED', message, details: { limit: maxWorkflows } });
    }
    this.#places.set(workflow, this.found.length);
    return this.found.push({ workflow, depth }) - 1;
  }
}

/** A reference that is an expression is known only when its step runs. */
function referencesIn(workflow: WorkflowDefinition): string[] {
  const steps = withChildren([...workflow.steps, ...workflow.onFailure, ...workflow.finally]);
  const references = steps.flatMap((step) => {
    if (step.kind === 'workflow') return mayHoldExpressions(step.workflow) ? [] : [step.workflow];
    return step.kind === 'component' && step.component === workflowsComponentName ? (step.action ?? []) : [];
  });
  return [...new Set(references)];
}

const digests = new WeakMap<WorkflowDefinition, string>();

function digestOf(workflow: WorkflowDefinition): string {
  const digest = digests.get(workflow) ?? sha256Hex(canonicalJson(workflow));
  digests.set(workflow, digest);
  return digest;
}
