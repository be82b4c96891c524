/**
 * Who waits for a connection, and when waiting is in vain.
 *
 * @module
 */
import type { Clock } from '@gomind/core';
import { isRefusal } from './store-error.ts';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Open while there is a connection. */
export class ReadyGate {
  readonly #clock: Clock;
  /** Milliseconds without a connection after which nobody waits any more. */
  readonly #patienceMs: number;
  readonly #waiters = new Set<Waiter>();
  #isOpen = false;
  /** Monotonic milliseconds; undefined while connected, and before the first attempt. */
  #downSinceMs: number | undefined;
  #lastError: unknown;
  #closedWith: Error | undefined;

  constructor(clock: Clock, patienceMs: number) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
  }

  /** Why there is no connection, as far as the server or the network said. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** The connection is there. */
  open(): void {
    this.#isOpen = true;
    this.#downSinceMs = undefined;
    this.#lastError = undefined;
    for (const { resolve } of this.#waiters) resolve();
  }

  /** There is no connection, or none yet; counted from the first time. */
  shut(): void {
    this.#isOpen = false;
    this.#downSinceMs ??= this.#clock.monotonicMs();
  }

  /** An attempt to connect failed. Being refused ends all waiting: the next attempt would be refused as well. */
  fail(error: unknown): void {
    this.#lastError = error;
    if (isRefusal(error)) this.#rejectAll(error);
  }

  /** Ends all waiting for good. */
  close(error: Error): void {
    this.#closedWith = error;
    this.#rejectAll(error);
  }

  /**
   * Resolves once there is a connection.
   *
   * @param signal ends the waiting
   * @throws what the last attempt failed with, at once, when there has been no connection for longer than the patience
   */
  async pass(signal: AbortSignal): Promise<void> {
    if (this.#isOpen) return;
    if (this.#closedWith !== undefined) throw this.#closedWith;
    if (this.#isHopeless()) throw this.#lastError;
    let leave = (): void => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const waiter: Waiter = { resolve, reject };
        const onAbort = (): void => {
          reject(signal.reason as Error);
        };
        this.#waiters.add(waiter);
        signal.addEventListener('abort', onAbort, { once: true });
        leave = () => {
          this.#waiters.delete(waiter);
          signal.removeEventListener('abort', onAbort);
        };
      });
    } finally {
      leave();
    }
  }

  #isHopeless(): boolean {
    if (this.#lastError === undefined) return false;
    const now = this.#clock.monotonicMs();
    return isRefusal(this.#lastError) || now - (this.#downSinceMs ?? now) > this.#patienceMs;
  }

  #rejectAll(error: unknown): void {
    for (const { reject } of this.#waiters) reject(error);
  }
}
