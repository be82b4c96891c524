/**
 * Gives events their place in a run's stream: the one numbering of journals, streams and callbacks.
 *
 * @module
 */
import type { Clock } from '@gomind/core';
import type { RunEvent, RunEventBody } from './run-event.ts';

/** Numbers the events of one run. */
export class EventSequence {
  readonly runId: string;
  readonly #clock: Clock;
  #last = 0;

  constructor(runId: string, clock: Clock) {
    this.runId = runId;
    this.#clock = clock;
  }

  /** Place of the latest event; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The event with the next place and the current time. */
  next(body: RunEventBody): RunEvent {
    return { ...body, runId: this.runId, seq: ++this.#last, time: this.#clock.now() };
  }
}
