/**
 * Resolves `${...}` inside JSON values, once. Who resolves the same value again compiles it (`compileTemplate`).
 *
 * @module
 */
import { compileTemplate } from './compile-template.ts';
import type { ExpressionScope } from './scope.ts';

/**
 * A value with every expression in it resolved. A text that is exactly one expression becomes its value, type and all; inside
 * other text values are rendered. The given value is left as it is, and its parts without expressions are shared.
 *
 * @param value any JSON value; keys of objects are not templates
 * @param scope what expressions can see
 * @throws GomindError `MALFORMED_REFERENCE`, `DANGLING_REFERENCE`, `UNKNOWN_OUTPUT_FIELD`, `LIMIT_EXCEEDED`, each naming the expression
 */
export function resolveExpressions(value: unknown, scope: ExpressionScope): unknown {
  return compileTemplate(value).resolve(scope);
}
