/**
 * The real executor with the component call supplied by the caller: for embedding and for tests.
 *
 * @module
 */
import { type Clock, GomindError, type Logger, noopLogger, redactingLogger, systemClock } from '@gomind/core';
import type { ExecutionResult } from '../plan/execution-result.ts';
import { EventSequence } from '../plan/events/event-sequence.ts';
import { RunFold } from '../plan/events/fold-run.ts';
import type { PlanStep } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import { hasViews, type RunViews, showEvent } from '../plan/events/run-views.ts';
import type { Budget } from './budget.ts';
import type { EventSignals } from './kinds/event-signals.ts';
import { createJoinStepHandler } from './kinds/join-step.ts';
import { PlanExecutor } from './plan-executor.ts';
import { createPlanStepHandler } from './kinds/plan-step.ts';
import { proveStructure } from './kinds/prove-structure.ts';
import type { StepContext, StepHandler } from './step-handler.ts';
import { createWaitStepHandler } from './kinds/wait-step.ts';

/** One component call that the caller makes. */
export interface ComponentCall {
  readonly component: string;
  readonly action: string;
  readonly inputs: Record<string, unknown>;
  /** Name of the step. */
  readonly step: string;
  readonly signal: AbortSignal;
  readonly idempotencyKey?: string;
}

/** Options of {@link executePlan}. What a view throws ends the run. */
export interface ExecutePlanOptions extends RunViews {
  /** Makes a component call and returns its output. A GomindError with `isRetryable` is retried when the step asks for it. */
  call(request: ComponentCall): Promise<unknown>;
  /** Calls at work at the same time; `auto`: 10, and fewer while the process is overloaded. Default: 10. */
  readonly maxConcurrency?: number | 'auto';
  /** What `${inputs...}` sees. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  /** Where the events come from that `wait` steps wait for. Default: none. */
  readonly signals?: EventSignals;
  /** Milliseconds for each call. Default: 30,000. */
  readonly stepTimeoutMs?: number;
  /** Milliseconds for the whole run. Default: none. */
  readonly timeoutMs?: number;
  /** What the run may use up. Default: no limit. */
  readonly budget?: Budget;
  /** Is told of views that reject, without secrets. Default: nobody is. */
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/**
 * Runs a plan. Steps without a `kind` are calls; `join`, `plan` and `wait` steps run as well.
 *
 * @param plan a RoutingPlan, or a plan in the wire form; references to undeclared dependencies are added
 * @returns what came of it; a failed step does not reject
 * @throws GomindError `PLAN_REJECTED` with `details.diagnostics` for a plan that is not valid
 * @example
 * const result = await executePlan(plan, { call: ({ component, action, inputs }) => tools[component][action](inputs) });
 */
export async function executePlan(plan: unknown, options: ExecutePlanOptions): Promise<ExecutionResult> {
  if (typeof (options as ExecutePlanOptions | undefined)?.call !== 'function') {
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message: 'executePlan needs { call } as its second argument: a function that makes the call of a component.',
    });
  }
  const checked = proveStructure(plan);
  const { clock = systemClock } = options;
  const logger = options.logger === undefined ? noopLogger : redactingLogger(options.logger);
  const runId = `run-${clock.uuid()}`;
  const emit = emitterOf(options, new EventSequence(runId, clock), logger);
  const executor = new PlanExecutor({
    handlers: [
      createCallStepHandler(options),
      createJoinStepHandler(),
      createPlanStepHandler(),
      createWaitStepHandler({ clock, signals: options.signals }),
    ],
    clock,
    logger,
    ...(options.maxConcurrency === undefined ? {} : { maxConcurrency: options.maxConcurrency }),
    ...(options.stepTimeoutMs === undefined ? {} : { stepTimeoutMs: options.stepTimeoutMs }),
  });
  emit({ type: 'run.started' });
  emit({ type: 'plan.created', plan: checked, source: 'caller' });
  const result = await executor.execute(checked, {
    runId,
    emit,
    ...(options.inputs === undefined ? {} : { inputs: options.inputs }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    budget: options.budget,
  });
  emit(endOf(result));
  return result;
}

/** Numbers events and shows them; does nothing when nobody looks. */
function emitterOf(views: RunViews, sequence: EventSequence, logger: Logger): (body: RunEventBody) => void {
  if (!hasViews(views)) return () => undefined;
  const fold = new RunFold();
  return (body) => {
    const event = sequence.next(body);
    fold.apply(event);
    const onRejected = (error: unknown): void => {
      logger.warn('A view of the run rejected', { runId: event.runId, event: event.type, error });
    };
    showEvent(views, event, { fold, onRejected });
  };
}

/** What is costly is made when the caller looks at it: together, it costs more than the rest of a step. */
class StepComponentCall implements ComponentCall {
  readonly component: string;
  readonly action: string;
  readonly inputs: Record<string, unknown>;
  readonly step: string;
  readonly #context: StepContext;

  constructor(step: PlanStep, context: StepContext) {
    this.component = step.component ?? '';
    this.action = step.action ?? '';
    this.inputs = { ...context.inputs };
    this.step = step.name;
    this.#context = context;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get idempotencyKey(): string {
    return this.#context.idempotencyKey;
  }
}

/** Makes the handler of component steps whose calls the application makes itself. */
export function createCallStepHandler(options: Pick<ExecutePlanOptions, 'call'>): StepHandler {
  return {
    kind: 'component',
    isToolCall: true,
    run: (step, context) => options.call(new StepComponentCall(step, context)),
  };
}

/** The last event of a run that is nothing but its plan. */
function endOf(result: ExecutionResult): RunEventBody {
  if (result.status === 'completed') return { type: 'run.completed', result };
  const error = result.errors.at(-1) ?? { code: 'STEP_FAILED', message: 'The run failed.', isRetryable: false };
  return { type: result.status === 'cancelled' ? 'run.cancelled' : 'run.failed', error, result };
}
