/**
 * One call of a step (the step itself, or one item of its list): slot, inputs, attempts, deadlines, pauses, expansion.
 *
 * Written as a state machine on callbacks, not as a chain of awaits: ten promises for each step would cost more than
 * everything else here. Whatever the clock or a handler's promise calls is guarded: what an event listener throws ends the run.
 *
 * @module
 */
import { GomindError, retryDelayMs } from '@gomind/core';
import { applyCorrections, type InputCorrection, valueAt } from '../../plan/coerce-inputs.ts';
import type { ExpressionScope } from '../../plan/expressions/scope.ts';
import type { PlanStep, RoutingPlan } from '../../plan/routing-plan.ts';
import { noReservation, type Reservation } from '../../plan/budget.ts';
import type { Budget } from '../budget.ts';
import type { Recovery } from '../../recovery/failed-call.ts';
import { toErrorInfo } from './error-info.ts';
import { outputOf, PlanExpansion } from './expand-into.ts';
import { RetryPause } from './retry-pause.ts';
import { retryPolicyOf } from './retry-policy.ts';
import { startedEvent } from './started-event.ts';
import type { SharedRun } from './shared-run.ts';
import type { SlotWaiter } from '../slots/slot-pool.ts';
import { StepMender } from './step-mender.ts';
import type { NestedRun } from './nested-run.ts';
import { type AttemptedCall, StepAttempt } from './step-attempt.ts';
import type { NestedPlanOptions, StepHandler } from '../step-handler.ts';
import type { ResolvedInputs, StepInputs } from './step-inputs.ts';
import type { RunPlace, StepWork, WorkOwner } from './step-work.ts';

/** What a call is made of. */
export interface StepCallOptions {
  readonly step: PlanStep;
  readonly index: number;
  readonly inputs: StepInputs;
  readonly place: RunPlace;
  readonly owner: WorkOwner<StepCall>;
  readonly scope: ExpressionScope;
  /** In the run's stream of events. */
  readonly name: string;
}

/**
 * A component that is told the deadline watches it too, by a clock of its own, and may give up this much before the timer here
 * fires. Both mean the same, so both are reported as the same.
 */
const deadlineSlackMs = 50;

/** So often in a row may be no attempt: a circuit that is probed for ever must not keep a step for ever. */
const mostRefusals = 100;

/** A call and its attempts. */
export class StepCall implements AttemptedCall, StepWork, SlotWaiter {
  readonly step: PlanStep;
  readonly index: number;
  readonly place: RunPlace;
  readonly shared: SharedRun;
  readonly scope: ExpressionScope;
  readonly name: string;
  readonly #owner: WorkOwner<StepCall>;
  readonly #template: StepInputs;
  attempts = 0;
  startedAt: number | undefined;
  inputs: ResolvedInputs | undefined;
  /** True while it stands in line for a slot. */
  isWaiting = false;
  /** Who is told of an event may cancel the run within it, so this is looked at after each. */
  #isCancelled = false;
  /** Of the target; a stand-in may work in this process. */
  #handler: StepHandler | undefined;
  /** As the handler gets them, secrets and all. */
  #callInputs: ResolvedInputs = {};
  #attempt: StepAttempt | undefined;
  #pause: RetryPause | undefined;
  #idempotencyKey: string | undefined;
  #nestedPlans = 0;
  #budget: Budget | undefined;
  /** The step as it is called: another component may stand in. */
  #target: PlanStep;
  #mender: StepMender | undefined;
  /** Attempts that do not count: those before the call was last changed, as a changed call has its own, and what was none. */
  #uncounted = 0;
  /** How often in a row there was no attempt. */
  #refusals = 0;

  constructor(options: StepCallOptions) {
    this.step = options.step;
    this.#target = options.step;
    this.index = options.index;
    this.place = options.place;
    this.shared = options.place.shared;
    this.scope = options.scope;
    this.name = options.name;
    this.#handler = options.place.shared.handlerOf(options.step);
    this.#owner = options.owner;
    this.#template = options.inputs;
  }

  get standIn(): string | undefined {
    return this.#target === this.step ? undefined : this.#target.component;
  }

  /** Of this step, items and nested plans counted in. */
  get budget(): Budget {
    this.#budget ??= this.place.budget.forStep(this.name);
    return this.#budget;
  }

  get idempotencyKey(): string {
    const { component, kind = 'component', action, name } = this.#target;
    this.#idempotencyKey ??= this.shared.calls.nextKey(component ?? kind, action ?? name, this.inputs);
    return this.#idempotencyKey;
  }

