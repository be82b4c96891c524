/**
 * The journal of one run in memory: appended once, read by many. A slow reader never slows the run: each reader has only a
 * place in the one list, and appending waits for nobody.
 *
 * Memory is bounded whatever happens:
 *
 * - Facts (everything that a fold needs) are kept to the end, so that a late reader can still rebuild the run's state. They
 *   hold inputs and outputs by reference, as the run's results do; a run with too many of them fails.
 * - News (`isTransient`: pieces of the answer's text, the weather of components) stay in a window by number and by length.
 *   A reader that comes too late for some gets a `stream.gap` in their place, and every fact.
 *
 * @module
 */
import { type Clock, GomindError, systemClock } from '@gomind/core';
import { EventSequence } from '../plan/events/event-sequence.ts';
import { isTransient, type RunEvent, type RunEventBody } from '../plan/events/run-event.ts';
import { JournalReader, type ReadOptions } from './journal-reader.ts';
import { NewsWindow } from './news-window.ts';

/** Options of {@link RunJournal}. */
export interface RunJournalOptions {
  readonly runId: string;
  readonly clock?: Clock;
  /** Facts that a run may have. Default: 100,000. */
  readonly maxEvents?: number;
  /** News that are kept. Default: 10,000. */
  readonly maxNews?: number;
  /** Characters of text in the news that are kept; the newest one is kept whatever its length. Default: 1,048,576. */
  readonly maxNewsCharacters?: number;
}

/** Ordered events of one run. */
export class RunJournal {
  readonly runId: string;
  readonly #sequence: EventSequence;
  readonly #maxEvents: number;
  readonly #facts: RunEvent[] = [];
  readonly #news: NewsWindow;
  /** Readers that wait for the next event. */
  readonly #waiting = new Set<JournalReader>();
  #isClosed = false;

  constructor(options: RunJournalOptions) {
    this.runId = options.runId;
    this.#sequence = new EventSequence(options.runId, options.clock ?? systemClock);
    this.#maxEvents = options.maxEvents ?? 100_000;
    this.#news = new NewsWindow(options.maxNews ?? 10_000, options.maxNewsCharacters ?? 1_048_576);
  }

  /** Events so far, dropped ones included. */
  get size(): number {
    return this.#sequence.last;
  }

  /** Events that are kept. */
  get retained(): number {
    return this.#facts.length + this.#news.size;
  }

  /** Readers that wait for the next event. */
  get waitingReaders(): number {
    return this.#waiting.size;
  }

  /**
   * Appends an event.
   *
   * @returns the event with its place in the stream
   * @throws GomindError `LIMIT_EXCEEDED` when the run has too many facts, `CLOSED` after {@link RunJournal.close}
   */
  append(body: RunEventBody): RunEvent {
    if (this.#isClosed)
      throw new GomindError({ code: 'CLOSED', message: `The journal of run ${this.runId} is closed.` });
    const isNews = isTransient(body);
    // How the run ended is always told.
    if (!isNews && this.#facts.length >= this.#maxEvents && !body.type.startsWith('run.')) {
      throw new GomindError({
        code: 'LIMIT_EXCEEDED',
        message: `Run ${this.runId} has more than ${String(this.#maxEvents)} events. Split it into smaller runs.`,
        details: { limit: this.#maxEvents },
      });
    }
    const event = this.#sequence.next(body);
    if (isNews) this.#news.add(event);
    else this.#facts.push(event);
    this.#announce();
    return event;
  }

  /** Ends all readers once they have read everything. */
  close(): void {
    this.#isClosed = true;
    this.#announce();
  }

  /**
   * The events, from the beginning or from a place, as they come; ends when the journal closes. Readers may come, leave and
   * come back at any time, also after the journal was closed.
   */
  events(options: ReadOptions = {}): JournalReader {
    return new JournalReader(
      {
        runId: this.runId,
        facts: this.#facts,
        news: this.#news,
        waiting: this.#waiting,
        isClosed: () => this.#isClosed,
      },
      options,
    );
  }

  #announce(): void {
    if (this.#waiting.size > 0) for (const reader of [...this.#waiting]) reader.wake();
  }
}
