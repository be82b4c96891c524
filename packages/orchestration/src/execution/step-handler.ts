/**
 * What the plan executor knows of kinds of steps: a handler for each.
 *
 * @module
 */
import type { Logger, Priority, Telemetry } from '@gomind/core';
import type { CallBudget, RunBudgetLimits } from '../plan/budget.ts';
import type { InputCorrection } from '../plan/coerce-inputs.ts';
import type { ExecutionResult } from '../plan/execution-result.ts';
import type { ExpressionScope } from '../plan/expressions/scope.ts';
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import type { FailedCall, Recovery, RunOrigin } from '../recovery/failed-call.ts';

/** How a plan inside a step is run. */
export interface NestedPlanOptions {
  /** What `${inputs...}` sees inside. Default: what it sees outside. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Steps that have ended before, by name, which the plan may refer to. Default: none. */
  readonly steps?: Readonly<Record<string, unknown>>;
  /** What the plan is for. Default: what the plan around it is for. */
  readonly origin?: RunOrigin;
  /** Variables and secrets that it sees (default: those that the plan around it sees), and an item (default: none). */
  readonly scope?: Pick<ExpressionScope, 'env' | 'secrets' | 'item' | 'index'>;
  /** What the plan may use up, within what the step around it may. Default: the same. */
  readonly limits?: RunBudgetLimits;
  /** Handlers at work at the same time in the plan, within what the step around it may. Default: the same. */
  readonly maxConcurrency?: number;
  /** Cancels the plan alone; the step around it cancels it in any case. */
  readonly signal?: AbortSignal;
  /**
   * For what cleans up: milliseconds that the plan gets, whatever became of the step and the run around it, and whatever their
   * budget. Default: it ends with them.
   */
  readonly outlivesMs?: number;
}

/** What a handler is given for one call of a step. */
export interface StepContext {
  readonly runId: string;
  /** The step's name in the run's stream of events: `outer/inner` in a nested plan, `each[2]` for an item. */
  readonly stepName: string;
  /** The step's inputs with every expression resolved. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The step's `config` with every expression resolved, when it is asked for. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Aborts on the step's timeout, the run's end, and cancellation. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch at which this call is given up; Infinity for never. */
  readonly deadlineMs: number;
  /** How much the run matters. */
  readonly priority: Priority;
  /** From 1. */
  readonly attempt: number;
  /** Same for every attempt of this call. */
  readonly idempotencyKey: string;
  /** Asked before a model is called inside this step. */
  readonly budget: CallBudget;
  /** What expressions see. */
  readonly scope: ExpressionScope;
  /** What the plan of the step is for. */
  readonly origin: RunOrigin;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** Adds a fact to the run's stream, unless this call was given up. */
  emit(event: RunEventBody): void;
  /**
   * Changes the inputs of this attempt and the later ones, and says so in the stream (`step.inputs.corrected`). Secrets stay out
   * of it.
   *
   * @returns the corrected inputs
   * @throws GomindError why this call was given up
   */
  correctInputs(corrections: readonly InputCorrection[], reason: string): Readonly<Record<string, unknown>>;
  /** Tells the stream that the step waits for something outside the run. */
  waiting(reason: string): void;
  /**
   * Runs a plan inside this step, under the same limit of concurrency; the step's own slot is free meanwhile.
   *
   * @returns its result; never rejects for a failed step
   * @throws GomindError `PLAN_REJECTED`, `LIMIT_EXCEEDED` for a plan that cannot be run here; why this call was given up
   */
  executePlan(plan: RoutingPlan, options?: NestedPlanOptions): Promise<ExecutionResult>;
  /** Makes the run wait for something at its end, also when this call was given up; it has to end soon then. */
  outlive(work: Promise<unknown>): void;
}

/** A call of a step that failed for good, with all that led to it. */
export type FailedStep = Omit<FailedCall, 'component' | 'action' | 'capability' | 'effect' | 'sources' | 'secrets'> & {
  /** What expressions see. */
  readonly scope: ExpressionScope;
};

/** Runs one kind of steps. */
export interface StepHandler {
  /** The `kind` of the steps it runs; `component` is the default kind. */
  readonly kind: string;
  /**
   * Name of the one component whose steps it runs, in this process; steps of all others are left to the handler of their kind.
   * Default: it runs the steps of its kind.
   */
  readonly component?: string;
  /** Whether its calls count against the limit of concurrency; false for one that only waits or decides. Default: true. */
  readonly takesSlot?: boolean;
  /**
   * Whether it takes no slot, but what it runs inside its steps does, so that of a list no more items are begun than there are
   * slots: the time of an item that waits for one would run already. Default: false.
   */
  readonly fillsSlots?: boolean;
  /** Whether each attempt is a tool call that the run's budget counts. Default: false. */
  readonly isToolCall?: boolean;
  /** Milliseconds for each call of a step that has no timeout of its own; Infinity for no bound. Default: the executor's. */
  readonly timeoutMs?: number;
  /**
   * Makes one attempt.
   *
   * @returns the step's output, or a plan that runs in the step's place (`expandInto`)
   */
  run(step: PlanStep, context: StepContext): Promise<unknown>;
  /** Calls in all for a step without a `retry` of its own. Default: 1. */
  maxAttempts?(step: PlanStep): number;
  /** Whether a failed attempt may be repeated. Default: when the error says that it is retryable. */
  mayRetry?(error: unknown, step: PlanStep): boolean;
  /** Whether a failed attempt counts as one of those that the step has; of many in a row that do not, each 101st does. Default: it does. */
  countsAsAttempt?(error: unknown): boolean;
  /**
   * Tells once, by calling the listener, that what an attempt failed of is over, so that the pause before the next one ends early.
   *
   * @returns ends the wait; undefined when only time helps. Default: only time helps
   */
  onceOver?(error: unknown, step: PlanStep, listener: () => void): (() => void) | undefined;
  /**
   * Looks for another way when there must be no further attempt at the same call.
   *
   * @param failed the call
   * @param step as it was called: its component may be another than the plan's by now
   * @returns undefined when there is none
   */
  recover?(failed: FailedStep, step: PlanStep): Promise<Recovery | undefined>;
}
