/**
 * Dynamic expansion: a handler answers with a plan, which then runs in its step's place.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { ExecutionResult } from '../../plan/execution-result.ts';
import type { RoutingPlan } from '../../plan/routing-plan.ts';
import type { NestedPlanOptions } from '../step-handler.ts';

/** A plan that runs in place of the step whose handler returned it. */
export class PlanExpansion {
  readonly plan: RoutingPlan;
  readonly options: NestedPlanOptions;

  constructor(plan: RoutingPlan, options: NestedPlanOptions) {
    this.plan = plan;
    this.options = options;
  }
}

/**
 * What a handler returns when a plan shall run in its step's place. The plan's outputs become the step's output (see
 * {@link outputOf}), its failure the step's failure. It counts against the run's limits: depth, steps, concurrency.
 *
 * @param plan a plan that was proved before
 */
export function expandInto(plan: RoutingPlan, options: NestedPlanOptions = {}): PlanExpansion {
  return new PlanExpansion(plan, options);
}

/**
 * The output of a step whose work was a plan: the plan's `outputs`, or if it names none, the outputs of its completed steps
 * by name.
 *
 * @param plan the plan that was run
 * @param result what came of it
 * @throws GomindError the first cause when the plan failed, with `details.step` as its full name
 */
export function outputOf(plan: RoutingPlan, result: ExecutionResult): unknown {
  if (result.status !== 'completed') throw failureOf(result);
  if (plan.outputs !== undefined) return result.outputs;
  return Object.fromEntries(
    Object.entries(result.steps)
      .filter(([, step]) => step.status === 'completed')
      .map(([name, step]) => [name, step.output]),
  );
}

function failureOf(result: ExecutionResult): GomindError {
  const [cause] = result.errors;
  if (cause === undefined) return new GomindError({ code: 'STEP_FAILED', message: 'The nested plan failed.' });
  // Not retryable as a whole: its steps have had their own retries.
  return new GomindError({
    code: cause.code,
    message: cause.message,
    details: { ...cause.details, ...(cause.step === undefined ? {} : { step: cause.step }) },
  });
}
