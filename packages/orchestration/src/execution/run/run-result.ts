/**
 * The result of a plan, from the ends of its steps.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { ExecutionResult, RunError, StepResult } from '../../plan/execution-result.ts';
import type { RoutingPlan } from '../../plan/routing-plan.ts';
import { toErrorInfo } from './error-info.ts';
import { emptyRecord, setOwn } from './own-keys.ts';

/** What a plan's run leaves behind. */
export interface RunEnd {
  readonly runId: string;
  readonly plan: RoutingPlan;
  /** Stands before the names of its steps in errors. */
  readonly path: string;
  /** By the step's place in the plan. */
  readonly results: readonly (StepResult | undefined)[];
  /** The failed steps that the plan does not forgive, in the order of their failures. */
  readonly failures: readonly number[];
  readonly cancelledBy: GomindError | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly resolve: (value: unknown) => unknown;
}

/** A run that comes to one of its limits has failed; nobody wanted it cancelled. */
const limitCodes: ReadonlySet<string> = new Set(['RUN_TIMEOUT', 'BUDGET_EXCEEDED']);

/** Puts the result together. */
export function buildResult(end: RunEnd): ExecutionResult {
  const { plan, results, cancelledBy, runId, startedAt, endedAt } = end;
  const errors = end.failures.map((index) => causeOf(end, index));
  if (cancelledBy !== undefined) errors.push(toErrorInfo(cancelledBy));
  const isCancelled = cancelledBy !== undefined && !limitCodes.has(cancelledBy.code);
  const steps = emptyRecord<StepResult>(plan.steps.length);
  let index = 0;
  for (const { name } of plan.steps) setOwn(steps, name, results[index++]);
  return {
    runId,
    status: isCancelled ? 'cancelled' : errors.length > 0 ? 'failed' : 'completed',
    steps,
    outputs: resolveOutputs(end),
    errors,
    startedAt,
    endedAt,
  };
}

function causeOf({ plan, results, path }: RunEnd, index: number): RunError {
  const step = plan.steps[index];
  const name = path + (step?.name ?? '');
  const error = results[index]?.error ?? { code: 'STEP_FAILED', message: 'it failed', isRetryable: false };
  return {
    ...error,
    message: `Step "${name}" failed: ${error.message}`,
    step: name,
    ...(step?.component === undefined ? {} : { component: step.component }),
  };
}

function resolveOutputs({ plan, resolve }: RunEnd): Record<string, unknown> {
  const outputs: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(plan.outputs ?? {})) {
    try {
      setOwn(outputs, name, resolve(value));
    } catch (error) {
      // The step it needs failed or was skipped, which is reported there.
      if (!GomindError.isInstance(error)) throw error;
    }
  }
  return outputs;
}
