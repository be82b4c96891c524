/**
 * The limit of concurrency of a run: a number of slots, and a line of those who wait for one. A slot may count against a limit
 * that several runs share, too; then the run's turn there has to come as well. The number of slots may change while they are
 * in use: none is taken away, but none is handed out above it.
 *
 * @module
 */
import { type CallGate, GomindError, type Priority } from '@gomind/core';

/** Someone who wants a slot. */
export interface SlotWaiter {
  /** False for one who has given up meanwhile; the slot then goes to the next in line. */
  readonly isWaiting: boolean;
  /** Called with the slot taken; whoever gets it must give it back with {@link Slots.release}. */
  onSlot(): void;
}

/** A limit of concurrency. */
export interface Slots {
  /** Slots in all. */
  readonly capacity: number;
  /** Hands a slot to a waiter: at once if one is free, else when its turn comes. */
  request(waiter: SlotWaiter): void;
  /** Gives a slot back. */
  release(): void;
}

/** A line shorter than this is not worth moving up. */
const minimumForMovingUp = 1_024;

/** What a pool of slots is part of. */
export interface SharedSlots {
  /** Counts the slots of all pools together; its line has no bound. Default: none. */
  readonly total: CallGate | undefined;
  /** Which pool's turn comes first there. */
  readonly priority: Priority;
  /** Runs what hands a slot out later, when the turn in the line of all has come. */
  readonly guard: (work: () => void) => void;
}

/** A bounded number of slots, first come, first served. */
export class SlotPool implements Slots {
  #capacity: number;
  /** Below 0 while more are in use than there should be by now. */
  #free: number;
  readonly #shared: SharedSlots | undefined;
  /** Filled from `#first` to `#end`; an emptied line keeps its room for the next ones. */
  #line: (SlotWaiter | undefined)[] = [];
  #first = 0;
  #end = 0;
  #isServing = false;
  /** Takes this pool's waits out of the line of all; made with the first of them. */
  #leaving: AbortController | undefined;

  /** @param capacity slots, at least 1 */
  constructor(capacity: number, shared?: SharedSlots) {
    this.#capacity = capacity;
    this.#free = capacity;
    this.#shared = shared;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Changes the number of slots. */
  resize(capacity: number): void {
    this.#free += capacity - this.#capacity;
    this.#capacity = capacity;
    this.#serve();
  }

  request(waiter: SlotWaiter): void {
    this.#line[this.#end++] = waiter;
    if (this.#free > 0) this.#serve();
  }

  release(): void {
    this.#free++;
    this.#shared?.total?.leave();
    if (this.#first < this.#end) this.#serve();
  }

  /** Nobody wants a slot any more: leaves the line of all, where others may be served for a long time yet. */
  close(): void {
    this.#leaving?.abort();
  }

  /** Serves one after the other, not within each other: a long line of steps that end at once must not grow the stack. */
  #serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      while (this.#free > 0) {
        const waiter = this.#next();
        if (waiter === undefined) return;
        if (!waiter.isWaiting) continue;
        this.#free--;
        const total = this.#shared?.total;
        if (total === undefined || total.tryEnter()) waiter.onSlot();
        else void this.#waitForTurn(waiter, total);
      }
    } finally {
      this.#isServing = false;
    }
  }

  /** The run's own slot is kept meanwhile: it could not be used for anyone else either. */
  async #waitForTurn(waiter: SlotWaiter, total: CallGate): Promise<void> {
    this.#leaving ??= new AbortController();
    const { signal } = this.#leaving;
    try {
      await total.enter({
        priority: this.#shared?.priority,
        signal,
        what: 'The wait for a slot',
        refusal: neverRefused,
      });
    } catch {
      // The run is over, so there is nobody to hand the slot to.
      return;
    }
    this.#shared?.guard(() => {
      if (waiter.isWaiting) waiter.onSlot();
      else this.release();
    });
  }

  #next(): SlotWaiter | undefined {
    const waiter = this.#line[this.#first];
    if (waiter === undefined) return undefined;
    this.#line[this.#first++] = undefined;
    if (this.#first === this.#end) {
      this.#first = 0;
      this.#end = 0;
    } else if (this.#first >= minimumForMovingUp && this.#first * 2 >= this.#end) {
      // Moving up costs as much as there were served since the last time, so each of them costs the same.
      this.#line = this.#line.slice(this.#first, this.#end);
      this.#end -= this.#first;
      this.#first = 0;
    }
    return waiter;
  }
}

/** The line of all runs has no bound, so nobody is turned away. */
function neverRefused(): GomindError {
  return new GomindError({ code: 'INTERNAL_ERROR', message: 'A line without a bound turned somebody away.' });
}
