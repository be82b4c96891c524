/**
 * The only source of time and randomness in the house, so that tests can own both.
 *
 * @module
 */

/** Time and randomness. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch; may jump. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. Use it for durations and deadlines. */
  monotonicMs(): number;
  /**
   * Calls back once after at least `delayMs` milliseconds.
   *
   * @param options `background: true` lets the process end while the timer is pending (refresh, heartbeat). Default: false
   * @returns a function that cancels the timer; calling it again is no error
   */
  setTimer(callback: () => void, delayMs: number, options?: { readonly background?: boolean }): () => void;
  /** A number in [0, 1). */
  random(): number;
  /** A new UUID, version 4. */
  uuid(): string;
}

/** `setTimeout` holds at most a signed 32-bit delay; longer ones fire at once. */
const maxTimeoutMs = 2_147_483_647;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (callback, delayMs, options) => {
    let handle: NodeJS.Timeout;
    const arm = (remainingMs: number): void => {
      const stepMs = Math.min(remainingMs, maxTimeoutMs);
      handle = setTimeout(() => {
        if (remainingMs > stepMs) arm(remainingMs - stepMs);
        else callback();
      }, stepMs);
      if (options?.background === true) handle.unref();
    };
    arm(Math.max(0, delayMs));
    return () => {
      clearTimeout(handle);
    };
  },
  random: () => Math.random(),
  uuid: () => crypto.randomUUID(),
};
