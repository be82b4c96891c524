/**
 * The outcomes of the last while: opossum's rolling statistics, turned by our clock instead of opossum's interval timer.
 *
 * Not for: deciding what an outcome is, or who may call. `docs/decisions/0004-circuit-breaker-on-opossum.md` says why
 * opossum does this part and no other.
 *
 * @module
 */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { Clock } from '@gomind/core';
import type OpossumBreaker from 'opossum';

/** Counted calls of a window. */
export interface OutcomeTotals {
  /** Successes and failures. */
  readonly calls: number;
  readonly failures: number;
}

const require = createRequire(import.meta.url);

/** The window slides in this many steps. */
const bucketCount = 10;

/** Counts successes and failures over a sliding window; holds no timer. */
export class OutcomeWindow {
  readonly #clock: Clock;
  readonly #bucketMs: number;
  readonly #rotation = new EventEmitter();
  readonly #status: OpossumBreaker.Status;
  #rotatedAtMs: number;

  /**
   * @param windowMs length in milliseconds; an outcome counts for at least nine tenths of it and never longer than all of it
   */
  constructor(windowMs: number, clock: Clock) {
    this.#clock = clock;
    this.#bucketMs = windowMs / bucketCount;
    this.#rotatedAtMs = clock.monotonicMs();
    // Loaded on first need: whoever only imports the package does not pay for it.
    const opossum = require('opossum') as typeof OpossumBreaker;
    this.#status = opossum.newStatus({
      rollingCountBuckets: bucketCount,
      rollingCountTimeout: windowMs,
      rotateBucketController: this.#rotation,
      enableSnapshots: false,
      rollingPercentilesEnabled: false,
    });
  }

  /** Counts one outcome now. */
  record(isFailure: boolean): void {
    this.#slide();
    const [bucket] = this.#status.window;
    if (bucket === undefined) return;
    // Not by `increment()`: that also keeps one latency per call, without bound, even with percentiles off.
    bucket.fires += 1;
    if (isFailure) bucket.failures += 1;
    else bucket.successes += 1;
  }

  /** What the window holds now. */
  totals(): OutcomeTotals {
    this.#slide();
    const { fires, failures } = this.#status.stats;
    return { calls: fires, failures };
  }

  /** Forgets everything. */
  clear(): void {
    this.#rotate(bucketCount);
    this.#rotatedAtMs = this.#clock.monotonicMs();
  }

  #slide(): void {
    const steps = Math.floor((this.#clock.monotonicMs() - this.#rotatedAtMs) / this.#bucketMs);
    if (steps <= 0) return;
    this.#rotate(Math.min(steps, bucketCount));
    this.#rotatedAtMs += steps * this.#bucketMs;
  }

  #rotate(steps: number): void {
    for (let step = 0; step < steps; step++) this.#rotation.emit('rotate');
  }
}
