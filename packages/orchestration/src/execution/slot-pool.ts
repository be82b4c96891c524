/**
 * The limit of concurrency of a run: a number of slots, and a line of those who wait for one.
 *
 * @module
 */

/** Someone who wants a slot. */
export interface SlotWaiter {
  /** False for one who has given up meanwhile; the slot then goes to the next in line. */
  readonly isWaiting: boolean;
  /** Called with the slot taken; whoever gets it must give it back with {@link SlotPool.release}. */
  onSlot(): void;
}

/** A line shorter than this is not worth moving up. */
const minimumForMovingUp = 1_024;

/** A bounded number of slots, first come, first served. */
export class SlotPool {
  readonly capacity: number;
  #free: number;
  /** Filled from `#first` to `#end`; an emptied line keeps its room for the next ones. */
  #line: (SlotWaiter | undefined)[] = [];
  #first = 0;
  #end = 0;
  #isServing = false;

  /** @param capacity slots, at least 1 */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#free = capacity;
  }

  /** Slots in use. */
  get taken(): number {
    return this.capacity - this.#free;
  }

  /** Hands a slot to a waiter: at once if one is free, else when its turn comes. */
  request(waiter: SlotWaiter): void {
    this.#line[this.#end++] = waiter;
    if (this.#free > 0) this.#serve();
  }

  /** Gives a slot back. */
  release(): void {
    this.#free++;
    if (this.#first < this.#end) this.#serve();
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
        waiter.onSlot();
      }
    } finally {
      this.#isServing = false;
    }
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
