/**
 * The state of a run as a pure fold of its events. Responses, progress, history and metrics read it; nothing else stores what
 * happened.
 *
 * @module
 */
import type { AIUsage } from '@gomind/core';
import { addUsage, noUsage } from './add-usage.ts';
import type { ErrorInfo, ExecutionResult, RunError, StepResult, StepStatus } from '../execution-result.ts';
import type { PlanStep, RoutingPlan } from '../routing-plan.ts';
import type { PlanSource, RunEnd, RunEvent } from './run-event.ts';

/** A step while the run goes on: how it ended, or how far it is. */
export interface StepState extends Omit<StepResult, 'status' | 'endedAt'> {
  readonly status: StepStatus | 'scheduled' | 'running' | 'waiting';
  /** Milliseconds since the epoch; absent until it has settled. */
  readonly endedAt?: number;
}

/** How far a run is, in steps of its plan; items and nested plans are part of their step. */
export interface RunProgress {
  readonly settled: number;
  /** 0 until there is a plan. */
  readonly total: number;
  readonly running: number;
}

/** What the events so far say about a run. */
export interface RunState {
  /** Empty before the first event. */
  readonly runId: string;
  readonly status: 'pending' | 'running' | 'completed' | 'failed' | 'cancelled';
  readonly request?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly plan?: RoutingPlan;
  readonly planSource?: PlanSource;
  /** By name, in the order of their first events. */
  readonly steps: Readonly<Record<string, StepState>>;
  /** Failures of steps that the plan does not forgive, in the order they happened. */
  readonly errors: readonly RunError[];
  readonly progress: RunProgress;
  /** Tokens of all model calls. */
  readonly usage: AIUsage;
  /** Why the run failed or was cancelled. */
  readonly error?: ErrorInfo;
  readonly result?: ExecutionResult;
  readonly response?: unknown;
  /** Milliseconds since the epoch; absent before the run started. */
  readonly startedAt?: number;
  /** Milliseconds since the epoch; absent until the run has ended. */
  readonly endedAt?: number;
  /** Milliseconds from start to end; absent until the run has ended. */
  readonly durationMs?: number;
  /** Place of the latest event; 0 before the first. */
  readonly lastSeq: number;
}

/**
 * The state of a run after some events.
 *
 * @param events from the first one on, in order; gaps in the news do not matter
 */
export function foldRun(events: Iterable<RunEvent>): RunState {
  const fold = new RunFold();
  for (const event of events) fold.apply(event);
  return fold.state();
}

/** Whether an event's step is one of the plan's own, not an item (`each[2]`) or part of a nested plan (`outer/inner`). */
export function isOwnStep(name: string): boolean {
  return !name.includes('/') && !name.endsWith(']');
}

type StepEvent = Extract<RunEvent, { readonly step: string }>;

/** The same fold, one event at a time; each costs the same however many came before. */
export class RunFold {
  readonly #steps = new Map<string, StepState>();
  readonly #planSteps = new Map<string, PlanStep>();
  readonly #failures: string[] = [];
  #top: Omit<RunState, 'runId' | 'lastSeq' | 'steps' | 'errors' | 'progress'> = { status: 'pending', usage: noUsage };
  #runId = '';
  #lastSeq = 0;
  #settled = 0;
  #running = 0;

  /** Takes the next event. */
  apply(event: RunEvent): void {
    this.#runId = event.runId;
    this.#lastSeq = event.seq;
    if ('step' in event) {
      if (isOwnStep(event.step)) this.#applyToStep(event);
    } else this.#applyToRun(event);
  }

  get progress(): RunProgress {
    return { settled: this.#settled, total: this.#planSteps.size, running: this.#running };
  }

  get usage(): AIUsage {
    return this.#top.usage;
  }

  /** Everything so far, as values that later events do not change. */
  state(): RunState {
    return {
      ...this.#top,
      runId: this.#runId,
      lastSeq: this.#lastSeq,
      steps: Object.fromEntries(this.#steps),
      errors: this.#failures.filter((name) => !this.#isForgiven(name)).map((name) => this.#causeOf(name)),
      progress: this.progress,
    };
  }

  #applyToRun(event: Exclude<RunEvent, StepEvent>): void {
    switch (event.type) {
      case 'run.started': {
        const { request, metadata, time } = event;
        this.#top = {
          ...this.#top,
          status: 'running',
          startedAt: time,
          ...(request === undefined ? {} : { request }),
          ...(metadata === undefined ? {} : { metadata }),
        };
        break;
      }
      case 'plan.created':
        this.#keepFinished();
        this.#top = { ...this.#top, plan: event.plan, planSource: event.source };
        for (const step of event.plan.steps) this.#planSteps.set(step.name, step);
        break;
      case 'tokens':
        this.#top = { ...this.#top, usage: addUsage(this.#top.usage, event.usage) };
        break;
      case 'run.completed':
        this.#end('completed', event);
        break;
      case 'run.failed':
        this.#end('failed', event);
        break;
      case 'run.cancelled':
        this.#end('cancelled', event);
        break;
      default:
        break;
    }
  }

