/**
 * `when:` conditions: CEL that must be boolean.
 *
 * @module
 */
import { compileCel } from './cel.ts';
import { expressionError } from './expression-error.ts';
import type { ExpressionScope } from './scope.ts';

/** What a condition sees: the scope, and how the step's dependencies ended. */
export interface ConditionScope extends ExpressionScope {
  /** `completed`, `skipped` (by its own condition) or `failed` (also cancelled, or skipped because of a failure), for `succeeded()` and `failed()`. */
  readonly dependency_states: readonly string[];
}

/**
 * Whether a condition holds.
 *
 * @param condition CEL, with or without `${}` around it
 * @param scope what it can see
 * @throws GomindError `CONDITION_TYPE` when it is not boolean, `MALFORMED_REFERENCE` when it is no CEL
 */
export function evaluateCondition(condition: string, scope: ConditionScope): boolean {
  const result = compileCel(bareCondition(condition)).evaluate(scope);
  if (typeof result === 'boolean') return result;
  throw expressionError('CONDITION_TYPE', condition, `a condition must be true or false, but this is ${typeof result}`);
}

/** A condition without the `${}` that some write around it. */
export function bareCondition(condition: string): string {
  const text = condition.trim();
  return text.startsWith('${') && text.endsWith('}') ? text.slice(2, -1) : text;
}

/** Whether a condition decides about failed dependencies itself, so that the step is not skipped when one fails. */
export function handlesFailures(condition: string | undefined): boolean {
  return condition !== undefined && /\b(?:failed|always)\s*\(|\.status\b|\.error\b/.test(condition);
}
