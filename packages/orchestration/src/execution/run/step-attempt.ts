/**
 * One attempt of a call, as its handler sees it ({@link StepContext}) and as the executor ends it. What costs something
 * (abort controller, idempotency key, resolved config) is made when it is first asked for: most handlers ask for little.
 *
 * @module
 */
import type { Deadline, GomindError, Logger, Priority, Telemetry } from '@gomind/core';
import type { CallBudget } from '../../plan/budget.ts';
import type { InputCorrection } from '../../plan/coerce-inputs.ts';
import type { ExecutionResult } from '../../plan/execution-result.ts';
import { resolveExpressions } from '../../plan/expressions/resolve-expressions.ts';
import type { ExpressionScope } from '../../plan/expressions/scope.ts';
import type { PlanStep, RoutingPlan } from '../../plan/routing-plan.ts';
import type { RunEventBody } from '../../plan/events/run-event.ts';
import type { RunOrigin } from '../../recovery/failed-call.ts';
import { type NestedRun, runTimeout, withSignal } from './nested-run.ts';
import type { SharedRun } from './shared-run.ts';
import type { RunPlace } from './step-work.ts';
import type { NestedPlanOptions, StepContext } from '../step-handler.ts';

/** The call that an attempt belongs to, as far as an attempt looks at it. */
export interface AttemptedCall {
  readonly shared: SharedRun;
  readonly step: PlanStep;
  /** In the run's stream of events. */
  readonly name: string;
  readonly scope: ExpressionScope;
  /** Attempts so far, this one included. */
  readonly attempts: number;
  readonly idempotencyKey: string;
  readonly budget: CallBudget;
  readonly place: Pick<RunPlace, 'dueMs' | 'slots' | 'origin'>;
  nest(plan: RoutingPlan, options: NestedPlanOptions, dueMs: number): NestedRun;
  /** @returns the inputs for the call as they are from now on */
  correctInputs(corrections: readonly InputCorrection[], reason: string): Readonly<Record<string, unknown>>;
}

/** How long a handler that does not listen to its signal keeps its slot after it was given up, in milliseconds. */
const graceMs = 1_000;

/** One attempt. */
export class StepAttempt implements StepContext {
  /** From 1. */
  readonly attempt: number;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly #call: AttemptedCall;
  #holdsSlot: boolean;
  #deadline: Deadline | undefined;
  #controller: AbortController | undefined;
  #givenUp: GomindError | undefined;
  /** What to call off when this attempt is given up: nested plans, a place in the line for a slot. */
  #waits: Set<(reason: GomindError) => void> | undefined;

  constructor(call: AttemptedCall, inputs: Readonly<Record<string, unknown>>, holdsSlot: boolean) {
    this.#call = call;
    this.attempt = call.attempts;
    this.inputs = inputs;
    this.#holdsSlot = holdsSlot;
  }

  get runId(): string {
    return this.#call.shared.runId;
  }

  get stepName(): string {
    return this.#call.name;
  }

  get scope(): ExpressionScope {
    return this.#call.scope;
  }

  get origin(): RunOrigin {
    return this.#call.place.origin;
  }

  get budget(): CallBudget {
    return this.#call.budget;
  }

  get priority(): Priority {
    return this.#call.shared.priority;
  }

  get logger(): Logger {
    return this.#call.shared.logger;
  }

  get telemetry(): Telemetry {
    return this.#call.shared.telemetry;
  }

  get idempotencyKey(): string {
    return this.#call.idempotencyKey;
  }

  get config(): Readonly<Record<string, unknown>> {
    return resolveExpressions(this.#call.step.config ?? {}, this.scope) as Readonly<Record<string, unknown>>;
  }

  get deadlineMs(): number {
    const { clock } = this.#call.shared;
    return clock.now() + this.#dueMs - clock.monotonicMs();
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#givenUp !== undefined) this.#controller.abort(this.#givenUp);
    }
    return this.#controller.signal;
  }

