/**
 * Runs plans.
 *
 * Invariants (each has a property test):
 *
 * - S1 A step starts exactly when its last dependency settles and a slot is free: there is no barrier between layers.
 * - S2 Each step settles exactly once: completed, failed, skipped or cancelled. A failed step skips only its own dependants,
 *   unless it says otherwise (`onError`) or they do (a condition on failures).
 * - S3 At most `maxConcurrency` handlers are at work, over the whole run, nested plans and items included, and at most
 *   `maxTotalConcurrency` over all runs. Who waits (for a retry, a nested plan, a time, an event) holds no slot. While the limit
 *   follows the load, nothing is started above it. A nested plan may have a lower limit of its own.
 * - S4 Cancellation and deadlines reach every running handler; no timer or listener outlives the run.
 * - S5 What happened is what was emitted: results follow from events.
 * - S6 Errors name causes: a skipped dependant is never one.
 * - S7 Scheduling a step costs O(its edges).
 *
 * How a plan is walked stands in `plan-run.ts`, how one step is run in `step-call.ts`.
 *
 * @module
 */
import { cancellationError, GomindError, noopLogger, noopTelemetry, systemClock } from '@gomind/core';
import type { ExecutionResult } from '../plan/execution-result.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import { noBudget } from './budget.ts';
import type { ExecuteOptions, PlanExecutorOptions } from './plan-executor-options.ts';
import { runTimeout } from './run/nested-run.ts';
import { PlanRun } from './run/plan-run.ts';
import { SharedConcurrency } from './slots/shared-concurrency.ts';
import { SharedRun } from './run/shared-run.ts';
import { StepHandlers } from './step-handlers.ts';

/** Runs any number of plans, each with its own limit of concurrency. */
export class PlanExecutor {
  readonly #options: PlanExecutorOptions;
  readonly #handlers: StepHandlers;
  readonly #concurrency: SharedConcurrency;
  readonly #running = new Set<Promise<ExecutionResult>>();

  constructor(options: PlanExecutorOptions) {
    this.#options = options;
    this.#concurrency =
      options.concurrency ?? new SharedConcurrency({ ...options, clock: options.clock ?? systemClock });
    this.#handlers = new StepHandlers(options.handlers);
  }

  /**
   * Runs a valid plan to its end.
   *
   * @param plan a plan that was proved before (`validatePlan`)
   * @returns what came of it; a failed step does not reject
   * @throws GomindError `PLAN_REJECTED` for a plan whose graph cannot be run, `LIMIT_EXCEEDED` for one with too many steps; what `emit` throws
   */
  async execute(plan: RoutingPlan, options: ExecuteOptions = {}): Promise<ExecutionResult> {
    const running = this.#execute(plan, options);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Settles when nothing runs any more, what cleans up after a cancelled run included. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled([...this.#running]);
  }

  async #execute(plan: RoutingPlan, options: ExecuteOptions): Promise<ExecutionResult> {
    const crash = Promise.withResolvers<never>();
    const shared = this.#share(options, crash.reject);
    const { clock, deadlines, budget } = shared;
    const { signal, timeoutMs = Number.POSITIVE_INFINITY } = options;
    const budgetMs = budget.remainingMs();
    const run = new PlanRun(plan, {
      shared,
      scope: { ...options.scope, inputs: options.inputs ?? {}, run: { ...options.scope?.run, id: shared.runId } },
      path: '',
      nesting: 0,
      dueMs: clock.monotonicMs() + Math.min(timeoutMs, budgetMs),
    });
    const cancel = (reason: GomindError): void => {
      shared.guard(() => {
        run.cancel(reason);
      });
    };
    const onAbort = (): void => {
      cancel(cancellationError(signal as AbortSignal, 'The run'));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (Number.isFinite(timeoutMs))
      deadlines.add(timeoutMs, () => {
        cancel(runTimeout(timeoutMs));
      });
    if (Number.isFinite(budgetMs))
      deadlines.add(Math.max(0, budgetMs), () => {
        cancel(budget.timeUp());
      });
    try {
      if (signal?.aborted === true) onAbort();
      else run.start();
      const result = await Promise.race([run.ended, crash.promise]);
      if (shared.isOutlived) await Promise.race([shared.outlived(), crash.promise]);
      return result;
    } catch (error) {
      // A listener failed: handlers at work are told, and the stream says no more.
      run.cancel(new GomindError({ code: 'CANCELLED', message: 'The run broke off', cause: error }));
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      shared.close();
    }
  }

  #share(options: ExecuteOptions, crash: (error: unknown) => void): SharedRun {
    const { clock = systemClock, logger = noopLogger, telemetry = noopTelemetry } = this.#options;
    const { maxConcurrency, maxSteps = 100_000, stepTimeoutMs = 30_000 } = this.#options;
    return new SharedRun({
      runId: options.runId ?? `run-${clock.uuid()}`,
      handlers: this.#handlers,
      clock,
      logger,
      telemetry,
      concurrency: this.#concurrency,
      maxConcurrency: maxConcurrency === 'auto' ? undefined : maxConcurrency,
      priority: options.priority ?? 'normal',
      maxSteps,
      stepTimeoutMs,
      budget: options.budget ?? noBudget,
      origin: options.origin ?? {},
      emit: options.emit ?? (() => undefined),
      crash,
    });
  }
}
