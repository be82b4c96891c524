/**
 * A call that failed for good, and what may be done about it.
 *
 * @module
 */
import type { Capability, ComponentInfo, EffectClass } from '@gomind/core';
import type { CallBudget } from '../plan/budget.ts';
import type { InputCorrection } from '../plan/coerce-inputs.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';

/** What a run is for, and where its plan comes from. */
export interface RunOrigin {
  /** The user's words. */
  readonly request?: string;
  /** Components that may stand in for one another. Default: none. */
  readonly offered?: readonly ComponentInfo[];
  /** What the plan was made of: the definition of a workflow. Default: a plan of its own. */
  readonly source?: object;
}

type Inputs = Readonly<Record<string, unknown>>;

/** A call that was made and failed. */
export interface CallAttempt {
  /** As they may be shown: secrets are references. */
  readonly inputs: Inputs;
  readonly error: unknown;
}

/** A failed call with everything that led to it. */
export interface FailedCall {
  readonly error: unknown;
  /** Name in the run's stream of events. */
  readonly step: string;
  readonly component: string;
  readonly action: string;
  /** Undefined when the component is gone. */
  readonly capability: Capability | undefined;
  readonly effect: EffectClass;
  readonly isApproved: boolean;
  /** As they were sent, secrets and all; for checks only. */
  readonly inputs: Inputs;
  /** As they may be shown. */
  readonly shownInputs: Inputs;
  /** Values of secrets that the run may use. */
  readonly secrets: readonly string[];
  /** Components that were called for this step, this one included. */
  readonly triedComponents: readonly string[];
  /** Other calls of this step that had failed before and were mended, oldest first. */
  readonly earlier: readonly CallAttempt[];
  /** Questions that a model was asked about this step before. */
  readonly questions: number;
  /** What the steps before it returned, by name. */
  readonly sources: Inputs;
  readonly origin: RunOrigin;
  readonly signal: AbortSignal;
  readonly budget: CallBudget;
  readonly emit: (event: RunEventBody) => void;
}

/** How a failed call goes on. */
export type Recovery =
  | {
      readonly kind: 'inputs';
      readonly corrections: readonly InputCorrection[];
      readonly reason: string;
      /** Questions that it took. */
      readonly questions: number;
    }
  | { readonly kind: 'component'; readonly component: string; readonly reason: string };

/** Mends failed calls. */
export interface StepRecovery {
  /** @returns undefined when nothing helps; never rejects but for an aborted signal */
  recover(call: FailedCall): Promise<Recovery | undefined>;
}

/** Mends nothing. */
export const noRecovery: StepRecovery = { recover: () => Promise.resolve(undefined) };
