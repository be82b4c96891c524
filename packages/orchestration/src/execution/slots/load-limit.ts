/**
 * How much of its usual concurrency a process can afford: less while its event loop runs late or its heap is nearly full, more
 * again when that is over.
 *
 * Additive increase, multiplicative decrease, as for TCP's window (Chiu and Jain, "Analysis of the increase and decrease
 * algorithms for congestion avoidance in computer networks", 1989). The delay is measured with the clock's own timers: how much
 * later than asked one fires is how long everything else waits. It looks only while runs are at work, so no timer is left when
 * the last has ended.
 *
 * @module
 */
import type { Clock } from '@gomind/core';
import { heapShareOfProcess, maxHeapShare } from './heap-share.ts';

/** What is measured, and when it is too much. */
export interface LoadLimitOptions {
  readonly clock: Clock;
  /** Share of the heap's limit that is in use, from 0 to 1. Default: V8's own figures. */
  readonly heapShare?: () => number;
}

/** Milliseconds between two looks. */
const periodMs = 50;
/** A timer that fires later than this, in milliseconds, shows a loop with too much to do. */
const maxDelayMs = 50;
/** A look that shows too much takes the share down by this factor, any other adds the step: from the least to all in 5 s. */
const decrease = 0.7;
const increase = 0.01;
const leastShare = 0.01;

/** Follows the load of the process while anybody looks. */
export class LoadLimit {
  readonly #clock: Clock;
  readonly #heapShare: () => number;
  readonly #listeners = new Set<(share: number) => void>();
  #share = 1;
  /** When it last looked, on the clock's monotonic time. */
  #lookedMs: number | undefined;
  #cancelTimer = (): void => undefined;

  constructor(options: LoadLimitOptions) {
    this.#clock = options.clock;
    this.#heapShare = options.heapShare ?? heapShareOfProcess;
  }

  /** Share of the usual concurrency that is affordable, above 0, at most 1. */
  get share(): number {
    return this.#share;
  }

  /**
   * Follows the load for a while.
   *
   * @param onChange told each new share
   * @returns ends it
   */
  follow(onChange: (share: number) => void): () => void {
    if (this.#listeners.size === 0) {
      const nowMs = this.#clock.monotonicMs();
      // As if it had looked all the time and found nothing.
      const looks = Math.floor((nowMs - (this.#lookedMs ?? nowMs)) / periodMs);
      this.#share = Math.min(1, this.#share + looks * increase);
      this.#lookAgain();
    }
    // One function may follow twice.
    const listener = (share: number): void => {
      onChange(share);
    };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#cancelTimer();
      this.#lookedMs = this.#clock.monotonicMs();
    };
  }

  #lookAgain(): void {
    const dueMs = this.#clock.monotonicMs() + periodMs;
    this.#cancelTimer = this.#clock.setTimer(() => {
      const isTooMuch = this.#clock.monotonicMs() - dueMs > maxDelayMs || this.#heapShare() > maxHeapShare;
      const before = this.#share;
      this.#share = isTooMuch ? Math.max(leastShare, before * decrease) : Math.min(1, before + increase);
      this.#lookAgain();
      if (this.#share !== before) for (const listener of this.#listeners) listener(this.#share);
    }, periodMs);
  }
}
