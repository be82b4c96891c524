/**
 * One walk over one plan: who is ready, what the end of a step means for the others, and the result. The invariants it keeps
 * stand in `plan-executor.ts`; how a step is run stands in `step-call.ts`.
 *
 * Every step costs a fixed number of operations and one for each of its edges: states live in lists by index, nothing is
 * copied for a step, and what expressions see is kept up to date instead of built anew.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { ExecutionResult, StepResult } from '../../plan/execution-result.ts';
import { compileCondition, handlesFailures } from '../../plan/expressions/evaluate-condition.ts';
import { resolveExpressions } from '../../plan/expressions/resolve-expressions.ts';
import type { ExpressionScope } from '../../plan/expressions/scope.ts';
import { maxNesting, type PlanStep, type RoutingPlan } from '../../plan/routing-plan.ts';
import type { RunOrigin } from '../../recovery/failed-call.ts';
import type { Budget } from '../budget.ts';
import { compilePlan, type CompiledPlan } from '../compiled/compiled-plan.ts';
import { toErrorInfo } from './error-info.ts';
import { IndexQueue } from './index-queue.ts';
import type { NestedRun } from './nested-run.ts';
import { type NestedPlace, nestedRunOptions, type PlanRunOptions } from './plan-run-options.ts';
import { buildResult } from './run-result.ts';
import type { SharedRun } from './shared-run.ts';
import type { Slots, SlotWaiter } from '../slots/slot-pool.ts';
import { StepCall } from './step-call.ts';
import type { RunPlace, StepWork, WorkOwner } from './step-work.ts';
import { compileStepInputs } from './step-inputs.ts';
import { StepItems } from './step-items.ts';
import { StepScope, withSteps } from './step-scope.ts';

/** How a dependency stands for those who waited for it. */
type Standing = 'completed' | 'skipped' | 'failed';

/** One walk over one plan; good for one run. Steps are named by their places in the plan. */
export class PlanRun implements RunPlace, SlotWaiter, WorkOwner<StepWork> {
  readonly shared: SharedRun;
  readonly dueMs: number;
  readonly slots: Slots;
  /** Settles when every step has settled. */
  readonly ended: Promise<ExecutionResult>;
  readonly #plan: CompiledPlan;
  readonly #options: PlanRunOptions;
  readonly #startedAt: number;
  readonly #scope: ExpressionScope;
  readonly #stepScope: StepScope;
  readonly #results: (StepResult | undefined)[];
  readonly #work: (StepWork | undefined)[];
  /** How many ends each step still waits for. */
  readonly #waiting: Int32Array;
  readonly #skippedByCondition = new Set<number>();
  /** Failed steps in the order of their failures. */
  readonly #failures: number[] = [];
  #unsettled: number;
  /** Steps whose dependencies have settled. */
  readonly #ready = new IndexQueue();
  /** Steps that stand in line for a slot; this run stands there once for each. */
  readonly #scheduled = new IndexQueue();
  #isLaunching = false;
  #cancelledBy: GomindError | undefined;
  #finish: (result: ExecutionResult) => void = () => undefined;

