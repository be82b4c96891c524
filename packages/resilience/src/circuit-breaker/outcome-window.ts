/**
 * The outcomes of the last while, or of the last so many calls. Both kinds keep running totals, so that counting an outcome
 * and asking for the totals cost the same however much a window holds, and both take their memory when they are made.
 *
 * Not for: deciding what an outcome is, or who may call. `docs/decisions/0004-circuit-breaker-on-opossum.md` says why
 * opossum's statistics are no longer used.
 *
 * @module
 */
import type { Clock } from '@gomind/core';

/** Counted calls of a window. A call can be both failed and slow. */
export interface OutcomeTotals {
  /** Successes and failures. */
  readonly calls: number;
  readonly failures: number;
  readonly slowCalls: number;
}

/** Counts outcomes; holds no timer. */
export interface OutcomeWindow {
  /** Counts one outcome now. */
  record(isFailure: boolean, isSlow: boolean): void;
  /** What the window holds now; valid until the next call of the window. */
  totals(): OutcomeTotals;
  /** Forgets everything. */
  clear(): void;
}

/** The window slides in this many steps. */
const bucketCount = 10;
/** Calls, failures and slow calls stand next to each other. */
const bucketFields = 3;

/** Outcomes of the last milliseconds. */
export class TimeWindow implements OutcomeWindow {
  readonly #clock: Clock;
  readonly #bucketMs: number;
  readonly #buckets: number[] = new Array<number>(bucketCount * bucketFields).fill(0);
  readonly #totals = { calls: 0, failures: 0, slowCalls: 0 };
  #current = 0;
  #rotatedAtMs: number;

  /** @param windowMs length in milliseconds; an outcome counts for at least nine tenths of it and never longer than all of it */
  constructor(windowMs: number, clock: Clock) {
    this.#clock = clock;
    this.#bucketMs = windowMs / bucketCount;
    this.#rotatedAtMs = clock.monotonicMs();
  }

  record(isFailure: boolean, isSlow: boolean): void {
    this.#slide();
    const at = this.#current * bucketFields;
    this.#count(at, 1);
    if (isFailure) this.#count(at + 1, 1);
    if (isSlow) this.#count(at + 2, 1);
  }

  totals(): OutcomeTotals {
    this.#slide();
    return this.#totals;
  }

  clear(): void {
    this.#rotate(bucketCount);
    this.#rotatedAtMs = this.#clock.monotonicMs();
  }

  #slide(): void {
    const sinceMs = this.#clock.monotonicMs() - this.#rotatedAtMs;
    if (sinceMs < this.#bucketMs) return;
    const steps = Math.floor(sinceMs / this.#bucketMs);
    this.#rotate(Math.min(steps, bucketCount));
    this.#rotatedAtMs += steps * this.#bucketMs;
  }

  #rotate(steps: number): void {
    for (let step = 0; step < steps; step++) {
      this.#current = (this.#current + 1) % bucketCount;
      const start = this.#current * bucketFields;
      for (let at = start; at < start + bucketFields; at++) this.#count(at, -(this.#buckets[at] ?? 0));
    }
  }

  /** Changes one number of one bucket, and its total with it. */
  #count(at: number, change: number): void {
    this.#buckets[at] = (this.#buckets[at] ?? 0) + change;
    const field = at % bucketFields;
    if (field === 0) this.#totals.calls += change;
    else if (field === 1) this.#totals.failures += change;
    else this.#totals.slowCalls += change;
  }
}

const failed = 1;
const slow = 2;

/** The last outcomes, however long ago they were. */
export class CountWindow implements OutcomeWindow {
  /** One byte a call: the bits {@link failed} and {@link slow}. */
  readonly #outcomes: Uint8Array;
  readonly #totals = { calls: 0, failures: 0, slowCalls: 0 };
  #next = 0;

  /** @param windowCalls how many outcomes are kept */
  constructor(windowCalls: number) {
    this.#outcomes = new Uint8Array(windowCalls);
  }

  record(isFailure: boolean, isSlow: boolean): void {
    const outcome = (isFailure ? failed : 0) | (isSlow ? slow : 0);
    if (this.#totals.calls < this.#outcomes.length) this.#totals.calls++;
    else this.#count(this.#outcomes[this.#next] ?? 0, -1);
    this.#outcomes[this.#next] = outcome;
    this.#count(outcome, 1);
    this.#next = (this.#next + 1) % this.#outcomes.length;
  }

  totals(): OutcomeTotals {
    return this.#totals;
  }

  clear(): void {
    this.#next = 0;
    this.#totals.calls = 0;
    this.#totals.failures = 0;
    this.#totals.slowCalls = 0;
  }

  #count(outcome: number, change: 1 | -1): void {
    if ((outcome & failed) !== 0) this.#totals.failures += change;
    if ((outcome & slow) !== 0) this.#totals.slowCalls += change;
  }
}
