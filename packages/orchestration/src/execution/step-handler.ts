/**
 * What the plan executor knows of kinds of steps: a handler for each.
 *
 * @module
 */
import type { Logger, Telemetry } from '@gomind/core';
import type { ExecutionResult } from '../plan/execution-result.ts';
import type { ExpressionScope } from '../plan/expressions/scope.ts';
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';

/** What a handler is given for one call of a step. */
export interface StepContext {
  readonly runId: string;
  /** The step's inputs with every expression resolved. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Aborts on the step's timeout, the run's end, and cancellation. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch at which this call is given up. */
  readonly deadlineMs: number;
  /** From 1. */
  readonly attempt: number;
  /** Same for every attempt of this call. */
  readonly idempotencyKey: string;
  /** What expressions see. */
  readonly scope: ExpressionScope;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /**
   * Runs a plan inside this step, under the same limit of concurrency; the step's own slot is free meanwhile.
   *
   * @returns its result; never rejects for a failed step
   */
  executePlan(plan: RoutingPlan): Promise<ExecutionResult>;
}

/** Runs one kind of steps. */
export interface StepHandler {
  /** The `kind` of the steps it runs; `component` is the default kind. */
  readonly kind: string;
  /**
   * Makes one attempt.
   *
   * @returns the step's output
   */
  run(step: PlanStep, context: StepContext): Promise<unknown>;
  /** Calls in all for a step without a `retry` of its own. Default: 1. */
  maxAttempts?(step: PlanStep): number;
  /** Whether a failed attempt may be repeated. Default: when the error says that it is retryable. */
  mayRetry?(error: unknown, step: PlanStep): boolean;
}
