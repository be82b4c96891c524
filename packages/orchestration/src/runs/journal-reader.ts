/**
 * One reader of a journal: a place in it, and nothing else. It holds no copy of what it has not read yet, and it can leave at
 * any time, also while it waits.
 *
 * @module
 */
import { shownEvent } from '../plan/events/shown-event.ts';
import type { RunEvent } from '../plan/events/run-event.ts';
import type { NewsWindow } from './news-window.ts';

/** Where a reader begins, and what makes it stop. */
export interface ReadOptions {
  /** `seq` of the last event that was already seen. Default: 0. */
  readonly afterSeq?: number;
  /** Ends the reader when it aborts; the run is not touched. */
  readonly signal?: AbortSignal;
}

/** What a reader sees of its journal. */
export interface JournalView {
  readonly runId: string;
  /** In order, never dropped. */
  readonly facts: readonly RunEvent[];
  readonly news: NewsWindow;
  /** Readers to be woken when something happens. */
  readonly waiting: Set<JournalReader>;
  readonly isClosed: () => boolean;
}

type Answer = IteratorResult<RunEvent, undefined>;

/** Reads a journal from a place to its end. */
export class JournalReader implements AsyncIterableIterator<RunEvent, undefined> {
  readonly #journal: JournalView;
  readonly #signal: AbortSignal | undefined;
  /** Calls of `next` that have no answer yet, in order. */
  readonly #asked: ((answer: Answer) => void)[] = [];
  #seq: number;
  #nextFact: number;
  #nextNews: number;
  #isOver = false;

  constructor(journal: JournalView, options: ReadOptions) {
    this.#journal = journal;
    this.#seq = options.afterSeq ?? 0;
    this.#nextFact = this.#firstUnseen(journal.facts.length, (index) => journal.facts[index]);
    this.#nextNews =
      journal.news.first + this.#firstUnseen(journal.news.size, (index) => journal.news.at(journal.news.first + index));
    this.#signal = options.signal;
    if (this.#signal?.aborted === true) this.#isOver = true;
    else this.#signal?.addEventListener('abort', this.#leave, { once: true });
  }

  next(): Promise<Answer> {
    const answer = this.#asked.length > 0 ? undefined : this.#answer();
    if (answer !== undefined) return Promise.resolve(answer);
    return new Promise((resolve) => {
      this.#asked.push(resolve);
      this.#journal.waiting.add(this);
    });
  }

  /** Leaves: whoever waits for an event gets the end instead. */
  return(): Promise<Answer> {
    this.#leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Called by the journal when something has happened. */
  wake(): void {
    while (this.#asked.length > 0) {
      const answer = this.#answer();
      if (answer === undefined) return;
      this.#asked.shift()?.(answer);
    }
    this.#journal.waiting.delete(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  readonly #leave = (): void => {
    this.#isOver = true;
    this.#signal?.removeEventListener('abort', this.#leave);
    this.wake();
  };

  #answer(): Answer | undefined {
    const event = this.#isOver ? undefined : this.#take();
    if (event !== undefined) return { done: false, value: shownEvent(event) };
    if (!this.#isOver && !this.#journal.isClosed()) return undefined;
    this.#isOver = true;
    this.#signal?.removeEventListener('abort', this.#leave);
    return { done: true, value: undefined };
  }

  /** The next event, or the gap before it. */
  #take(): RunEvent | undefined {
    const { facts, news, runId } = this.#journal;
    this.#nextNews = Math.max(this.#nextNews, news.first);
    // Only after `afterSeq` named a place that the run had not reached.
    while ((facts[this.#nextFact]?.seq ?? Infinity) <= this.#seq) this.#nextFact++;
    while ((news.at(this.#nextNews)?.seq ?? Infinity) <= this.#seq) this.#nextNews++;
    const fact = facts[this.#nextFact];
    const piece = news.at(this.#nextNews);
    const isFact = fact !== undefined && (piece === undefined || fact.seq < piece.seq);
    const event = isFact ? fact : piece;
    if (event === undefined) return undefined;
    const missed = event.seq - this.#seq - 1;
    if (missed > 0) {
      this.#seq = event.seq - 1;
      return { type: 'stream.gap', missed, runId, seq: this.#seq, time: event.time };
    }
    this.#seq = event.seq;
    if (isFact) this.#nextFact++;
    else this.#nextNews++;
    return event;
  }

  /** Index of the first event behind `#seq` in a list that is in order. */
  #firstUnseen(length: number, eventAt: (index: number) => RunEvent | undefined): number {
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((eventAt(middle)?.seq ?? Infinity) <= this.#seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