  /** @throws GomindError `PLAN_REJECTED` for a graph that cannot be run, `LIMIT_EXCEEDED` for too many or too deep plans */
  constructor(plan: RoutingPlan, options: PlanRunOptions) {
    if (options.nesting > maxNesting) {
      throw new GomindError({ code: 'LIMIT_EXCEEDED', message: `Plans may be nested ${String(maxNesting)} deep.` });
    }
    const count = plan.steps.length;
    options.shared.count(count);
    this.shared = options.shared;
    this.dueMs = options.dueMs;
    this.slots = options.slots ?? options.shared.slots;
    this.#options = options;
    this.#plan = compilePlan(plan);
    this.#startedAt = this.shared.now();
    this.#results = new Array<StepResult | undefined>(count).fill(undefined);
    this.#work = new Array<StepWork | undefined>(count).fill(undefined);
    this.#waiting = this.#plan.waitsFor.counts();
    this.#unsettled = count;
    this.#stepScope = new StepScope(this.#plan, this.#results, options.scope.steps);
    this.#scope = withSteps(options.scope, this.#stepScope);
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** Starts the steps that wait for nobody; what an event listener throws ends the whole run. */
  start(): void {
    this.shared.guard(() => {
      for (const [index, count] of this.#waiting.entries()) if (count === 0) this.#ready.push(index);
      this.#launchReady();
      if (this.#results.length === 0) this.#end();
    });
  }

  nest(plan: RoutingPlan, place: NestedPlace): NestedRun {
    const run = new PlanRun(plan, nestedRunOptions(this.#options, place));
    return {
      start: () => {
        run.start();
      },
      ended: run.ended,
      cancel: (reason) => {
        run.cancel(reason);
      },
    };
  }

  get budget(): Budget {
    return this.#options.budget ?? this.shared.budget;
  }

  get origin(): RunOrigin {
    return this.#options.origin ?? this.shared.origin;
  }

  isApproved(step: PlanStep): boolean {
    if (this.#options.isApproved === true) return true;
    const { dependsOn, steps } = this.#plan;
    const seen = new Set([steps.indexOf(step)]);
    for (const index of seen) {
      if (this.#stepAt(index).kind === 'approval') return true;
      for (const dependency of dependsOn.targetsOf(index)) seen.add(dependency);
    }
    return false;
  }

  /** Cancels every step that has not settled, at once; handlers at work are told by their signals. */
  cancel(reason: GomindError): void {
    if (this.#unsettled === 0) return;
    this.#cancelledBy = reason;
    this.#scheduled.clear();
    const error = toErrorInfo(reason);
    const endedAt = this.shared.now();
    for (const index of this.#results.keys()) {
      if (this.#hasSettled(index)) continue;
      const work = this.#work[index];
      work?.cancel(reason);
      if (this.#hasSettled(index)) continue;
      const attempts = work?.attempts ?? 0;
      this.#record(index, { status: 'cancelled', error, attempts, endedAt, ...startOf(work) });
      this.shared.emit({ type: 'step.cancelled', step: this.#nameOf(index), error, attempts });
    }
    this.#end();
  }

  completed(work: StepWork, output: unknown): void {
    const { index, attempts } = work;
    if (this.#hasSettled(index)) return;
    const endedAt = this.shared.now();
    const startedAt = work.startedAt ?? endedAt;
    const step = this.#nameOf(index);
    const durationMs = endedAt - startedAt;
    if (work instanceof StepItems) {
      const extra = work.itemErrors.length === 0 ? {} : { itemErrors: work.itemErrors };
      this.#record(index, { status: 'completed', output, attempts, startedAt, endedAt, ...extra });
      this.shared.emit({ type: 'step.completed', step, output, durationMs, attempts, ...extra });
    } else {
      const result = { status: 'completed', output, attempts, startedAt, endedAt, inputs: work.inputs ?? {} } as const;
      this.#record(index, work.standIn === undefined ? result : { ...result, component: work.standIn });
      this.shared.emit({ type: 'step.completed', step, output, durationMs, attempts });
    }
    this.#goOn(index);
  }

  failed(work: StepWork, error: unknown): void {
    if (!this.#hasSettled(work.index)) this.#fail(work.index, error, work);
  }

  get isWaiting(): boolean {
    return this.#scheduled.size > 0;
  }

  onSlot(): void {
    this.#callOf(this.#scheduled.shift()).onSlot();
  }

  /** Launches steps one after the other, not within each other: a chain of skipped steps must not grow the stack. */
  #launchReady(): void {
    if (this.#isLaunching) return;
    this.#isLaunching = true;
    try {
      while (this.#ready.size > 0) {
        const index = this.#ready.shift();
        if (!this.#hasSettled(index)) this.#launch(index, this.#stepAt(index));
      }
    } finally {
      this.#isLaunching = false;
    }
  }

  #launch(index: number, step: PlanStep): void {
    const replaced = this.#plan.replacedBy.get(index);
    if (replaced?.every((other) => !this.#hasFailed(other)) === true) {
      const names = replaced.map((other) => `"${this.#stepAt(other).name}"`);
      this.#skip(index, `${names.join(', ')} did not fail`, { byCondition: true });
      return;
    }
    const obstacle = this.#obstacleOf(index);
    if (obstacle >= 0 && !handlesFailures(step.when)) {
      this.#skip(index, this.#reasonOf(obstacle), { byCondition: false });
      return;
    }
    if (step.when !== undefined && !this.#isWanted(index, step.when)) return;
    this.shared.emit({ type: 'step.scheduled', step: this.#nameOf(index) });
    if (this.#hasSettled(index)) return;
    const handler = this.shared.handlerOf(step);
    if (step.forEach !== undefined || handler === undefined || handler.takesSlot === false) {
      this.#workOf(index, step).begin();
    } else {
      // The call is made when its turn comes: a wide plan has thousands of steps in line.
      this.#scheduled.push(index);
      this.slots.request(this);
    }
  }

  #workOf(index: number, step: PlanStep): StepWork {
    if (step.forEach === undefined) return this.#callOf(index);
    const name = this.#nameOf(index);
    const { forEach } = step;
    const items = new StepItems({ step, index, place: this, owner: this, scope: this.#scope, name, forEach });
    this.#work[index] = items;
    return items;
  }

  #callOf(index: number): StepCall {
    const step = this.#stepAt(index);
    const call = new StepCall({
      step,
      index,
      inputs: compileStepInputs(step),
      place: this,
      owner: this,
      scope: this.#scope,
      name: this.#nameOf(index),
    });
    this.#work[index] = call;
    return call;
  }

  /** @returns false when the step has been settled instead: skipped, or failed because its condition cannot be evaluated */
  #isWanted(index: number, condition: string): boolean {
    let isWanted: boolean;
    try {
      const states = this.#plan.dependsOn.targetsOf(index).map((dependency) => this.#standingOf(dependency));
      isWanted = compileCondition(condition)({ ...this.#scope, dependency_states: states });
    } catch (error) {
      this.#fail(index, error);
      return false;
    }
    if (!isWanted) this.#skip(index, `its condition is false: ${condition}`, { byCondition: true });
    return isWanted;
  }

  /** The first dependency whose failure stops a step, or -1. */
  #obstacleOf(index: number): number {
    const { dependsOn, replacedBy } = this.#plan;
    const end = dependsOn.end(index);
    for (let at = dependsOn.start(index); at < end; at++) {
      const dependency = dependsOn.target(at);
      if (this.#results[dependency]?.status === 'completed') continue;
      const isReplaced = replacedBy.get(index)?.includes(dependency) === true;
      if (!isReplaced && this.#standingOf(dependency) === 'failed') return dependency;
    }
    return -1;
  }

  /** Who is told of an event may cancel the run within it, so this is looked at again after one. */
  #hasSettled(index: number): boolean {
    return this.#results[index] !== undefined;
  }

  #hasFailed(index: number): boolean {
    return this.#results[index]?.status === 'failed';
  }

  /** A failure counts as completed where the plan says so: `continue`, or a fallback (or its fallback) that completed. */
  #standingOf(index: number): Standing {
    for (let at = index; ;) {
      const status = this.#results[at]?.status;
      if (status === 'completed') return 'completed';
      if (status === 'skipped' && at === index && this.#skippedByCondition.has(at)) return 'skipped';
      if (status !== 'failed') return 'failed';
      if (this.#stepAt(at).onError === 'continue') return 'completed';
      const fallback = this.#plan.fallbackOf.get(at);
      if (fallback === undefined) return 'failed';
      at = fallback;
    }
  }

  /** Names the cause: of a dependency that was itself skipped, the reason for that. */
  #reasonOf(index: number): string {
    const result = this.#results[index];
    return result?.reason ?? `step "${this.#stepAt(index).name}" ${result?.status ?? 'failed'}`;
  }

  #skip(index: number, reason: string, { byCondition }: { readonly byCondition: boolean }): void {
    if (byCondition) this.#skippedByCondition.add(index);
    this.#record(index, { status: 'skipped', reason, attempts: 0, endedAt: this.shared.now() });
    this.shared.emit({ type: 'step.skipped', step: this.#nameOf(index), reason });
    this.#goOn(index);
  }

  #fail(index: number, thrown: unknown, work?: StepWork): void {
    const error = toErrorInfo(thrown);
    const endedAt = this.shared.now();
    const attempts = work?.attempts ?? 0;
    const durationMs = endedAt - (work?.startedAt ?? endedAt);
    this.#failures.push(index);
    this.#record(index, { status: 'failed', error, attempts, endedAt, ...startOf(work) });
    this.shared.emit({ type: 'step.failed', step: this.#nameOf(index), error, durationMs, attempts });
    this.#goOn(index);
  }

  #record(index: number, result: StepResult): void {
    this.#results[index] = result;
    this.#work[index] = undefined;
    this.#unsettled--;
    this.#stepScope.settled(index);
  }

  /** A step has settled: those that waited for exactly this one are ready. */
  #goOn(settled: number): void {
    const { dependants } = this.#plan;
    const end = dependants.end(settled);
    for (let at = dependants.start(settled); at < end; at++) {
      const index = dependants.target(at);
      const left = (this.#waiting[index] ?? 0) - 1;
      this.#waiting[index] = left;
      if (left === 0) this.#ready.push(index);
    }
    if (this.#unsettled === 0) this.#end();
    else this.#launchReady();
  }

  #stepAt(index: number): PlanStep {
    const step = this.#plan.steps[index];
    if (step === undefined) throw new RangeError(`The plan has no step ${String(index)}.`);
    return step;
  }

  #nameOf(index: number): string {
    const { name } = this.#stepAt(index);
    const { path } = this.#options;
    return path === '' ? name : path + name;
  }

  #end(): void {
    this.#finish(
      buildResult({
        runId: this.shared.runId,
        plan: this.#plan.plan,
        path: this.#options.path,
        results: this.#results,
        failures: this.#failures.filter((index) => this.#standingOf(index) === 'failed'),
        cancelledBy: this.#cancelledBy,
        startedAt: this.#startedAt,
        endedAt: this.shared.now(),
        resolve: (value) => resolveExpressions(value, this.#scope),
      }),
    );
  }
}

function startOf(work: StepWork | undefined): Pick<StepResult, 'startedAt' | 'inputs' | 'component'> {
  if (work?.startedAt === undefined) return {};
  const { startedAt, inputs, standIn } = work;
  return {
    startedAt,
    ...(inputs === undefined ? {} : { inputs }),
    ...(standIn === undefined ? {} : { component: standIn }),
  };
}
