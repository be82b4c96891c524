/**
 * What a validation of a plan is asked, and what it says.
 *
 * @module
 */
import type { EffectClass } from '@gomind/core';
import type { Diagnostic } from '../diagnostic.ts';
import type { LocatePath } from './plan-findings.ts';
import type { RoutingPlan } from '../routing-plan.ts';

/** A step that is there, but not for whoever refers to it. */
export interface AbsentStep {
  /** Why, as the end of a sentence: `"a" is ...`. */
  readonly because: string;
  /** Name of the step that can be waited for in its place. */
  readonly waitFor: string;
}

/** Bounds and rules of `validatePlan`. */
export interface ValidatePlanOptions {
  /** Default: 10,000. */
  readonly maxSteps?: number;
  /** Longest JSON text of one step's inputs. Default: 1 MiB. */
  readonly maxInputLength?: number;
  /** Longest chain of dependencies. Default: no bound. */
  readonly maxDepth?: number;
  /** Steps that may wait for one step. Default: no bound. */
  readonly maxFanOut?: number;
  /** Effect classes the plan may have. Default: all. */
  readonly allowedEffects?: readonly EffectClass[];
  /** True when the plan comes from a reply that was cut off. Default: false. */
  readonly isTruncated?: boolean;
  /** Whether a reference to a step that is no declared dependency is mended by adding it. Default: false (it is an error). */
  readonly addImpliedDependencies?: boolean;
  /** Whether a parameter may be missing (a warning) where a dependency may return it and no schema says. Default: false. */
  readonly allowLateBinding?: boolean;
  /** Kinds of steps that the plan and those inside its steps may have; `component` is a step's kind unless it says another. Default: any. */
  readonly kinds?: readonly string[];
  /** Whether a step may leave its action out: it is then its component's only capability. Default: false. */
  readonly areActionsOptional?: boolean;
  /** Steps outside of the plan that it may refer to, because they have ended before it starts. Default: none. */
  readonly visibleSteps?: readonly string[];
  /** Says of a step that the plan does not have why it cannot be referred to, where that is known. Default: nothing is known. */
  readonly explainAbsent?: (name: string) => AbsentStep | undefined;
  /** Finds places of the plan in its text, so that diagnostics carry line and column (see `locateInJson`). Default: none. */
  readonly locate?: LocatePath;
}

/** What a validation says. `plan` is there when `ok` is true; literals in it were converted where that loses nothing. */
export interface PlanValidation {
  readonly ok: boolean;
  readonly plan?: RoutingPlan;
  readonly diagnostics: Diagnostic[];
  /** Those of the diagnostics that were mended in `plan`: converted literals, added dependencies. */
  readonly repairs: readonly Diagnostic[];
}
