/**
 * The narrow waist of the house: models, workflow files, the builder, caches and the basic router make a RoutingPlan;
 * the plan executor runs it. Knows nobody.
 *
 * @module
 */
import type { EffectClass } from '@gomind/core';

/** When and how a failed call is made again. */
export interface StepRetry {
  /** Calls in all, the first one included. */
  readonly maxAttempts: number;
  /** Default: `exponential`. */
  readonly backoff?: 'fixed' | 'linear' | 'exponential';
  /** Default: 2. */
  readonly backoffFactor?: number;
  /** Milliseconds before the second call. Default: 100. */
  readonly initialWaitMs?: number;
  /** Milliseconds. Default: 10,000. */
  readonly maxWaitMs?: number;
  /** Default: true. */
  readonly jitter?: boolean;
}

/** What a failure of a step means for the run; `fallback` names a step that runs instead. */
export type OnError = 'fail' | 'continue' | { readonly fallback: string };

/** Runs a step once for each item of a list. */
export interface ForEach {
  /** A list, or an expression that yields one. */
  readonly items: unknown;
  /** Items at work at the same time. Default: the run's limit. */
  readonly maxParallel?: number;
  /**
   * `fail`: the first failed item ends the step and cancels the items at work. `continue`: all items run, and the output
   * holds `null` in place of a failed one. Default: `continue` when the step's own `onError` is, else `fail`.
   */
  readonly onError?: 'fail' | 'continue';
}

/** One node of a plan. */
export interface PlanStep {
  /** Letters, digits, `_`, `-`, spaces; unique within the plan. */
  readonly name: string;
  /** Which handler runs it. Default: `component`. */
  readonly kind?: string;
  /** Name of the component to call. */
  readonly component?: string;
  /** Name of the component's capability. */
  readonly action?: string;
  /** May hold `${...}` expressions. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** One expression that yields further inputs as an object; what `inputs` says itself wins. */
  readonly inputsFrom?: string;
  /** Names of the steps that must settle first. */
  readonly dependsOn: readonly string[];
  /** Milliseconds for each call of the step; a call that takes longer is aborted. Default: the run's step timeout. */
  readonly timeoutMs?: number;
  readonly retry?: StepRetry;
  /** Condition (CEL); the step is skipped when it is false. */
  readonly when?: string;
  /** Default: `fail`. */
  readonly onError?: OnError;
  readonly forEach?: ForEach;
  /** Overrides the capability's own effect class. */
  readonly effect?: EffectClass;
  /** Name of a step or action that undoes this one. */
  readonly compensate?: unknown;
  /** Settings of handlers other than `component`. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** How deep plans may stand inside steps of other plans. */
export const maxNesting = 10;

/** A directed acyclic graph of steps. */
export interface RoutingPlan {
  readonly name?: string;
  readonly version?: string;
  readonly steps: readonly PlanStep[];
  /** Named references to step outputs that make up the result. */
  readonly outputs?: Readonly<Record<string, unknown>>;
}
