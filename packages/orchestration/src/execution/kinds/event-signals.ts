/**
 * Events from outside for steps that wait for them, within one process.
 *
 * @module
 */
import { cancellationError, GomindError } from '@gomind/core';

const maxWaiters = 100_000;

/** Hands events to those who wait for them; an event that nobody waits for is gone. */
export class EventSignals {
  readonly #waiters = new Map<string, Set<(payload: unknown) => void>>();
  #count = 0;

  /**
   * Announces an event.
   *
   * @param event its name
   * @param payload what comes with it
   * @returns how many had waited for it
   */
  send(event: string, payload: unknown = null): number {
    const waiters = this.#waiters.get(event);
    if (waiters === undefined) return 0;
    const count = waiters.size;
    for (const wake of waiters) wake(payload);
    return count;
  }

  /**
   * Waits for the next event of a name.
   *
   * @returns what comes with it
   * @throws GomindError `CANCELLED` when the signal aborts, `LIMIT_EXCEEDED` when 100,000 wait already
   */
  wait(event: string, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(cancellationError(signal, `Waiting for "${event}"`));
        return;
      }
      if (this.#count >= maxWaiters) {
        const message = `At most ${String(maxWaiters)} steps may wait for events.`;
        reject(new GomindError({ code: 'LIMIT_EXCEEDED', message }));
        return;
      }
      const leave = (): void => {
        signal.removeEventListener('abort', onAbort);
        this.#remove(event, wake);
      };
      const wake = (payload: unknown): void => {
        leave();
        resolve(payload);
      };
      const onAbort = (): void => {
        leave();
        reject(cancellationError(signal, `Waiting for "${event}"`));
      };
      this.#add(event, wake);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #add(event: string, wake: (payload: unknown) => void): void {
    const waiters = this.#waiters.get(event);
    if (waiters === undefined) this.#waiters.set(event, new Set([wake]));
    else waiters.add(wake);
    this.#count++;
  }

  #remove(event: string, wake: (payload: unknown) => void): void {
    const waiters = this.#waiters.get(event);
    if (waiters?.delete(wake) !== true) return;
    this.#count--;
    if (waiters.size === 0) this.#waiters.delete(event);
  }
}
