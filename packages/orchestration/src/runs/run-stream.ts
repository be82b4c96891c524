/**
 * The stream of a run that its reader owns: the run starts with the first look and is cancelled when the reader leaves.
 *
 * @module
 */
import type { RunEvent } from '../plan/events/run-event.ts';
import type { JournalReader } from './journal-reader.ts';

/** A run that has been started. */
export interface StartedRun {
  readonly reader: JournalReader;
  /** Cancels the run. */
  readonly leave: () => void;
}

/** Events of one run. Leaving works at any time, also while the next event is awaited. */
export class RunStream implements AsyncIterableIterator<RunEvent, undefined> {
  readonly #start: () => StartedRun;
  #run: StartedRun | undefined;
  #hasLeft = false;

  /** @param start starts the run; what it throws, the first look rejects with */
  constructor(start: () => StartedRun) {
    this.#start = start;
  }

  async next(): Promise<IteratorResult<RunEvent, undefined>> {
    if (this.#hasLeft) return { done: true, value: undefined };
    try {
      this.#run ??= this.#start();
    } catch (error) {
      this.#hasLeft = true;
      throw error;
    }
    return this.#run.reader.next();
  }

  async return(): Promise<IteratorResult<RunEvent, undefined>> {
    this.#hasLeft = true;
    // First the reader: whoever waits gets the end, not the news of the cancellation.
    await this.#run?.reader.return();
    this.#run?.leave();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
