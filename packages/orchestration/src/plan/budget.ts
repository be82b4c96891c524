/**
 * What a run may use up, and the form in which every call asks before it is made. Who counts stands in
 * `execution/budget.ts`.
 *
 * @module
 */

/** What calls use up. */
export interface BudgetAmounts {
  /** Of models, input and output. */
  readonly tokens?: number;
  /** US dollars. */
  readonly costUsd?: number;
  /** Questions to models, repeated ones included. */
  readonly modelCalls?: number;
  /** Calls of components, repeated ones included. */
  readonly toolCalls?: number;
}

/** The most that may be used up. Absent: no limit. */
export interface BudgetLimits extends BudgetAmounts {
  /** Milliseconds from the making of the budget (of a step: from its start) to its end. */
  readonly timeMs?: number;
}

/** Limits of a run, and of each of its steps alone (retries, corrections, items and nested plans counted in). */
export interface RunBudgetLimits extends BudgetLimits {
  readonly step?: BudgetLimits;
}

/** The most that one call can use. */
export interface BudgetRequest extends Omit<BudgetAmounts, 'costUsd'> {
  /** `rest`: nobody knows, so everything that is left is set aside. */
  readonly costUsd?: number | 'rest';
  /** What the call is for, as events and errors show it: `planning`, `synthesis`, the name of a tool. */
  readonly purpose: string;
}

/** Something set aside for one call. */
export interface Reservation {
  /**
   * Says what the call has really used; the rest is free again. A second call does nothing.
   *
   * @param used what is left out counts as reserved: nobody knows that it was less
   */
  settle(used: BudgetAmounts): void;
}

/** Who is asked before a call is made. */
export interface CallBudget {
  /** Whether tokens or money are limited, so that a model must be told how much it may write. */
  readonly isMetered: boolean;
  /** Milliseconds until the time is used up; Infinity without a limit. */
  remainingMs(): number;
  /**
   * Sets aside what a call may use, or refuses it.
   *
   * @throws GomindError `BUDGET_EXCEEDED`
   */
  reserve(request: BudgetRequest): Reservation;
}

/** Sets nothing aside. */
export const noReservation: Reservation = { settle: () => undefined };

/** The budget of a call that nobody limits. */
export const unlimitedBudget: CallBudget = {
  isMetered: false,
  remainingMs: () => Number.POSITIVE_INFINITY,
  reserve: () => noReservation,
};
