/**
 * One compiled form for paths and CEL, kept for the next time.
 *
 * @module
 */
import { compileCel } from './cel.ts';
import { expressionError } from './expression-error.ts';
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

const maxCelLength = 8_192;

/** How much CEL one value may hold: it is parsed at some 15 characters a microsecond, so that hostile inputs would hold up everyone. */
export class CelBudget {
  #left = maxCelLength;

  /** @throws GomindError `LIMIT_EXCEEDED` when it is used up */
  spend(source: string): void {
    this.#left -= source.length;
    if (this.#left >= 0) return;
    const problem = `all expressions of one value together, plain references aside, may have ${String(maxCelLength)} characters`;
    throw expressionError('LIMIT_EXCEEDED', source, problem);
  }
}

/** Two generations: when the younger is full, it becomes the older, and what was in neither is forgotten. */
let younger = new Map<string, CompiledExpression>();
let older: ReadonlyMap<string, CompiledExpression> = new Map();
const maxInGeneration = 1_000;
/** Longer ones are rare, and keeping them would make the bound on memory meaningless. */
const longestKept = 512;

/**
 * Compiles the inside of `${...}`; the last 1,000 to 2,000 are kept.
 *
 * @param budget what compiling CEL may still cost
 * @throws GomindError `MALFORMED_REFERENCE`, `LIMIT_EXCEEDED`
 */
export function compileExpression(source: string, budget: CelBudget = new CelBudget()): CompiledExpression {
  const known = younger.get(source) ?? older.get(source);
  if (known !== undefined) return known;
  const compiled = compile(source, budget);
  if (source.length > longestKept) return compiled;
  if (younger.size >= maxInGeneration) {
    older = younger;
    younger = new Map();
  }
  younger.set(source, compiled);
  return compiled;
}

function compile(source: string, budget: CelBudget): CompiledExpression {
  const path = parsePath(source);
  // `true`, `false` and `null` look like paths but are CEL literals.
  if (path !== undefined && !/^(?:true|false|null)$/.test(source.trim())) {
    return { source, paths: [path], isPath: true, mayBeBoolean: () => true, evaluate: compilePath(path) };
  }
  budget.spend(source);
  return { source, isPath: false, ...compileCel(source) };
}
