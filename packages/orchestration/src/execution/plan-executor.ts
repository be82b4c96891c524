/**
 * Runs plans.
 *
 * Invariants (each has a property test):
 *
 * - S1 A step starts exactly when its last dependency settles and a slot is free: there is no barrier between layers.
 * - S2 Each step settles exactly once: completed, failed, skipped or cancelled. A failed step skips only its own dependants,
 *   unless it says otherwise (`onError`) or they do (a condition on failures).
 * - S3 At most `maxConcurrency` handlers are at work, over the whole run, nested plans included.
 * - S4 Cancellation and deadlines reach every running handler; no timer or listener outlives the run.
 * - S5 What happened is what was emitted: results follow from events.
 * - S6 Errors name causes: a skipped dependant is never one.
 * - S7 Scheduling a step costs O(its edges).
 *
 * How one step is run stands in `step-runner.ts`.
 *
 * @module
 */
import {
  cancellationError,
  GomindError,
  type LinkedAbort,
  linkedAbort,
  noopLogger,
  noopTelemetry,
  systemClock,
} from '@gomind/core';
import type { ExecutionResult, RunError, StepResult } from '../plan/execution-result.ts';
import { handlesFailures } from '../plan/expressions/evaluate-condition.ts';
import { resolveExpressions } from '../plan/expressions/resolve-expressions.ts';
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import { CallCounter } from './idempotency-key.ts';
import { RunGraph } from './run-graph.ts';
import { Semaphore } from './semaphore.ts';
import type { ExecuteOptions, PlanExecutorOptions } from './plan-executor-options.ts';
import type { StepHandler } from './step-handler.ts';
import { toErrorInfo } from './error-info.ts';
import { runStep, type StepOutcome, type StepRunContext } from './step-runner.ts';

const maxNesting = 10;

/** Runs any number of plans, each with its own limit of concurrency. */
export class PlanExecutor {
  readonly #options: PlanExecutorOptions;
  readonly #handlers: ReadonlyMap<string, StepHandler>;

  constructor(options: PlanExecutorOptions) {
    this.#options = options;
    this.#handlers = new Map(options.handlers.map((handler) => [handler.kind, handler]));
  }

  /**
   * Runs a valid plan to its end.
   *
   * @param plan a plan that was proved before (`validatePlan`)
   * @returns what came of it; a failed step does not reject
   * @throws GomindError `PLAN_REJECTED` for a plan whose graph cannot be run; what `emit` throws
   */
  execute(plan: RoutingPlan, options: ExecuteOptions = {}): Promise<ExecutionResult> {
    const { clock = systemClock, maxConcurrency = 10 } = this.#options;
    const runId = options.runId ?? `run-${clock.uuid()}`;
    return this.#execute(plan, options, {
      runId,
      slots: new Semaphore(maxConcurrency),
      calls: new CallCounter(runId),
      nesting: 0,
    });
  }

  async #execute(plan: RoutingPlan, options: ExecuteOptions, shared: SharedRun): Promise<ExecutionResult> {
    if (shared.nesting > maxNesting) {
      throw new GomindError({ code: 'LIMIT_EXCEEDED', message: `Plans may be nested ${String(maxNesting)} deep.` });
    }
    const {
      clock = systemClock,
      logger = noopLogger,
      telemetry = noopTelemetry,
      stepTimeoutMs = 30_000,
    } = this.#options;
    const run = new PlanRun(plan, {
      ...shared,
      handlers: this.#handlers,
      clock,
      logger,
      telemetry,
      stepTimeoutMs,
      emit: options.emit ?? (() => undefined),
      scope: { ...options.scope, inputs: options.inputs ?? {} },
      executeNested: (nested, nestedOptions) =>
        this.#execute(nested, nestedOptions, { ...shared, nesting: shared.nesting + 1 }),
    });
    return run.toEnd(options);
  }
}

/** What nested runs share with the run they are part of. */
interface SharedRun {
  readonly runId: string;
  readonly slots: Semaphore;
  readonly calls: CallCounter;
  readonly nesting: number;
}

