/**
 * Plans the rest of a request again, once, when a step could not be saved: what is finished stays, and the new plan has no effect
 * that the first one did not have.
 *
 * @module
 */
import type { ComponentInfo } from '@gomind/core';
import type { PlanExecutor } from '../execution/plan-executor.ts';
import type { ExecuteOptions } from '../execution/plan-executor-options.ts';
import type { ExecutionResult } from '../plan/execution-result.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { Planner, PlanningOptions, PlanningResult } from '../planning/planner.ts';
import { findNewEffect, offerOnly, remainingEffects } from '../recovery/remaining-effects.ts';

/** A plan and what came of it. */
export interface PlanOutcome {
  readonly plan: RoutingPlan;
  readonly result: ExecutionResult;
}

/** Who plans and runs the rest. */
export interface ReplanOptions {
  readonly planner: Planner;
  readonly executor: PlanExecutor;
  readonly request: string;
  readonly offered: readonly ComponentInfo[];
  readonly planning: PlanningOptions;
  readonly execution: ExecuteOptions;
}

/**
 * Plans and runs the rest.
 *
 * @param first a plan that failed
 * @returns both together as one plan and one result; the first as it is when there is no other way
 * @throws what the run was cancelled with
 */
export async function replanRest(first: PlanOutcome, options: ReplanOptions): Promise<PlanOutcome> {
  const { executor, planning, execution, offered } = options;
  if (!mayHelp(first.result)) return first;
  const left = remainingEffects(first.plan, first.result, offered);
  const planned = await planRest(first, { ...options, offered: offerOnly(offered, left) });
  if (planned?.ok !== true) return first;
  const unwanted = findNewEffect(planned.plan, left, offered);
  if (unwanted !== undefined) {
    const message = `Step "${unwanted.name}" would have an effect that the first plan did not have.`;
    const diagnostic = { code: 'EFFECT_NOT_ALLOWED', severity: 'error', message, step: unwanted.name } as const;
    planning.emit?.({ type: 'plan.rejected', diagnostics: [diagnostic], attempt: 1 });
    return first;
  }
  const finished = completedOf(first.result);
  const { outputs: _outputs, ...rest } = first.plan;
  const steps = [...rest.steps.filter(({ name }) => Object.hasOwn(finished, name)), ...planned.plan.steps];
  const plan = { ...rest, ...planned.plan, steps };
  const reason = `The rest was planned again: ${first.result.errors[0]?.message ?? 'a step failed'}`;
  execution.emit?.({ type: 'plan.created', plan, source: 'ai', reason });
  const result = await executor.execute(planned.plan, { ...execution, scope: { steps: finished } });
  return { plan, result: { ...result, steps: { ...finished, ...result.steps }, startedAt: first.result.startedAt } };
}

/** What no plan can help with: the budget is used up, or the run as a whole has ended. */
function mayHelp({ status, errors }: ExecutionResult): boolean {
  return status === 'failed' && errors.every(({ step, code }) => step !== undefined && code !== 'BUDGET_EXCEEDED');
}

async function planRest({ plan, result }: PlanOutcome, options: ReplanOptions): Promise<PlanningResult | undefined> {
  const { planner, request, offered, planning } = options;
  const outputs = Object.entries(completedOf(result)).map(([name, { output }]) => [name, output] as const);
  const failed = plan.steps.flatMap(({ name, component = '', action = '' }) => {
    const error = result.steps[name]?.error;
    return error === undefined ? [] : [{ step: name, tool: `${component}.${action}`, error: error.message }];
  });
  try {
    const progress = { finished: Object.fromEntries(outputs), failed };
    return await planner.plan(request, offered, { ...planning, progress });
  } catch (error) {
    if (planning.signal?.aborted === true) throw error;
    // The answer tells of the failed step, which is the cause; the stream tells why there was no other plan.
    return undefined;
  }
}

function completedOf({ steps }: ExecutionResult): ExecutionResult['steps'] {
  return Object.fromEntries(Object.entries(steps).filter(([, { status }]) => status === 'completed'));
}
