/**
 * Runs the parts of a workflow one after the other: its steps, what runs after a failure, what runs at the end. The same for a
 * workflow of its own and for one that is a step of another.
 *
 * @module
 */
import { compileJsonSchema, describeIssues, GomindError, type ComponentInfo } from '@gomind/core';
import type { ExecutionResult, RunError, StepResult } from '../../plan/execution-result.ts';
import type { RoutingPlan } from '../../plan/routing-plan.ts';
import { compilePart, withChildren, type WorkflowPart } from '../compile-workflow.ts';
import type { RunOrigin } from '../../recovery/failed-call.ts';
import type { WorkflowDefinition } from '../definition.ts';
import { bindTargets } from './bind-targets.ts';

/** Milliseconds that `on_failure` and `finally` steps get, whatever became of the run. */
export const cleanupTimeoutMs = 30_000;

/** What came of the parts together. */
export interface PartsResult {
  readonly status: ExecutionResult['status'];
  readonly steps: Readonly<Record<string, StepResult>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Causes only. */
  readonly errors: readonly RunError[];
}

/** How the parts are run. */
export interface PartsRun {
  /** Components that are there; undefined when the application makes the calls itself. */
  readonly components: readonly ComponentInfo[] | undefined;
  /**
   * Runs one plan.
   *
   * @param options `steps` have ended before; `isCleanup` for what must run although the run failed or was cancelled
   */
  execute(
    plan: RoutingPlan,
    options: { readonly steps: Readonly<Record<string, unknown>>; readonly isCleanup: boolean },
  ): Promise<ExecutionResult>;
}

/**
 * The plan of a workflow's steps, bound to the components that are there.
 *
 * @throws GomindError `UNKNOWN_COMPONENT`, `MISSING_ACTION`, `UNKNOWN_ACTION`
 */
export function planOf(
  workflow: WorkflowDefinition,
  part: WorkflowPart,
  run: Pick<PartsRun, 'components'>,
): RoutingPlan {
  return bindTargets(compilePart(workflow, part).plan, run.components);
}

/**
 * What a workflow's run is for, as far as mending its steps needs to know: only where the file asks for a capability, and not for
 * a component by name, may another component stand in.
 */
export function originOf(workflow: WorkflowDefinition, components: readonly ComponentInfo[] = []): RunOrigin {
  const steps = [...workflow.steps, ...workflow.onFailure, ...workflow.finally];
  const wanted = new Set(withChildren(steps).flatMap((step) => (step.kind === 'capability' ? [step.capability] : [])));
  const offered = components.flatMap((component) => {
    const capabilities = component.capabilities.filter(({ name }) => wanted.has(name));
    return capabilities.length === 0 ? [] : [{ ...component, capabilities }];
  });
  return { request: workflow.description ?? workflow.name, offered, source: workflow };
}

/**
 * Runs all parts.
 *
 * @param plan the workflow's steps as {@link planOf} made them
 */
export async function runParts(workflow: WorkflowDefinition, plan: RoutingPlan, run: PartsRun): Promise<PartsResult> {
  const main = await run.execute(plan, { steps: {}, isCleanup: false });
  let result: PartsResult = main.status === 'completed' ? withCheckedOutputs(workflow, main) : main;
  if (result.status !== 'completed' && workflow.onFailure.length > 0)
    result = await addPart(workflow, 'onFailure', { run, result });
  if (workflow.finally.length > 0) result = await addPart(workflow, 'finally', { run, result });
  return result;
}

async function addPart(
  workflow: WorkflowDefinition,
  part: 'onFailure' | 'finally',
  { run, result }: { readonly run: PartsRun; readonly result: PartsResult },
): Promise<PartsResult> {
  const added = await run.execute(planOf(workflow, part, run), { steps: result.steps, isCleanup: true });
  return {
    // What cleans up does not make a failed run succeed, but its own failure makes a run fail.
    status: result.status === 'completed' ? added.status : result.status,
    steps: { ...result.steps, ...added.steps },
    outputs: result.outputs,
    errors: [...result.errors, ...added.errors],
  };
}

function withCheckedOutputs(workflow: WorkflowDefinition, result: ExecutionResult): PartsResult {
  const errors: RunError[] = [];
  for (const [name, { schema }] of Object.entries(workflow.outputs)) {
    if (schema === undefined || !Object.hasOwn(result.outputs, name)) continue;
    const checked = compileJsonSchema(schema).check(result.outputs[name]);
    if (checked.ok) continue;
    const error = new GomindError({
      code: 'OUTPUT_TYPE',
      message: `The output "${name}" of the workflow "${workflow.name}" does not fit its declaration: ${describeIssues(checked.issues)}`,
      details: { output: name },
    });
    errors.push(error.toJSON());
  }
  return errors.length === 0 ? result : { ...result, status: 'failed', errors: [...result.errors, ...errors] };
}
