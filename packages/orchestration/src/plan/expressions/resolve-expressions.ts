/**
 * Resolves `${...}` inside JSON values (contracts, section 5). A value that is exactly one expression keeps its type; inside
 * other text it is rendered. Outputs are values, never templates: what an expression yields is not looked at again.
 *
 * @module
 */
import { compileExpression } from './compile-expression.ts';
import { expressionError } from './expression-error.ts';
import { scanTemplate } from './scan-template.ts';
import type { ExpressionScope } from './scope.ts';

const maxDepth = 64;
const maxExpressionsPerText = 256;
const maxRenderedLength = 10_485_760;

/**
 * A value with every expression in it resolved; the given value is left as it is.
 *
 * @param value any JSON value; keys of objects are not templates
 * @param scope what expressions can see
 * @throws GomindError `MALFORMED_REFERENCE`, `DANGLING_REFERENCE`, `UNKNOWN_OUTPUT_FIELD`, `LIMIT_EXCEEDED`, each naming the expression
 */
export function resolveExpressions(value: unknown, scope: ExpressionScope): unknown {
  return resolve(value, scope, 0);
}

function resolve(value: unknown, scope: ExpressionScope, depth: number): unknown {
  if (typeof value === 'string') return resolveText(value, scope);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= maxDepth) {
    throw expressionError('LIMIT_EXCEEDED', '...', `inputs may be nested ${String(maxDepth)} levels deep`);
  }
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope, depth + 1));
  const resolved: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    // Defined, not assigned: a key named "__proto__" stays an ordinary key.
    Object.defineProperty(resolved, key, {
      value: resolve(inner, scope, depth + 1),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return resolved;
}

function resolveText(text: string, scope: ExpressionScope): unknown {
  if (!text.includes('${')) return text;
  const pieces = scanTemplate(text);
  if (pieces.length > maxExpressionsPerText) {
    throw expressionError('LIMIT_EXCEEDED', text, `a text may hold ${String(maxExpressionsPerText)} expressions`);
  }
  const [only] = pieces;
  if (pieces.length === 1 && only?.kind === 'expression') return compileExpression(only.source).evaluate(scope);
  let rendered = '';
  for (const piece of pieces) {
    if (piece.kind === 'text') rendered += piece.text;
    else if (piece.kind === 'expression') rendered += render(compileExpression(piece.source).evaluate(scope));
    else throw expressionError('MALFORMED_REFERENCE', piece.source.slice(2), 'the closing brace is missing');
    if (rendered.length > maxRenderedLength) {
      throw expressionError('LIMIT_EXCEEDED', text, `a rendered text may have ${String(maxRenderedLength)} characters`);
    }
  }
  return rendered;
}

function render(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}
