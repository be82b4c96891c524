/**
 * Runs one step: condition, expressions, items, attempts, deadline. Never rejects for what the step itself does; it rejects
 * only when an event listener throws.
 *
 * @module
 */
import { type Clock, GomindError, type Logger, retry, type Telemetry, withTimeout } from '@gomind/core';
import type { ExecutionResult, StepResult } from '../plan/execution-result.ts';
import { evaluateCondition } from '../plan/expressions/evaluate-condition.ts';
import { resolveExpressions } from '../plan/expressions/resolve-expressions.ts';
import type { ExpressionScope } from '../plan/expressions/scope.ts';
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/run-event.ts';
import { toErrorInfo } from './error-info.ts';
import { runForEach } from './for-each.ts';
import type { CallCounter } from './idempotency-key.ts';
import type { ExecuteOptions } from './plan-executor-options.ts';
import type { Semaphore } from './semaphore.ts';
import type { StepHandler } from './step-handler.ts';

/** What the steps of a run have in common. */
export interface StepRunContext {
  readonly runId: string;
  readonly slots: Semaphore;
  readonly calls: CallCounter;
  readonly handlers: ReadonlyMap<string, StepHandler>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly stepTimeoutMs: number;
  readonly emit: (event: RunEventBody) => void;
  readonly scope: ExpressionScope;
  readonly executeNested: (plan: RoutingPlan, options: ExecuteOptions) => Promise<ExecutionResult>;
}

/** What one step is run with. */
export interface StepRun extends StepRunContext {
  readonly signal: AbortSignal;
  /** How its dependencies ended, for its condition. */
  readonly dependencyStates: readonly string[];
}

/** The end of a step. */
export interface StepOutcome {
  readonly result: StepResult;
  readonly isSkippedByCondition: boolean;
}

/** Runs a step whose dependencies have settled. */
export async function runStep(step: PlanStep, run: StepRun): Promise<StepOutcome> {
  const { clock, emit } = run;
  const attempts = { count: 0 };
  let startedAt: number | undefined;
  let inputs: Readonly<Record<string, unknown>> | undefined;
  const timing = (): Pick<StepResult, 'attempts' | 'endedAt' | 'startedAt' | 'inputs'> => ({
    attempts: attempts.count,
    endedAt: clock.now(),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(inputs === undefined ? {} : { inputs }),
  });
  let output: unknown;
  try {
    if (!isWanted(step, run)) {
      return {
        result: { status: 'skipped', reason: `its condition is false: ${step.when ?? ''}`, ...timing() },
        isSkippedByCondition: true,
      };
    }
    output = await attempt(step, run, {
      attempts,
      onStart: (resolved) => {
        startedAt ??= clock.now();
        inputs = resolved;
      },
    });
  } catch (error) {
    if (error instanceof ListenerFailure) throw error.cause;
    const info = toErrorInfo(error);
    const durationMs = startedAt === undefined ? 0 : clock.now() - startedAt;
    if (run.signal.aborted) {
      emit({ type: 'step.cancelled', step: step.name, error: info });
      return { result: { status: 'cancelled', error: info, ...timing() }, isSkippedByCondition: false };
    }
    emit({ type: 'step.failed', step: step.name, error: info, durationMs, attempts: attempts.count });
    return { result: { status: 'failed', error: info, ...timing() }, isSkippedByCondition: false };
  }
  const durationMs = clock.now() - (startedAt ?? clock.now());
  emit({ type: 'step.completed', step: step.name, output, durationMs, attempts: attempts.count });
  return { result: { status: 'completed', output, ...timing() }, isSkippedByCondition: false };
}

/** What an event listener threw, told apart from what a step threw. */
class ListenerFailure extends Error {}

function emitSafely(run: StepRun, event: RunEventBody): void {
  try {
    run.emit(event);
  } catch (cause) {
    throw new ListenerFailure('an event listener failed', { cause });
  }
}

function isWanted(step: PlanStep, run: StepRun): boolean {
  return (
    step.when === undefined || evaluateCondition(step.when, { ...run.scope, dependency_states: run.dependencyStates })
  );
}

interface Progress {
  readonly attempts: { count: number };
  readonly onStart: (inputs: Readonly<Record<string, unknown>>) => void;
}

async function attempt(step: PlanStep, run: StepRun, progress: Progress): Promise<unknown> {
  if (step.forEach === undefined) return attemptOnce(step, run, progress);
  const items = resolveExpressions(step.forEach.items, run.scope);
  return runForEach(items, {
    stepName: step.name,
    maxParallel: step.forEach.maxParallel,
    signal: run.signal,
    runItem: (item, index, signal) =>
      attemptOnce(step, { ...run, signal, scope: { ...run.scope, item, index } }, progress),
  });
}

