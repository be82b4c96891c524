/**
 * What the checks of a workflow find.
 *
 * @module
 */
import type { Diagnostic } from '../plan/diagnostic.ts';

/** A finding whose place is a path in the definition. */
export interface WorkflowFinding {
  readonly diagnostic: Diagnostic;
  readonly path: readonly (string | number)[];
}
