/**
 * What all plans of one run share: the limits, the clock's one timer, the stream of events, and the end.
 *
 * @module
 */
import { type Clock, DeadlineQueue, GomindError, type Logger, type Priority, type Telemetry } from '@gomind/core';
import type { PlanStep } from '../../plan/routing-plan.ts';
import type { RunEventBody } from '../../plan/events/run-event.ts';
import type { RunOrigin } from '../../recovery/failed-call.ts';
import type { Budget } from '../budget.ts';
import { CallCounter } from './idempotency-key.ts';
import type { RunSlots, SharedConcurrency } from '../slots/shared-concurrency.ts';
import type { SlotPool } from '../slots/slot-pool.ts';
import type { StepHandler } from '../step-handler.ts';
import type { StepHandlers } from '../step-handlers.ts';

/** Parts and bounds of a run. */
export interface SharedRunOptions {
  readonly runId: string;
  readonly handlers: StepHandlers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly concurrency: SharedConcurrency;
  /** Of this run alone, in place of what it shares. */
  readonly maxConcurrency: number | undefined;
  readonly priority: Priority;
  readonly maxSteps: number;
  readonly stepTimeoutMs: number;
  readonly budget: Budget;
  readonly origin: RunOrigin;
  readonly emit: (event: RunEventBody) => void;
  /** Called at most once, with what no step is to blame for: an event listener that throws. */
  readonly crash: (error: unknown) => void;
}

/** One run, nested plans included. */
export class SharedRun {
  readonly runId: string;
  readonly handlers: StepHandlers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly stepTimeoutMs: number;
  readonly budget: Budget;
  readonly origin: RunOrigin;
  readonly priority: Priority;
  readonly slots: SlotPool;
  readonly deadlines: DeadlineQueue;
  readonly calls: CallCounter;
  emit: (event: RunEventBody) => void;
  readonly #maxSteps: number;
  readonly #crash: (error: unknown) => void;
  readonly #runSlots: RunSlots;
  #steps = 0;
  #turnMs: number | undefined;
  #outliving: Set<Promise<unknown>> | undefined;

  constructor(options: SharedRunOptions) {
    this.runId = options.runId;
    this.handlers = options.handlers;
    this.clock = options.clock;
    this.logger = options.logger;
    this.telemetry = options.telemetry;
    this.stepTimeoutMs = options.stepTimeoutMs;
    this.budget = options.budget;
    this.origin = options.origin;
    this.emit = options.emit;
    this.priority = options.priority;
    this.#runSlots = options.concurrency.begin({
      maxConcurrency: options.maxConcurrency,
      priority: options.priority,
      guard: (work) => {
        this.guard(work);
      },
    });
    this.slots = this.#runSlots.slots;
    this.deadlines = new DeadlineQueue(options.clock);
    this.calls = new CallCounter(options.runId);
    this.#maxSteps = options.maxSteps;
    this.#crash = options.crash;
  }

  /**
   * Takes note of steps and items that are about to run.
   *
   * @throws GomindError `LIMIT_EXCEEDED` when the run would have too many
   */
  count(steps: number): void {
    this.#steps += steps;
    if (this.#steps <= this.#maxSteps) return;
    throw new GomindError({
      code: 'LIMIT_EXCEEDED',
      message: `The run would have more than ${String(this.#maxSteps)} steps, nested plans and items counted in.`,
      details: { limit: this.#maxSteps, actual: this.#steps },
    });
  }

  /** Milliseconds since the epoch; the same through a turn, because what follows from an end at once happens with it. */
  now(): number {
    return this.#turnMs ?? this.clock.now();
  }

  /** A handler has ended: until {@link SharedRun.endTurn}, it is this moment. */
  beginTurn(): void {
    this.#turnMs = this.clock.now();
  }

  /** Time goes on: another handler was called, or there is nothing more to do. */
  endTurn(): void {
    this.#turnMs = undefined;
  }

  /** The handler of a step, if there is one. */
  handlerOf(step: PlanStep): StepHandler | undefined {
    return this.handlers.of(step);
  }

  /** Ends the run with an error that is no step's; nothing is emitted any more. */
  crash(error: unknown): void {
    this.emit = () => undefined;
    this.#crash(error);
  }

  /** Runs what the clock or a promise calls back: what it throws is no step's fault. */
  guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.crash(error);
    }
  }

  /** Makes the end of the run wait for something; how it ends does not matter. */
  outlive(work: Promise<unknown>): void {
    this.#outliving ??= new Set();
    const ended: Promise<unknown> = work.then(
      () => this.#outliving?.delete(ended),
      () => this.#outliving?.delete(ended),
    );
    this.#outliving.add(ended);
  }

  /** Whether there is something that the end of the run waits for. */
  get isOutlived(): boolean {
    return this.#outliving !== undefined && this.#outliving.size > 0;
  }

  /** Settles when nothing of it is left. */
  async outlived(): Promise<void> {
    while (this.#outliving !== undefined && this.#outliving.size > 0) await Promise.all(this.#outliving);
  }

  /** Lets go of the clock, of every deadline and of what it shared with other runs. */
  close(): void {
    this.#runSlots.end();
    this.deadlines.close();
  }
}
