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
import type { ExecutionResult, StepResult } from '../plan/execution-result.ts';
import { compileCondition } from '../plan/expressions/evaluate-condition.ts';
import { resolveExpressions } from '../plan/expressions/resolve-expressions.ts';
import type { ExpressionScope } from '../plan/expressions/scope.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import { compilePlan, type CompiledPlan, type CompiledStep } from './compiled-plan.ts';
import { toErrorInfo } from './error-info.ts';
import { buildResult, setOwn } from './run-result.ts';
import type { SharedRun } from './shared-run.ts';
import type { NestedRun } from './step-attempt.ts';
import { type RunPlace, StepCall, type StepWork, type WorkOwner } from './step-call.ts';
import type { ResolvedInputs } from './step-inputs.ts';
import { StepItems } from './step-items.ts';

const maxNesting = 10;

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
}

/** How a dependency stands for those who waited for it. */
type Standing = 'completed' | 'skipped' | 'failed';

/** One walk over one plan; good for one run. */
export class PlanRun implements RunPlace, WorkOwner<StepWork> {
  readonly shared: SharedRun;
  readonly dueMs: number;
  /** Settles when every step has settled. */
  readonly ended: Promise<ExecutionResult>;
  readonly #plan: CompiledPlan;
  readonly #options: PlanRunOptions;
  readonly #startedAt: number;
  readonly #scope: ExpressionScope;
  /** What expressions see of steps: the results of those that have settled. */
  readonly #stepScope: Record<string, unknown>;
  readonly #results: (StepResult | undefined)[];
  readonly #work: (StepWork | undefined)[];
  readonly #waiting: Int32Array;
  readonly #skippedByCondition = new Set<number>();
  /** Failed steps in the order of their failures. */
  readonly #failures: number[] = [];
  #unsettled: number;
  #ready: number[] = [];
  #isDraining = false;
  #cancelledBy: GomindError | undefined;
  #finish: (result: ExecutionResult) => void = () => undefined;

