/**
 * `when:` conditions: CEL that must be boolean.
 *
 * @module
 */
import { compileExpression } from './compile-expression.ts';
import { expressionError } from './expression-error.ts';
import type { ExpressionScope } from './scope.ts';

/** What a condition sees: the scope, and how the step's dependencies ended. */
export interface ConditionScope extends ExpressionScope {
  /** `completed`, `skipped` (by its own condition) or `failed` (also cancelled, or skipped because of a failure), for `succeeded()` and `failed()`. */
  readonly dependency_states: readonly string[];
}

/** Whether it holds. Throws GomindError `CONDITION_TYPE` when it is not boolean, and what its expression throws. */
export type Condition = (scope: ConditionScope) => boolean;

/**
 * Compiles a condition.
 *
 * @param condition CEL, with or without `${}` around it
 * @throws GomindError `MALFORMED_REFERENCE` when it is no CEL
 */
export function compileCondition(condition: string): Condition {
  const { evaluate } = compileExpression(bareCondition(condition));
  return (scope) => {
    const result = evaluate(scope);
    if (typeof result === 'boolean') return result;
    const problem = `a condition must be true or false, but this is ${result === null ? 'null' : typeof result}`;
    throw expressionError('CONDITION_TYPE', condition, problem);
  };
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
