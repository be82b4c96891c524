/**
 * The latest events of high volume, bounded by number and by length of text; the oldest go first.
 *
 * @module
 */
import type { RunEvent } from '../plan/events/run-event.ts';

/** A window over the news of a run. An event keeps its place, counted from 0, also when those before it are dropped. */
export class NewsWindow {
  readonly #maxEvents: number;
  readonly #maxCharacters: number;
  #events: RunEvent[] = [];
  /** Dropped events that still stand at the front of the list. */
  #dead = 0;
  /** Place of the first event in the list, dead or not. */
  #base = 0;
  #characters = 0;

  constructor(maxEvents: number, maxCharacters: number) {
    this.#maxEvents = maxEvents;
    this.#maxCharacters = maxCharacters;
  }

  /** Events that are kept. */
  get size(): number {
    return this.#events.length - this.#dead;
  }

  /** Place of the oldest event that is kept. */
  get first(): number {
    return this.#base + this.#dead;
  }

  /** The event at a place, or undefined when it was dropped or has not come yet. */
  at(place: number): RunEvent | undefined {
    return place < this.first ? undefined : this.#events[place - this.#base];
  }

  /** Adds the newest event and drops the oldest ones beyond the bounds; the newest is always kept. */
  add(event: RunEvent): void {
    this.#events.push(event);
    this.#characters += lengthOf(event);
    while (this.size > 1 && (this.size > this.#maxEvents || this.#characters > this.#maxCharacters)) {
      this.#characters -= lengthOf(this.#events[this.#dead]);
      this.#dead++;
    }
    // Dropping one by one from the front of a list costs its length each time; now and then it costs next to nothing.
    if (this.#dead > 32 && this.#dead * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#dead);
      this.#base += this.#dead;
      this.#dead = 0;
    }
  }
}

function lengthOf(event: RunEvent | undefined): number {
  if (event?.type === 'synthesis.delta') return event.text.length;
  if (event?.type !== 'model.called') return 0;
  const { messages, answer = '' } = event.call;
  return messages.reduce((sum, { content }) => sum + content.length, answer.length);
}