  emit(event: RunEventBody): void {
    if (this.#givenUp !== undefined) return;
    this.#call.shared.guard(() => {
      this.#call.shared.emit(event);
    });
  }

  correctInputs(corrections: readonly InputCorrection[], reason: string): Readonly<Record<string, unknown>> {
    if (this.#givenUp !== undefined) throw this.#givenUp;
    return this.#call.correctInputs(corrections, reason);
  }

  waiting(reason: string): void {
    if (this.#givenUp === undefined) this.#call.shared.emit({ type: 'step.waiting', step: this.stepName, reason });
  }

  outlive(work: Promise<unknown>): void {
    this.#call.shared.outlive(work);
  }

  async executePlan(plan: RoutingPlan, options: NestedPlanOptions = {}): Promise<ExecutionResult> {
    if (options.outlivesMs !== undefined) return this.#runOutliving(plan, options, options.outlivesMs);
    if (this.#givenUp !== undefined) throw this.#givenUp;
    const hadSlot = this.#holdsSlot;
    this.#releaseSlot();
    try {
      return await this.#runNested(plan, options);
    } finally {
      if (hadSlot) await this.#takeSlotAgain();
    }
  }

  /** Runs a plan in place of this attempt's own work, which is done: the slot is not needed again. */
  expand(plan: RoutingPlan, options: NestedPlanOptions): Promise<ExecutionResult> {
    this.#releaseSlot();
    // The time for one call is over with the call; only a timeout that the step itself names covers the plan too.
    if (this.#call.step.timeoutMs === undefined) this.#cancelDeadline();
    return this.#runNested(plan, options);
  }

  /** Calls back when the time for this attempt is up. */
  limitTime(timeoutMs: number, onTimeout: () => void): void {
    if (Number.isFinite(timeoutMs)) this.#deadline = this.#call.shared.deadlines.add(timeoutMs, onTimeout);
  }

  /** Milliseconds until the time for this attempt is up, the run's time aside; Infinity when it is not limited. */
  get remainingMs(): number {
    return (this.#deadline?.dueMs ?? Number.POSITIVE_INFINITY) - this.#call.shared.clock.monotonicMs();
  }

  /** The handler has ended. */
  finish(): void {
    this.#cancelDeadline();
    this.#releaseSlot();
  }

  /** The attempt is over before its handler has ended, which is told so; its slot stays taken until it ends, within reason. */
  giveUp(reason: GomindError): void {
    this.#givenUp = reason;
    this.#cancelDeadline();
    if (this.#holdsSlot) {
      this.#deadline = this.#call.shared.deadlines.add(graceMs, () => {
        this.#call.shared.guard(() => {
          this.#releaseSlot();
        });
      });
    }
    if (this.#waits !== undefined) for (const callOff of this.#waits) callOff(reason);
    this.#controller?.abort(reason);
  }

  async #runOutliving(plan: RoutingPlan, options: NestedPlanOptions, timeoutMs: number): Promise<ExecutionResult> {
    const { clock, deadlines } = this.#call.shared;
    const nested = this.#call.nest(plan, options, clock.monotonicMs() + timeoutMs);
    const deadline = deadlines.add(timeoutMs, () => {
      nested.cancel(runTimeout(timeoutMs));
    });
    nested.start();
    try {
      return await nested.ended;
    } finally {
      deadlines.cancel(deadline);
    }
  }

  async #runNested(plan: RoutingPlan, options: NestedPlanOptions): Promise<ExecutionResult> {
    const nested = withSignal(this.#call.nest(plan, options, this.#dueMs), options.signal);
    const ended = this.#orGiveUp(nested.cancel, nested.ended);
    nested.start();
    return ended;
  }

  #takeSlotAgain(): Promise<void> {
    if (this.#givenUp !== undefined) return Promise.reject(this.#givenUp);
    const line = Promise.withResolvers<undefined>();
    const waiter = {
      isWaiting: true,
      onSlot: (): void => {
        this.#holdsSlot = true;
        line.resolve(undefined);
      },
    };
    const leave = (reason: GomindError): void => {
      waiter.isWaiting = false;
      line.reject(reason);
    };
    this.#call.place.slots.request(waiter);
    return this.#orGiveUp(leave, line.promise);
  }

  /** Waits for something that is called off when this attempt is given up. */
  async #orGiveUp<T>(callOff: (reason: GomindError) => void, promise: Promise<T>): Promise<T> {
    this.#waits ??= new Set();
    this.#waits.add(callOff);
    if (this.#givenUp !== undefined) callOff(this.#givenUp);
    try {
      return await promise;
    } finally {
      this.#waits.delete(callOff);
    }
  }

  /** On the clock's monotonic time. */
  get #dueMs(): number {
    return Math.min(this.#deadline?.dueMs ?? Number.POSITIVE_INFINITY, this.#call.place.dueMs);
  }

  #releaseSlot(): void {
    if (!this.#holdsSlot) return;
    this.#holdsSlot = false;
    this.#call.place.slots.release();
  }

  #cancelDeadline(): void {
    if (this.#deadline === undefined) return;
    this.#call.shared.deadlines.cancel(this.#deadline);
    this.#deadline = undefined;
  }
}
