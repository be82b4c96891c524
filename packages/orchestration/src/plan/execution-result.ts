/**
 * What came of running a plan.
 *
 * @module
 */

/** How a step ended. */
export type StepStatus = 'completed' | 'failed' | 'skipped' | 'cancelled';

/** An error in plain data, as it stands in events and results. */
export interface ErrorInfo {
  readonly code: string;
  readonly message: string;
  readonly isRetryable: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An item of a list that failed, in a step that went on with the others. */
export interface ItemError {
  /** From 0. */
  readonly index: number;
  readonly error: ErrorInfo;
}

/** The end of one step. */
export interface StepResult {
  readonly status: StepStatus;
  readonly output?: unknown;
  /** Present when failed or cancelled; a skipped step has a `reason` instead. */
  readonly error?: ErrorInfo;
  /** Why it was skipped: its condition, or the step whose failure it depends on. */
  readonly reason?: string;
  /** Calls made, the first one included; 0 for a step that never started. */
  readonly attempts: number;
  /** Milliseconds since the epoch; absent when the step never started. */
  readonly startedAt?: number;
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
  /** Inputs after expressions were resolved (secrets stay references); absent when the step never started, or ran for each item of a list. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Who was called in the place of the plan's component; absent when that one was. */
  readonly component?: string;
  /** Present when a step went on although items failed; the output holds `null` in their places. */
  readonly itemErrors?: readonly ItemError[];
}

/** A failure with the step that caused it. Skipped dependants are never listed. */
export interface RunError extends ErrorInfo {
  readonly step?: string;
  readonly component?: string;
}

/** The end of a whole run. */
export interface ExecutionResult {
  readonly runId: string;
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly steps: Readonly<Record<string, StepResult>>;
  /** The plan's `outputs`, resolved; an output whose step has none is left out. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Causes, in the order they happened. */
  readonly errors: readonly RunError[];
  readonly startedAt: number;
  readonly endedAt: number;
}
