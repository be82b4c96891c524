/**
 * Many deadlines behind one timer of the clock. A timer each would cost more than the work it guards: most deadlines are
 * cancelled long before they are due.
 *
 * @module
 */
import { type Clock, systemClock } from '../contracts/clock.ts';

/** A deadline in a {@link DeadlineQueue}; only {@link DeadlineQueue.cancel} may do anything with it. */
export interface Deadline {
  /** On the clock's monotonic time. */
  readonly dueMs: number;
  /** Of those due at the same time, the first added comes first. */
  readonly order: number;
  /** Undefined once it is over. */
  callback: (() => void) | undefined;
}

/** Below this size a queue is not worth tidying up. */
const minimumForTidying = 64;

/** Calls back when deadlines are due; adding and cancelling cost next to nothing. */
export class DeadlineQueue {
  readonly #clock: Clock;
  /** A binary heap by due time. Cancelled deadlines stay until they come up, or until they are the majority. */
  #heap: Deadline[] = [];
  #cancelled = 0;
  #order = 0;
  #armedMs = Number.POSITIVE_INFINITY;
  #disarm: (() => void) | undefined;
  readonly #onTimer = (): void => {
    this.#fire();
  };

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Deadlines that are neither due nor cancelled. */
  get size(): number {
    return this.#heap.length - this.#cancelled;
  }

  /**
   * Adds a deadline.
   *
   * @param delayMs milliseconds from now
   * @param callback is called once, unless the deadline is cancelled; must not throw
   */
  add(delayMs: number, callback: () => void): Deadline {
    const dueMs = this.#clock.monotonicMs() + Math.max(0, delayMs);
    const deadline: Deadline = { dueMs, order: this.#order++, callback };
    this.#heap.push(deadline);
    this.#rise(this.#heap.length - 1);
    if (dueMs < this.#armedMs) this.#arm(dueMs, delayMs);
    return deadline;
  }

  /** Cancels a deadline; cancelling it again, or after it was due, is no error. */
  cancel(deadline: Deadline): void {
    if (deadline.callback === undefined) return;
    deadline.callback = undefined;
    this.#cancelled++;
    // Tidying costs as much as there were cancellations since the last time, so each of them costs the same.
    if (this.#cancelled > minimumForTidying && this.#cancelled * 2 > this.#heap.length) this.#tidy();
  }

  /** Forgets every deadline and lets go of the clock. The queue may be used again. */
  close(): void {
    for (const deadline of this.#heap) deadline.callback = undefined;
    this.#heap = [];
    this.#cancelled = 0;
    this.#disarmNow();
  }

  #arm(dueMs: number, delayMs: number): void {
    this.#disarm?.();
    this.#armedMs = dueMs;
    this.#disarm = this.#clock.setTimer(this.#onTimer, Math.max(0, delayMs));
  }

  #disarmNow(): void {
    this.#disarm?.();
    this.#disarm = undefined;
    this.#armedMs = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.#disarmNow();
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (next.callback !== undefined) {
        const leftMs = next.dueMs - this.#clock.monotonicMs();
        if (leftMs > 0) {
          if (next.dueMs < this.#armedMs) this.#arm(next.dueMs, leftMs);
          return;
        }
      }
      this.#removeFirst();
      const { callback } = next;
      if (callback === undefined) this.#cancelled--;
      else {
        next.callback = undefined;
        callback();
      }
    }
  }

  #tidy(): void {
    this.#heap = this.#heap.filter((deadline) => deadline.callback !== undefined);
    this.#cancelled = 0;
    // A sorted list is a heap.
    this.#heap.sort((left, right) => (isBefore(left, right) ? -1 : 1));
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink();
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const rising = heap[from];
    let at = from;
    while (at > 0 && rising !== undefined) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, rising)) return;
      heap[at] = parent;
      heap[above] = rising;
      at = above;
    }
  }

  #sink(): void {
    const heap = this.#heap;
    const sinking = heap[0];
    for (let at = 0; sinking !== undefined;) {
      let below = 2 * at + 1;
      let child = heap[below];
      const other = heap[below + 1];
      if (child !== undefined && other !== undefined && isBefore(other, child)) {
        child = other;
        below++;
      }
      if (child === undefined || isBefore(sinking, child)) return;
      heap[at] = child;
      heap[below] = sinking;
      at = below;
    }
  }
}

function isBefore(left: Deadline, right: Deadline): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.order < right.order);
}
