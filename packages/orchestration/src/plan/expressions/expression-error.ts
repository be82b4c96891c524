/**
 * Errors of expressions, all made in one place so that they read alike.
 *
 * @module
 */
import { GomindError } from '@gomind/core';

/** Codes of expressions that cannot be resolved. */
export type ExpressionErrorCode =
  'MALFORMED_REFERENCE' | 'DANGLING_REFERENCE' | 'UNKNOWN_OUTPUT_FIELD' | 'CONDITION_TYPE' | 'LIMIT_EXCEEDED';

/**
 * An error of an expression.
 *
 * @param code stable code
 * @param expression the expression as it was written
 * @param problem what is wrong and what would be right
 */
export function expressionError(
  code: ExpressionErrorCode,
  expression: string,
  problem: string,
  details: Readonly<Record<string, unknown>> = {},
): GomindError {
  const shown = expression.length > 200 ? `${expression.slice(0, 200)}...` : expression;
  return new GomindError({ code, message: `\${${shown}}: ${problem}`, details: { ...details, expression: shown } });
}
