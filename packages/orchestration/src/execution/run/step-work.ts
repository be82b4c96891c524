/**
 * A step at work, as the run around it sees it, and the run as its steps see it.
 *
 * @module
 */
import type { GomindError } from '@gomind/core';
import type { PlanStep, RoutingPlan } from '../../plan/routing-plan.ts';
import type { RunOrigin } from '../../recovery/failed-call.ts';
import type { Budget } from '../budget.ts';
import type { Slots } from '../slots/slot-pool.ts';
import type { NestedRun } from './nested-run.ts';
import type { NestedPlace } from './plan-run-options.ts';
import type { SharedRun } from './shared-run.ts';
import type { ResolvedInputs } from './step-inputs.ts';

/** The plan that a step is part of, while it runs. */
export interface RunPlace {
  readonly shared: SharedRun;
  /** On the clock's monotonic time: when the run is given up; Infinity for never. */
  readonly dueMs: number;
  /** The limit of concurrency of the plan, within that of the run. */
  readonly slots: Slots;
  /** What the plan is for. */
  readonly origin: RunOrigin;
  /** What the plan may use up. */
  readonly budget: Budget;
  /** @throws GomindError `PLAN_REJECTED`, `LIMIT_EXCEEDED` */
  nest(plan: RoutingPlan, place: NestedPlace): NestedRun;
  /** Whether a person agreed to what this step does, because it waits for an approval. */
  isApproved(step: PlanStep): boolean;
}

/** A step at work: a call, or the calls for the items of a list. */
export interface StepWork {
  readonly step: PlanStep;
  /** Its place with its owner: in the plan, or in the list. */
  readonly index: number;
  /** Attempts so far. */
  readonly attempts: number;
  /** Milliseconds since the epoch; undefined before it started. */
  readonly startedAt: number | undefined;
  /** Resolved inputs as they may be shown. */
  readonly inputs: ResolvedInputs | undefined;
  /** Who is called in the place of the plan's component. */
  readonly standIn: string | undefined;
  begin(): void;
  /** Ends it without an answer to its owner, who knows. */
  cancel(reason: GomindError): void;
}

/** Who is told how a piece of work ended: exactly one of the two, exactly once, unless the owner cancels it. */
export interface WorkOwner<Work> {
  completed(work: Work, output: unknown): void;
  failed(work: Work, error: unknown): void;
}