/** All attempts of one call: a slot is held while a handler works, not while waiting for the next attempt. */
async function attemptOnce(step: PlanStep, run: StepRun, progress: Progress): Promise<unknown> {
  const handler = handlerOf(step, run);
  const { clock, signal } = run;
  const timeoutMs = step.timeoutMs ?? run.stepTimeoutMs;
  let inputs: Readonly<Record<string, unknown>> | undefined;
  let idempotencyKey = '';
  const maxAttempts = step.retry?.maxAttempts ?? handler.maxAttempts?.(step) ?? 1;
  return retry(
    async (number) => {
      const slot = await SlotHolder.take(run, signal);
      try {
        if (inputs === undefined) {
          inputs = resolveExpressions(step.inputs, run.scope) as Readonly<Record<string, unknown>>;
          idempotencyKey = run.calls.nextKey(step.component ?? step.kind ?? '', step.action ?? step.name, inputs);
          progress.onStart(inputs);
          emitSafely(run, startedEvent(step, inputs));
        }
        progress.attempts.count++;
        const resolved = inputs;
        return await withTimeout(
          (callSignal) =>
            handler.run(step, {
              runId: run.runId,
              inputs: resolved,
              signal: callSignal,
              deadlineMs: clock.now() + timeoutMs,
              attempt: number,
              idempotencyKey,
              scope: run.scope,
              logger: run.logger,
              telemetry: run.telemetry,
              executePlan: (plan) => slot.whileFree(() => executeNested(plan, { ...run, signal: callSignal })),
            }),
          { timeoutMs, code: 'STEP_TIMEOUT', what: `Step "${step.name}"`, details: { step: step.name }, signal, clock },
        );
      } finally {
        slot.giveBack();
      }
    },
    {
      maxAttempts,
      ...backoffOf(step),
      isRetryable: (error) => !(error instanceof ListenerFailure) && mayRetry(error, step, handler),
      onRetry: ({ attempt: number, error, delayMs }) => {
        emitSafely(run, {
          type: 'step.attempt.failed',
          step: step.name,
          attempt: number,
          error: toErrorInfo(error),
          delayMs,
        });
      },
      signal,
      clock,
    },
  );
}

function handlerOf(step: PlanStep, run: StepRun): StepHandler {
  const kind = step.kind ?? 'component';
  const handler = run.handlers.get(kind);
  if (handler !== undefined) return handler;
  throw new GomindError({
    code: 'BAD_STEP_KIND',
    message: `No handler runs steps of the kind "${kind}". Known: ${[...run.handlers.keys()].join(', ')}.`,
  });
}

function startedEvent(step: PlanStep, inputs: Readonly<Record<string, unknown>>): RunEventBody {
  return {
    type: 'step.started',
    step: step.name,
    inputs,
    ...(step.component === undefined ? {} : { component: step.component }),
    ...(step.action === undefined ? {} : { action: step.action }),
  };
}

/** A step that asks for retries gets them for errors of unknown kind too; an error that says "never" is always believed. */
function mayRetry(error: unknown, step: PlanStep, handler: StepHandler): boolean {
  if (handler.mayRetry !== undefined) return handler.mayRetry(error, step);
  return GomindError.isInstance(error) ? error.isRetryable : step.retry !== undefined;
}

function backoffOf(step: PlanStep): Parameters<typeof retry>[1] {
  const { backoff, backoffFactor, initialWaitMs, maxWaitMs, jitter } = step.retry ?? {};
  return {
    ...(backoff === undefined ? {} : { backoff }),
    ...(backoffFactor === undefined ? {} : { backoffFactor }),
    ...(initialWaitMs === undefined ? {} : { initialDelayMs: initialWaitMs }),
    ...(maxWaitMs === undefined ? {} : { maxDelayMs: maxWaitMs }),
    ...(jitter === undefined ? {} : { jitter }),
  };
}

/** Nested steps carry no events of their own into the outer stream under clashing names: they are named `outer/inner` by their maker. */
function executeNested(plan: RoutingPlan, run: StepRun): Promise<ExecutionResult> {
  const { inputs, steps: _steps, item: _item, index: _index, ...scope } = run.scope;
  return run.executeNested(plan, { signal: run.signal, inputs: inputs ?? {}, scope, emit: run.emit });
}

/** A slot that can be lent back while its step waits for a plan of its own. */
class SlotHolder {
  readonly #run: StepRun;
  readonly #signal: AbortSignal;
  #release: () => void;
  #isOver = false;

  private constructor(run: StepRun, signal: AbortSignal, release: () => void) {
    this.#run = run;
    this.#signal = signal;
    this.#release = release;
  }

  static async take(run: StepRun, signal: AbortSignal): Promise<SlotHolder> {
    return new SlotHolder(run, signal, await run.slots.acquire(signal));
  }

  giveBack(): void {
    this.#isOver = true;
    this.#release();
  }

  async whileFree<T>(work: () => Promise<T>): Promise<T> {
    this.#release();
    const result = await work();
    const release = await this.#run.slots.acquire(this.#signal);
    // The step may have timed out while its plan ran; then nobody would give this slot back.
    if (this.#isOver) release();
    else this.#release = release;
    return result;
  }
}
