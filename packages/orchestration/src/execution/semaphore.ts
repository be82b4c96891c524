/**
 * Counts slots; who finds none waits in line.
 *
 * @module
 */
import { cancellationError } from '@gomind/core';

/** A bounded number of slots, first come, first served. */
export class Semaphore {
  readonly #capacity: number;
  readonly #queue = new Set<() => void>();
  #taken = 0;

  /** @param capacity slots, at least 1 */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Slots in use. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Takes a slot.
   *
   * @returns a function that gives it back; calling it again is no error
   * @throws GomindError `CANCELLED` when the signal aborts while waiting
   */
  async acquire(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw cancellationError(signal, 'Waiting for a slot');
    if (this.#taken < this.#capacity) this.#taken++;
    else await this.#wait(signal);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#release();
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const admit = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#queue.delete(admit);
        reject(cancellationError(signal, 'Waiting for a slot'));
      };
      this.#queue.add(admit);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** A slot goes straight to who waits longest, so the count never dips below what is in use. */
  #release(): void {
    for (const admit of this.#queue) {
      this.#queue.delete(admit);
      admit();
      return;
    }
    this.#taken--;
  }
}