  /** A further plan takes the place of what was not finished; its failures are no failures of the run. */
  #keepFinished(): void {
    for (const [name, { status }] of this.#steps) if (status !== 'completed') this.#steps.delete(name);
    this.#planSteps.clear();
    this.#failures.length = 0;
    this.#settled = this.#steps.size;
    this.#running = 0;
  }

  #end(
    status: 'completed' | 'failed' | 'cancelled',
    event: RunEnd & { readonly time: number; readonly error?: ErrorInfo },
  ): void {
    const { result, response, error, time } = event;
    const durationMs = event.durationMs ?? Math.max(0, time - (this.#top.startedAt ?? time));
    this.#top = {
      ...this.#top,
      status,
      endedAt: time,
      durationMs,
      ...(result === undefined ? {} : { result }),
      ...(response === undefined ? {} : { response }),
      ...(error === undefined ? {} : { error }),
    };
  }

  #applyToStep(event: StepEvent): void {
    const { step: name, time } = event;
    const before: StepState = this.#steps.get(name) ?? { status: 'scheduled', attempts: 0 };
    switch (event.type) {
      case 'step.scheduled':
        this.#steps.set(name, before);
        break;
      case 'step.started': {
        this.#running++;
        const inputs = this.#planSteps.get(name)?.forEach === undefined ? { inputs: event.inputs } : {};
        this.#steps.set(name, { ...before, status: 'running', startedAt: time, attempts: 1, ...inputs });
        break;
      }
      case 'step.attempt.failed':
        this.#steps.set(name, { ...before, attempts: event.attempt + 1 });
        break;
      case 'step.inputs.corrected':
        this.#steps.set(name, { ...before, inputs: event.inputs });
        break;
      case 'step.rerouted':
        this.#steps.set(name, { ...before, component: event.component });
        break;
      case 'step.waiting':
        this.#steps.set(name, { ...before, status: 'waiting' });
        break;
      case 'step.completed': {
        const { output, attempts, itemErrors } = event;
        const items = itemErrors === undefined ? {} : { itemErrors };
        this.#settle(name, { ...before, status: 'completed', output, attempts, endedAt: time, ...items });
        break;
      }
      case 'step.failed':
        this.#failures.push(name);
        this.#settle(name, {
          ...before,
          status: 'failed',
          error: event.error,
          attempts: event.attempts,
          endedAt: time,
        });
        break;
      case 'step.skipped':
        this.#settle(name, { ...before, status: 'skipped', reason: event.reason, endedAt: time });
        break;
      case 'step.cancelled': {
        const attempts = event.attempts ?? before.attempts;
        this.#settle(name, { ...before, status: 'cancelled', error: event.error, attempts, endedAt: time });
        break;
      }
    }
  }

  #settle(name: string, state: StepState): void {
    if (state.startedAt !== undefined) this.#running--;
    this.#settled++;
    this.#steps.set(name, state);
  }

  /** A failure is no error of the run where the plan says so: `continue`, or a fallback (or its fallback) that completed. */
  #isForgiven(failed: string): boolean {
    for (let name = failed; ;) {
      const status = this.#steps.get(name)?.status;
      const onError = this.#planSteps.get(name)?.onError;
      if (status === 'completed') return true;
      if (status !== 'failed') return false;
      if (onError === 'continue') return true;
      if (typeof onError !== 'object') return false;
      name = onError.fallback;
    }
  }

  #causeOf(name: string): RunError {
    const component = this.#planSteps.get(name)?.component;
    const error = this.#steps.get(name)?.error ?? { code: 'STEP_FAILED', message: 'it failed', isRetryable: false };
    return {
      ...error,
      message: `Step "${name}" failed: ${error.message}`,
      step: name,
      ...(component === undefined ? {} : { component }),
    };
  }
}

/** Whether a step has reached its end. */
export function isSettled(step: StepState | undefined): step is StepState & StepResult {
  return step?.endedAt !== undefined;
}