  begin(): void {
    if (this.#handler === undefined) this.#owner.failed(this, this.shared.handlers.missing(this.step));
    else if (this.#handler.takesSlot === false) this.#start(this.#handler, false);
    else {
      this.isWaiting = true;
      this.place.slots.request(this);
    }
  }

  /** Begins, or begins again, with a slot that was taken for it. */
  onSlot(): void {
    this.isWaiting = false;
    if (this.#handler !== undefined) this.#start(this.#handler, true);
  }

  cancel(reason: GomindError): void {
    this.#isCancelled = true;
    this.isWaiting = false;
    this.#pause?.cancel();
    this.#mender?.cancel(reason);
    const attempt = this.#attempt;
    this.#attempt = undefined;
    attempt?.giveUp(reason);
  }

  /** A plan inside an attempt of this call, to be started; each has a name of its own in the stream. */
  nest(plan: RoutingPlan, options: NestedPlanOptions, dueMs: number): NestedRun {
    const count = ++this.#nestedPlans;
    const path = count === 1 ? `${this.name}/` : `${this.name}#${String(count)}/`;
    const isApproved = this.place.isApproved(this.step);
    return this.place.nest(plan, { ...options, path, dueMs, isApproved, stepBudget: this.budget });
  }

  correctInputs(corrections: readonly InputCorrection[], reason: string): ResolvedInputs {
    const before = this.#callInputs;
    const shown = this.inputs ?? before;
    this.#callInputs = applyCorrections(before, corrections);
    // A value that is recorded as a reference is a secret and stays one.
    const visible = corrections.filter(({ path }) => valueAt(shown, path) === valueAt(before, path));
    const inputs = shown === before ? this.#callInputs : applyCorrections(shown, visible);
    this.inputs = inputs;
    // A call with other inputs is another call.
    this.#idempotencyKey = undefined;
    this.shared.guard(() => {
      this.shared.emit({ type: 'step.inputs.corrected', step: this.name, inputs, reason });
    });
    return this.#callInputs;
  }

  #start(handler: StepHandler, holdsSlot: boolean): void {
    if (this.inputs === undefined && !this.#resolveInputs(holdsSlot)) return;
    if (this.#isCancelled) {
      if (holdsSlot) this.place.slots.release();
      return;
    }
    const reservation = this.#reserve(handler, holdsSlot);
    if (reservation === undefined) return;
    this.attempts++;
    const attempt = new StepAttempt(this, this.#callInputs, holdsSlot);
    this.#attempt = attempt;
    attempt.limitTime(Math.min(this.#timeoutMs, this.budget.remainingMs()), () => {
      this.shared.guard(() => {
        this.#timedOut(attempt);
      });
    });
    let output: Promise<unknown>;
    try {
      // A handler in JavaScript may forget the promise.
      output = Promise.resolve(handler.run(this.#target, attempt));
    } catch (error) {
      output = Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    // It may have taken its time.
    this.shared.endTurn();
    this.#follow(attempt, settledWith(reservation, output));
  }

  get #timeoutMs(): number {
    return this.step.timeoutMs ?? this.#handler?.timeoutMs ?? this.shared.stepTimeoutMs;
  }

  /** @returns undefined when the budget refused the call and the owner has been told */
  #reserve(handler: StepHandler, holdsSlot: boolean): Reservation | undefined {
    if (handler.isToolCall !== true) return noReservation;
    const { component = '', action = '' } = this.#target;
    try {
      return this.budget.reserve({ toolCalls: 1, purpose: `${component}.${action}` });
    } catch (error) {
      if (holdsSlot) this.place.slots.release();
      this.#owner.failed(this, error);
      return undefined;
    }
  }

  /** @returns false when it failed and the owner has been told */
  #resolveInputs(holdsSlot: boolean): boolean {
    try {
      this.#callInputs = this.#template.resolve(this.scope);
      this.inputs = this.#template.resolveForRecord(this.scope, this.#callInputs);
    } catch (error) {
      if (holdsSlot) this.place.slots.release();
      this.#owner.failed(this, error);
      return false;
    }
    this.startedAt = this.shared.now();
    this.shared.emit(startedEvent(this.step, this.name, this.inputs));
    return true;
  }

  #follow(attempt: StepAttempt, output: Promise<unknown>): void {
    output.then(
      (value) => {
        this.shared.beginTurn();
        try {
          this.#attemptCompleted(attempt, value);
        } catch (error) {
          this.shared.crash(error);
        }
        this.shared.endTurn();
      },
      (error: unknown) => {
        this.shared.beginTurn();
        try {
          this.#attemptFailed(attempt, error);
        } catch (crash) {
          this.shared.crash(crash);
        }
        this.shared.endTurn();
      },
    );
  }

  #attemptCompleted(attempt: StepAttempt, output: unknown): void {
    if (attempt !== this.#attempt) attempt.finish();
    else if (output instanceof PlanExpansion) {
      const { plan, options } = output;
      this.#follow(
        attempt,
        attempt.expand(plan, options).then((result) => outputOf(plan, result)),
      );
    } else {
      this.#attempt = undefined;
      this.#owner.completed(this, output);
      attempt.finish();
    }
  }

  #attemptFailed(attempt: StepAttempt, error: unknown): void {
    if (attempt === this.#attempt) {
      const isTimeUp = GomindError.isInstance(error, 'TIMEOUT') && attempt.remainingMs <= deadlineSlackMs;
      if (isTimeUp) this.#timedOut(attempt, deadlineSlackMs);
      else {
        this.#attempt = undefined;
        this.#retryOrFail(error);
      }
    }
    // The slot comes last: a failed item has cancelled its siblings before one of them could get it.
    attempt.finish();
  }

  #timedOut(attempt: StepAttempt, slackMs = 0): void {
    if (attempt !== this.#attempt) return;
    this.#attempt = undefined;
    const timeoutMs = this.#timeoutMs;
    const error =
      this.budget.remainingMs() <= slackMs
        ? this.budget.timeUp()
        : new GomindError({
            code: 'STEP_TIMEOUT',
            message: `Step "${this.name}" took longer than ${String(timeoutMs)} ms`,
            isRetryable: true,
            details: { step: this.name, timeoutMs },
          });
    attempt.giveUp(error);
    this.#retryOrFail(error);
  }

  /** The pause before the next attempt holds no slot. */
  #retryOrFail(error: unknown): void {
    const { clock, emit } = this.shared;
    const remainingMs = Math.min(this.place.dueMs - clock.monotonicMs(), this.budget.remainingMs());
    if (this.#handler?.countsAsAttempt?.(error) !== false || this.#refusals >= mostRefusals) this.#refusals = 0;
    else {
      this.#refusals++;
      this.#uncounted++;
    }
    const attempt = Math.max(1, this.attempts - this.#uncounted);
    const delayMs = retryDelayMs(
      { error, attempt, remainingMs, random: clock.random() },
      retryPolicyOf(this.#target, this.#handler),
    );
    if (delayMs === undefined) {
      if (remainingMs > 0) this.#mendOrFail(error);
      else this.#owner.failed(this, error);
      return;
    }
    emit({ type: 'step.attempt.failed', step: this.name, attempt: this.attempts, error: toErrorInfo(error), delayMs });
    if (this.#isCancelled) return;
    this.#pause = new RetryPause({
      shared: this.shared,
      delayMs,
      watch: (listener) => this.#handler?.onceOver?.(error, this.#target, listener),
      onOver: () => {
        this.#pause = undefined;
        this.begin();
      },
    });
  }

  /** Who thinks about a way holds no slot. */
  #mendOrFail(error: unknown): void {
    const handler = this.#handler;
    if (handler?.recover === undefined) {
      this.#owner.failed(this, error);
      return;
    }
    this.#mender ??= new StepMender(this.shared, this.name);
    const call = {
      error,
      handler,
      target: this.#target,
      inputs: this.#callInputs,
      shownInputs: this.inputs ?? {},
      isApproved: this.place.isApproved(this.step),
      origin: this.place.origin,
      scope: this.scope,
      budget: this.budget,
    };
    this.#mender.mend(call, (recovery) => {
      if (recovery === undefined) this.#owner.failed(this, error);
      else this.#goOnWith(recovery, error);
    });
  }

  #goOnWith(recovery: Recovery, error: unknown): void {
    const { emit } = this.shared;
    emit({
      type: 'step.attempt.failed',
      step: this.name,
      attempt: this.attempts,
      error: toErrorInfo(error),
      delayMs: 0,
    });
    this.#uncounted = this.attempts;
    if (recovery.kind === 'inputs') this.correctInputs(recovery.corrections, recovery.reason);
    else {
      const { component, reason } = recovery;
      this.#target = { ...this.#target, component };
      this.#handler = this.shared.handlerOf(this.#target);
      this.#idempotencyKey = undefined;
      emit({ type: 'step.rerouted', step: this.name, component, reason });
    }
    if (!this.#isCancelled) this.begin();
  }
}

/** A tool call counts as one from the moment it is made; when its handler has ended, it is no longer under way. */
function settledWith(reservation: Reservation, output: Promise<unknown>): Promise<unknown> {
  if (reservation === noReservation) return output;
  return output.finally(() => {
    reservation.settle({ toolCalls: 1 });
  });
}