  /** @throws GomindError `PLAN_REJECTED` for a graph that cannot be run, `LIMIT_EXCEEDED` for too many or too deep plans */
  constructor(plan: RoutingPlan, options: PlanRunOptions) {
    if (options.nesting > maxNesting) {
      throw new GomindError({ code: 'LIMIT_EXCEEDED', message: `Plans may be nested ${String(maxNesting)} deep.` });
    }
    options.shared.count(plan.steps.length);
    this.shared = options.shared;
    this.dueMs = options.dueMs;
    this.#options = options;
    this.#plan = compilePlan(plan);
    this.#startedAt = this.shared.clock.now();
    this.#stepScope = { ...options.scope.steps };
    this.#scope = { ...options.scope, steps: this.#stepScope };
    const count = plan.steps.length;
    this.#unsettled = count;
    this.#results = new Array<StepResult | undefined>(count).fill(undefined);
    this.#work = new Array<StepWork | undefined>(count).fill(undefined);
    this.#waiting = Int32Array.from(this.#plan.steps, (node) => node.waitsFor);
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** Starts the steps that wait for nobody; what an event listener throws ends the whole run. */
  start(): void {
    this.shared.guard(() => {
      for (const node of this.#plan.steps) if (node.waitsFor === 0) this.#ready.push(node.index);
      this.#launchReady();
      if (this.#plan.steps.length === 0) this.#end();
    });
  }

  startNested(
    plan: RoutingPlan,
    options: { readonly path: string; readonly inputs: ResolvedInputs | undefined; readonly dueMs: number },
  ): NestedRun {
    const { steps: _steps, item: _item, index: _index, ...scope } = this.#options.scope;
    const run = new PlanRun(plan, {
      shared: this.shared,
      scope: options.inputs === undefined ? scope : { ...scope, inputs: options.inputs },
      path: options.path,
      nesting: this.#options.nesting + 1,
      dueMs: options.dueMs,
    });
    run.start();
    return {
      ended: run.ended,
      cancel: (reason) => {
        run.cancel(reason);
      },
    };
  }

  /** Cancels every step that has not settled, at once; handlers at work are told by their signals. */
  cancel(reason: GomindError): void {
    if (this.#unsettled === 0) return;
    this.#cancelledBy = reason;
    const error = toErrorInfo(reason);
    const endedAt = this.shared.clock.now();
    for (const node of this.#plan.steps) {
      if (this.#results[node.index] !== undefined) continue;
      const work = this.#work[node.index];
      work?.cancel(reason);
      const attempts = work?.attempts ?? 0;
      this.#record(node, { status: 'cancelled', error, attempts, endedAt, ...startOf(work) });
      this.shared.emit({ type: 'step.cancelled', step: this.#nameOf(node), error, attempts });
    }
    this.#end();
  }

  completed(work: StepWork, output: unknown): void {
    const { node, attempts } = work;
    const endedAt = this.shared.clock.now();
    const startedAt = work.startedAt ?? endedAt;
    const itemErrors = work instanceof StepItems && work.itemErrors.length > 0 ? work.itemErrors : undefined;
    const extra = itemErrors === undefined ? undefined : { itemErrors };
    this.#record(node, { status: 'completed', output, attempts, endedAt, ...startOf(work), ...extra });
    const durationMs = endedAt - startedAt;
    this.shared.emit({ type: 'step.completed', step: this.#nameOf(node), output, durationMs, attempts, ...extra });
    this.#goOn(node);
  }

  failed(work: StepWork, error: unknown): void {
    this.#fail(work.node, error, work);
  }

  /** Launches steps one after the other, not within each other: a chain of skipped steps must not grow the stack. */
  #launchReady(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (let at = 0; at < this.#ready.length; at++) {
        const node = this.#plan.steps[this.#ready[at] ?? -1];
        if (node !== undefined && this.#results[node.index] === undefined) this.#launch(node);
      }
    } finally {
      this.#ready = [];
      this.#isDraining = false;
    }
  }

  #launch(node: CompiledStep): void {
    const isUnneeded = node.replaces.length > 0 && node.replaces.every((index) => !this.#hasFailed(index));
    if (isUnneeded) {
      const names = node.replaces.map((index) => `"${this.#plan.steps[index]?.step.name ?? ''}"`);
      this.#skip(node, `${names.join(', ')} did not fail`, { byCondition: true });
      return;
    }
    const obstacle = node.handlesFailures ? -1 : this.#obstacleOf(node);
    if (obstacle >= 0) {
      this.#skip(node, this.#reasonOf(obstacle), { byCondition: false });
      return;
    }
    if (node.step.when !== undefined && !this.#isWanted(node, node.step.when)) return;
    const name = this.#nameOf(node);
    this.shared.emit({ type: 'step.scheduled', step: name });
    const { forEach } = node.step;
    const common = { node, place: this, owner: this, scope: this.#scope, name };
    const work =
      forEach === undefined ? new StepCall({ ...common, itemIndex: 0 }) : new StepItems({ ...common, forEach });
    this.#work[node.index] = work;
    work.begin();
  }

  /** @returns false when the step has been settled instead: skipped, or failed because its condition cannot be evaluated */
  #isWanted(node: CompiledStep, condition: string): boolean {
    let isWanted: boolean;
    try {
      const states = node.dependsOn.map((index) => this.#standingOf(index));
      isWanted = compileCondition(condition)({ ...this.#scope, dependency_states: states });
    } catch (error) {
      this.#fail(node, error);
      return false;
    }
    if (!isWanted) this.#skip(node, `its condition is false: ${condition}`, { byCondition: true });
    return isWanted;
  }

  /** The first dependency whose failure stops a step, or -1. */
  #obstacleOf(node: CompiledStep): number {
    for (const index of node.dependsOn) {
      if (this.#results[index]?.status === 'completed') continue;
      if (this.#standingOf(index) === 'failed' && !node.replaces.includes(index)) return index;
    }
    return -1;
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
      const node = this.#plan.steps[at];
      if (status !== 'failed' || node === undefined) return 'failed';
      if (node.step.onError === 'continue') return 'completed';
      if (node.fallback < 0) return 'failed';
      at = node.fallback;
    }
  }

  /** Names the cause: of a dependency that was itself skipped, the reason for that. */
  #reasonOf(index: number): string {
    const result = this.#results[index];
    return result?.reason ?? `step "${this.#plan.steps[index]?.step.name ?? ''}" ${result?.status ?? 'failed'}`;
  }

  #skip(node: CompiledStep, reason: string, { byCondition }: { readonly byCondition: boolean }): void {
    if (byCondition) this.#skippedByCondition.add(node.index);
    this.#record(node, { status: 'skipped', reason, attempts: 0, endedAt: this.shared.clock.now() });
    this.shared.emit({ type: 'step.skipped', step: this.#nameOf(node), reason });
    this.#goOn(node);
  }

  #fail(node: CompiledStep, thrown: unknown, work?: StepWork): void {
    const error = toErrorInfo(thrown);
    const endedAt = this.shared.clock.now();
    const attempts = work?.attempts ?? 0;
    this.#failures.push(node.index);
    this.#record(node, { status: 'failed', error, attempts, endedAt, ...startOf(work) });
    const durationMs = endedAt - (work?.startedAt ?? endedAt);
    this.shared.emit({ type: 'step.failed', step: this.#nameOf(node), error, durationMs, attempts });
    this.#goOn(node);
  }

  #record(node: CompiledStep, result: StepResult): void {
    this.#results[node.index] = result;
    this.#work[node.index] = undefined;
    this.#unsettled--;
    setOwn(this.#stepScope, node.step.name, result);
    if (result.status === 'completed') this.#standIn(node, result.output);
  }

  /** A fallback's output is seen as the output of the steps that it stands in for. */
  #standIn(fallback: CompiledStep, output: unknown): void {
    for (const index of fallback.replaces) {
      const replaced = this.#plan.steps[index];
      if (replaced === undefined || !this.#hasFailed(index)) continue;
      setOwn(this.#stepScope, replaced.step.name, { ...this.#results[index], output });
      this.#standIn(replaced, output);
    }
  }

  /** A step has settled: those that waited for exactly this one are ready. */
  #goOn(node: CompiledStep): void {
    for (const index of node.dependants) {
      const left = (this.#waiting[index] ?? 0) - 1;
      this.#waiting[index] = left;
      if (left === 0) this.#ready.push(index);
    }
    if (this.#unsettled === 0) this.#end();
    else this.#launchReady();
  }

  #nameOf(node: CompiledStep): string {
    return this.#options.path + node.step.name;
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
        endedAt: this.shared.clock.now(),
        resolve: (value) => resolveExpressions(value, this.#scope),
      }),
    );
  }
}

function startOf(work: StepWork | undefined): Pick<StepResult, 'startedAt' | 'inputs'> {
  if (work?.startedAt === undefined) return {};
  return work.inputs === undefined ? { startedAt: work.startedAt } : { startedAt: work.startedAt, inputs: work.inputs };
}
