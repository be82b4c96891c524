/**
 * What is wrong with a plan or file, in a form that people, editors and models can act on.
 *
 * @module
 */

/** Codes of static plan validation (contracts, section 3). */
export type PlanDiagnosticCode =
  | 'STEPS_NOT_ARRAY'
  | 'EMPTY_PLAN'
  | 'EMPTY_NAME'
  | 'DUPLICATE_STEP'
  | 'DEPENDS_ON_NOT_ARRAY'
  | 'INPUTS_NOT_OBJECT'
  | 'MISSING_COMPONENT'
  | 'MISSING_ACTION'
  | 'UNKNOWN_COMPONENT'
  | 'UNKNOWN_ACTION'
  | 'PARAM_MISSING'
  | 'PARAM_UNKNOWN'
  | 'PARAM_TYPE'
  | 'SELF_DEPENDENCY'
  | 'MISSING_DEPENDENCY'
  | 'CYCLE'
  | 'DANGLING_REFERENCE'
  | 'UNDECLARED_REFERENCE'
  | 'FORWARD_REFERENCE'
  | 'UNKNOWN_OUTPUT_FIELD'
  | 'MALFORMED_REFERENCE'
  | 'CONDITION_TYPE'
  | 'PLAN_TOO_LARGE'
  | 'PLAN_TRUNCATED'
  | 'DANGLING_OUTPUT'
  | 'EFFECT_NOT_ALLOWED'
  | 'BAD_RETRY'
  | 'BAD_TIMEOUT'
  | 'BAD_STEP_KIND';

/** One finding. An `error` stops a plan, a `warning` does not. */
export interface Diagnostic {
  /** A {@link PlanDiagnosticCode}, or a code of the format that was read (JSON, YAML). */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** What is wrong, where, and what would be right. */
  readonly message: string;
  /** Name of the step it concerns. */
  readonly step?: string;
  /** Dotted path inside the plan, for example `steps.2.inputs.amount`. */
  readonly path?: string;
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Counted from 1. */
  readonly column?: number;
  /** A known name that is close to the wrong one ("did you mean"). */
  readonly suggestion?: string;
}
