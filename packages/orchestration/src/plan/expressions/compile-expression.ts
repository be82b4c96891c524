/**
 * One compiled form for paths and CEL, kept for the next time.
 *
 * @module
 */
import { compileCel } from './cel.ts';
import { parsePath, type ReferencePath } from './parse-path.ts';
import { compilePath } from './read-path.ts';
import type { ExpressionScope } from './scope.ts';

/** A compiled expression. */
export interface CompiledExpression {
  readonly source: string;
  /** Every path that the expression reads. */
  readonly paths: readonly ReferencePath[];
  /** True when the expression is nothing but one path. */
  readonly isPath: boolean;
  /** False when it can be seen that the result is never true or false. */
  readonly mayBeBoolean: () => boolean;
  /** Needs no receiver. */
  readonly evaluate: (scope: ExpressionScope) => unknown;
}

const cache = new Map<string, CompiledExpression>();
const maxCached = 2_000;

/**
 * Compiles the inside of `${...}`; the last 2,000 are kept.
 *
 * @throws GomindError `MALFORMED_REFERENCE`, `LIMIT_EXCEEDED`
 */
export function compileExpression(source: string): CompiledExpression {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const compiled = compile(source);
  const oldest = cache.size >= maxCached ? cache.keys().next().value : undefined;
  if (oldest !== undefined) cache.delete(oldest);
  cache.set(source, compiled);
  return compiled;
}

function compile(source: string): CompiledExpression {
  const path = parsePath(source);
  // `true`, `false` and `null` look like paths but are CEL literals.
  if (path !== undefined && !/^(?:true|false|null)$/.test(source.trim())) {
    return { source, paths: [path], isPath: true, mayBeBoolean: () => true, evaluate: compilePath(path) };
  }
  return { source, isPath: false, ...compileCel(source) };
}
