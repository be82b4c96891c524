/**
 * The journal of one run in memory: appended once, read by many. A slow reader never slows the run: each reader has only a
 * place in the one list.
 *
 * @module
 */
import { type Clock, GomindError, systemClock } from '@gomind/core';
import type { RunEvent, RunEventBody } from '../plan/run-event.ts';

/** Options of {@link RunJournal}. */
export interface RunJournalOptions {
  readonly runId: string;
  readonly clock?: Clock;
  /** Events that a run may have. Default: 100,000. */
  readonly maxEvents?: number;
}

/** Ordered events of one run. */
export class RunJournal {
  readonly runId: string;
  readonly #clock: Clock;
  readonly #maxEvents: number;
  readonly #events: RunEvent[] = [];
  #wake: Promise<void>;
  #wakeReaders: () => void = () => undefined;
  #isClosed = false;

  constructor(options: RunJournalOptions) {
    this.runId = options.runId;
    this.#clock = options.clock ?? systemClock;
    this.#maxEvents = options.maxEvents ?? 100_000;
    this.#wake = this.#nextWake();
  }

  /** Events so far. */
  get size(): number {
    return this.#events.length;
  }

  /**
   * Appends an event.
   *
   * @returns the event with its place in the stream
   * @throws GomindError `LIMIT_EXCEEDED` when the run has too many events, `CLOSED` after {@link RunJournal.close}
   */
  append(body: RunEventBody): RunEvent {
    if (this.#isClosed)
      throw new GomindError({ code: 'CLOSED', message: `The journal of run ${this.runId} is closed.` });
    // The last places are kept for the end of the run, so that every reader sees how it ended.
    if (this.#events.length >= this.#maxEvents && !body.type.startsWith('run.')) {
      throw new GomindError({
        code: 'LIMIT_EXCEEDED',
        message: `Run ${this.runId} has more than ${String(this.#maxEvents)} events.`,
      });
    }
    const event: RunEvent = { ...body, runId: this.runId, seq: this.#events.length + 1, time: this.#clock.now() };
    this.#events.push(event);
    this.#announce();
    return event;
  }

  /** Ends all readers once they have read everything. */
  close(): void {
    this.#isClosed = true;
    this.#announce();
  }

  /**
   * The events, from the beginning or from a place, as they come; ends when the journal closes.
   *
   * @param options `afterSeq` is the last event already seen (default 0)
   */
  async *events(options: { readonly afterSeq?: number } = {}): AsyncGenerator<RunEvent, void, undefined> {
    for (let next = options.afterSeq ?? 0; ;) {
      const wake = this.#wake;
      const event = this.#events[next];
      if (event !== undefined) {
        next++;
        yield event;
      } else if (this.#isClosed) return;
      else await wake;
    }
  }

  #nextWake(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeReaders = resolve;
    });
  }

  #announce(): void {
    const wakeReaders = this.#wakeReaders;
    this.#wake = this.#nextWake();
    wakeReaders();
  }
}
