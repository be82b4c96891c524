/**
 * Something done again and again in the background for as long as there is a reason to.
 *
 * @module
 */
import type { Clock } from '@gomind/core';

/** Options of {@link Heartbeat}. */
export interface HeartbeatOptions {
  /** Milliseconds from one beat to the next; up to a tenth less, so that instances do not beat in step. */
  readonly intervalMs: number;
  /** One beat. Resolves to whether it worked; never rejects. */
  readonly beat: () => Promise<boolean>;
  readonly clock: Clock;
}

/** A missed beat is made up for soon: the next regular one would come when the record is already gone. */
const retriesPerInterval = 5;

/** A timer that does not hold the process. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #cancelTimer: (() => void) | undefined;
  #beating: Promise<void> | undefined;
  #isRunning = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Starts beating, the first time after one interval; starting again is no error. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#schedule(true);
  }

  /** Beats after a while instead of when its time comes. */
  beatWithin(milliseconds: number): void {
    if (this.#isRunning) this.#arm(this.#options.clock.random() * milliseconds);
  }

  /** No beat starts after this. */
  stop(): void {
    this.#isRunning = false;
    this.#cancelTimer?.();
  }

  #schedule(hasWorked: boolean): void {
    const { intervalMs, clock } = this.#options;
    const delayMs = intervalMs * (1 - 0.1 * clock.random());
    this.#arm(hasWorked ? delayMs : delayMs / retriesPerInterval);
  }

  #arm(delayMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.setTimer(
      () => {
        // Scheduled before the beat, so that a slow one does not stretch the interval.
        this.#schedule(true);
        this.#beating ??= this.#options
          .beat()
          .then((hasWorked) => {
            if (!hasWorked && this.#isRunning) this.#schedule(false);
          })
          .finally(() => {
            this.#beating = undefined;
          });
      },
      delayMs,
      { background: true },
    );
  }
}
