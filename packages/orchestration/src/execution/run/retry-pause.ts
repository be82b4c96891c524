/**
 * The pause between two attempts: over when its time is, or when the handler says that what the last one failed of is over.
 *
 * @module
 */
import type { Deadline } from '@gomind/core';
import type { SharedRun } from './shared-run.ts';

/** What a pause is made of. */
export interface RetryPauseOptions {
  readonly shared: SharedRun;
  readonly delayMs: number;
  /** Tells once that there is nothing more to wait for; returns what ends that, or undefined when only time helps. */
  readonly watch: (listener: () => void) => (() => void) | undefined;
  /** Called at most once, and never after {@link RetryPause.cancel}. What it throws ends the run. */
  readonly onOver: () => void;
}

/** A pause that has begun. */
export class RetryPause {
  readonly #options: RetryPauseOptions;
  readonly #deadline: Deadline;
  readonly #unwatch: (() => void) | undefined;

  constructor(options: RetryPauseOptions) {
    this.#options = options;
    const end = (): void => {
      this.cancel();
      options.shared.guard(options.onOver);
    };
    this.#deadline = options.shared.deadlines.add(options.delayMs, end);
    this.#unwatch = options.watch(end);
  }

  /** Ends it without a next attempt. */
  cancel(): void {
    this.#options.shared.deadlines.cancel(this.#deadline);
    this.#unwatch?.();
  }
}
