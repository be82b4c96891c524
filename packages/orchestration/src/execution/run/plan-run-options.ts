/**
 * Where and with what a plan is run: the outermost one, and those inside its steps.
 *
 * @module
 */
import type { ExpressionScope } from '../../plan/expressions/scope.ts';
import type { RunOrigin } from '../../recovery/failed-call.ts';
import { type Budget, createBudget, noBudget } from '../budget.ts';
import type { SharedRun } from './shared-run.ts';
import { NestedSlots } from '../slots/nested-slots.ts';
import type { Slots } from '../slots/slot-pool.ts';
import type { NestedPlanOptions } from '../step-handler.ts';

/** Where and with what a plan is run. */
export interface PlanRunOptions {
  readonly shared: SharedRun;
  /** What expressions see before the first step has settled. */
  readonly scope: ExpressionScope;
  /** Stands before the names of its steps in the stream: `outer/`, or nothing. */
  readonly path: string;
  /** Plans around this one. */
  readonly nesting: number;
  /** On the clock's monotonic time: when the run is given up; Infinity for never. */
  readonly dueMs: number;
  /** Its limit of concurrency. Default: that of the run. */
  readonly slots?: Slots | undefined;
  /** Whether a person agreed to the step that this plan runs in. Default: false. */
  readonly isApproved?: boolean;
  /** What it is for. Default: what the run is for. */
  readonly origin?: RunOrigin | undefined;
  /** What its steps may use up. Default: what the run may. */
  readonly budget?: Budget | undefined;
}

/** What the step around a nested plan decides about it. */
export interface NestedPlace extends NestedPlanOptions {
  readonly path: string;
  readonly dueMs: number;
  readonly isApproved: boolean;
  /** Of the step around it. */
  readonly stepBudget: Budget;
}

/**
 * What a nested plan takes over from the plan around it, and what is its own.
 *
 * @param outer with what the plan around it is run
 */
export function nestedRunOptions(outer: PlanRunOptions, place: NestedPlace): PlanRunOptions {
  const { steps: _steps, item: _item, index: _index, ...scope } = outer.scope;
  const { inputs, steps, limits, maxConcurrency, path, dueMs, isApproved, stepBudget } = place;
  const { clock, emit } = outer.shared;
  return {
    shared: outer.shared,
    scope: {
      ...scope,
      ...place.scope,
      ...(inputs === undefined ? {} : { inputs }),
      ...(steps === undefined ? {} : { steps }),
    },
    path,
    nesting: outer.nesting + 1,
    dueMs,
    slots:
      maxConcurrency === undefined ? outer.slots : new NestedSlots(maxConcurrency, outer.slots ?? outer.shared.slots),
    isApproved,
    origin: place.origin ?? outer.origin,
    budget:
      place.outlivesMs !== undefined
        ? noBudget
        : limits === undefined
          ? outer.budget
          : createBudget(limits, { clock, emit, scope: path.replace(/\/$/, ''), parent: stepBudget }),
  };
}
