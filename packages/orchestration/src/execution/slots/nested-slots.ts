/**
 * The limit of concurrency of a plan inside a step: slots of its own, each of which counts against the limit around it as well.
 *
 * Whoever waits for a slot takes the inner one first and the outer one then, and whoever holds an outer one waits for nothing
 * that is inside, so nobody waits in a circle.
 *
 * @module
 */
import { SlotPool, type Slots, type SlotWaiter } from './slot-pool.ts';

/** Slots within slots. */
export class NestedSlots implements Slots {
  readonly #own: SlotPool;
  readonly #outer: Slots;
  readonly #capacity: number;

  /**
   * @param capacity slots, at least 1
   * @param outer the limit around it
   */
  constructor(capacity: number, outer: Slots) {
    this.#own = new SlotPool(capacity);
    this.#outer = outer;
    this.#capacity = capacity;
  }

  get capacity(): number {
    return Math.min(this.#capacity, this.#outer.capacity);
  }

  request(waiter: SlotWaiter): void {
    this.#own.request({
      get isWaiting() {
        return waiter.isWaiting;
      },
      onSlot: () => {
        this.#outer.request({
          // Its turn has to come in any case: the slot of its own is given back then.
          isWaiting: true,
          onSlot: () => {
            if (waiter.isWaiting) waiter.onSlot();
            else this.release();
          },
        });
      },
    });
  }

  release(): void {
    this.#outer.release();
    this.#own.release();
  }
}