/** One walk over one plan; good for one run. */
class PlanRun {
  readonly #plan: RoutingPlan;
  readonly #graph: RunGraph;
  readonly #context: StepRunContext;
  readonly #results = new Map<string, StepResult>();
  readonly #errors: RunError[] = [];
  /** What expressions see; kept up to date instead of built anew for each step. */
  readonly #stepScope: Record<string, unknown> = {};
  #ready: PlanStep[] = [];
  #abort: LinkedAbort = linkedAbort();
  #isDraining = false;
  #finish: () => void = () => undefined;
  #crash: (error: unknown) => void = () => undefined;

  constructor(plan: RoutingPlan, context: StepRunContext) {
    this.#plan = plan;
    this.#graph = new RunGraph(plan);
    this.#context = { ...context, scope: { ...context.scope, steps: this.#stepScope } };
  }

  async toEnd(options: ExecuteOptions): Promise<ExecutionResult> {
    const { clock } = this.#context;
    const startedAt = clock.now();
    this.#abort = linkedAbort(options.signal);
    const cancelTimer = this.#armTimeout(options.timeoutMs);
    const onAbort = (): void => {
      this.#cancelWaiting();
    };
    try {
      const ended = new Promise<void>((resolve, reject) => {
        this.#finish = resolve;
        this.#crash = reject;
      });
      this.#abort.signal.addEventListener('abort', onAbort, { once: true });
      if (this.#abort.signal.aborted) onAbort();
      else this.#enqueue(this.#graph.roots());
      if (this.#plan.steps.length === 0) this.#finish();
      await ended;
      return this.#result(startedAt);
    } finally {
      cancelTimer();
      this.#abort.signal.removeEventListener('abort', onAbort);
      this.#abort.unlink();
    }
  }

  #armTimeout(timeoutMs: number | undefined): () => void {
    if (timeoutMs === undefined) return () => undefined;
    return this.#context.clock.setTimer(() => {
      this.#abort.abort(
        new GomindError({
          code: 'RUN_TIMEOUT',
          message: `The run took longer than ${String(timeoutMs)} ms`,
          details: { timeoutMs },
        }),
      );
    }, timeoutMs);
  }

  /** Starts steps one after the other, not within each other: a chain of skipped steps must not grow the stack. */
  #enqueue(steps: readonly PlanStep[]): void {
    for (const step of steps) this.#ready.push(step);
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (let at = 0; at < this.#ready.length; at++) {
        const next = this.#ready[at];
        if (next !== undefined) this.#launch(next);
      }
    } catch (error) {
      this.#stop(error);
    } finally {
      this.#ready = [];
      this.#isDraining = false;
    }
  }

  #launch(step: PlanStep): void {
    if (this.#results.has(step.name)) return;
    const standing = this.#graph.standingOf(step, this.#results);
    if (standing.kind === 'unneeded') {
      this.#settle(step, this.#skipped(standing.reason), 'condition');
    } else if (standing.blockedBy !== undefined && !handlesFailures(step.when)) {
      this.#settle(step, this.#skipped(standing.blockedBy), 'failure');
    } else {
      this.#context.emit({ type: 'step.scheduled', step: step.name });
      const work = runStep(step, { ...this.#context, signal: this.#abort.signal, dependencyStates: standing.states });
      work.then(
        (outcome) => {
          this.#settleAndContinue(step, outcome);
        },
        (error: unknown) => {
          this.#stop(error);
        },
      );
    }
  }

  #settleAndContinue(step: PlanStep, outcome: StepOutcome): void {
    try {
      this.#settle(step, outcome.result, outcome.isSkippedByCondition ? 'condition' : 'failure');
    } catch (error) {
      this.#stop(error);
    }
  }

  /** Something that is no step failed (an event listener, this code): the run ends with it, and nothing keeps running. */
  #stop(error: unknown): void {
    this.#crash(error);
    this.#abort.abort(error);
  }

  #settle(step: PlanStep, result: StepResult, skipReason: 'condition' | 'failure'): void {
    if (this.#results.has(step.name)) return;
    this.#results.set(step.name, result);
    if (result.status === 'skipped' && skipReason === 'condition') this.#graph.markSkippedByCondition(step.name);
    this.#publish(step, result);
    this.#noteError(step, result);
    if (result.status === 'skipped')
      this.#context.emit({ type: 'step.skipped', step: step.name, reason: result.reason ?? '' });
    if (this.#results.size === this.#plan.steps.length) this.#finish();
    else this.#enqueue(this.#graph.release(step.name));
  }

  /** Makes a result visible to expressions; a fallback's output stands in for the step it replaces. */
  #publish(step: PlanStep, result: StepResult): void {
    const show = (name: string, value: unknown): void => {
      Object.defineProperty(this.#stepScope, name, { value, enumerable: true, configurable: true, writable: true });
    };
    show(step.name, {
      status: result.status,
      ...(result.output === undefined ? {} : { output: result.output }),
      ...(result.error === undefined ? {} : { error: result.error }),
    });
    if (result.status !== 'completed') return;
    for (const replaced of this.#graph.replacedBy(step.name)) {
      const own = this.#results.get(replaced);
      if (own?.status === 'failed') show(replaced, { status: 'failed', error: own.error, output: result.output });
    }
  }

  #noteError(step: PlanStep, result: StepResult): void {
    if (result.status !== 'failed' || result.error === undefined) return;
    if (step.onError === 'continue' || typeof step.onError === 'object') return;
    this.#errors.push({
      ...result.error,
      message: `Step "${step.name}" failed: ${result.error.message}`,
      step: step.name,
      ...(step.component === undefined ? {} : { component: step.component }),
    });
  }

  #skipped(reason: string): StepResult {
    return { status: 'skipped', reason, attempts: 0, endedAt: this.#context.clock.now() };
  }

  /** Steps that have not started are cancelled at once; running ones report by themselves. */
  #cancelWaiting(): void {
    const error = toErrorInfo(cancellationError(this.#abort.signal, 'The run'));
    const endedAt = this.#context.clock.now();
    try {
      for (const step of this.#plan.steps) {
        if (this.#results.has(step.name) || this.#graph.isReleased(step.name)) continue;
        this.#results.set(step.name, { status: 'cancelled', error, attempts: 0, endedAt });
        this.#context.emit({ type: 'step.cancelled', step: step.name, error });
      }
    } catch (thrown) {
      this.#crash(thrown);
    }
    if (this.#results.size === this.#plan.steps.length) this.#finish();
  }

  #result(startedAt: number): ExecutionResult {
    const { clock, runId } = this.#context;
    const { signal } = this.#abort;
    const wasCancelled = signal.aborted && [...this.#results.values()].some((result) => result.status === 'cancelled');
    const cause = wasCancelled ? cancellationError(signal, 'The run') : undefined;
    const isTimeout = cause?.code === 'RUN_TIMEOUT';
    const errors = cause === undefined ? this.#errors : [...this.#errors, toErrorInfo(cause)];
    return {
      runId,
      status: cause !== undefined && !isTimeout ? 'cancelled' : errors.length > 0 ? 'failed' : 'completed',
      steps: namedResults(this.#plan, this.#results),
      outputs: this.#outputs(),
      errors,
      startedAt,
      endedAt: clock.now(),
    };
  }

  #outputs(): Record<string, unknown> {
    const outputs: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(this.#plan.outputs ?? {})) {
      try {
        outputs[name] = resolveExpressions(value, this.#context.scope);
      } catch (error) {
        // The step it needs failed or was skipped, which is reported there.
        if (!GomindError.isInstance(error)) throw error;
      }
    }
    return outputs;
  }
}

/** Results in the plan's order; defined, not assigned, so that any name is an ordinary key. */
function namedResults(plan: RoutingPlan, results: ReadonlyMap<string, StepResult>): Record<string, StepResult> {
  const named: Record<string, StepResult> = {};
  for (const { name } of plan.steps) {
    Object.defineProperty(named, name, {
      value: results.get(name),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return named;
}
