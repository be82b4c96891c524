/**
 * One writer, many readers, each an async iterable with a bounded buffer of its own.
 *
 * @module
 */

const maxBuffered = 10_000;

/** Hands values to all who iterate. */
export class EventChannel<T> {
  readonly #readers = new Set<(value: T | undefined) => void>();
  #isClosed = false;

  /** Gives a value to all readers; one that lags 10,000 values behind loses its oldest. */
  push(value: T): void {
    for (const reader of this.#readers) reader(value);
  }

  /** Ends all iterations after what is buffered. */
  close(): void {
    this.#isClosed = true;
    for (const reader of this.#readers) reader(undefined);
  }

  /**
   * Values from now on. Ends when the signal aborts or the channel closes.
   *
   * @param signal ends the iteration without an error
   */
  subscribe(signal?: AbortSignal): AsyncIterable<T> {
    const buffer: T[] = [];
    let isOver = this.#isClosed || (signal?.aborted ?? false);
    let wake: (() => void) | undefined;
    const reader = (value: T | undefined): void => {
      if (value === undefined) isOver = true;
      else if (buffer.push(value) > maxBuffered) buffer.shift();
      wake?.();
    };
    const end = (): void => {
      reader(undefined);
    };
    const leave = (): void => {
      this.#readers.delete(reader);
      signal?.removeEventListener('abort', end);
    };
    if (!isOver) {
      // Subscribed at once, not at the first `next()`: nothing that happens in between is missed.
      this.#readers.add(reader);
      signal?.addEventListener('abort', end, { once: true });
    }
    const next = async (): Promise<IteratorResult<T, undefined>> => {
      for (;;) {
        if (buffer.length > 0) return { done: false, value: buffer.shift() as T };
        if (isOver) {
          leave();
          return { done: true, value: undefined };
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    const stop = (): Promise<IteratorResult<T, undefined>> => {
      isOver = true;
      buffer.length = 0;
      leave();
      return Promise.resolve({ done: true, value: undefined });
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: stop }) };
  }
}
