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

const maxCelLength = 4_096;

/** How much CEL one value may hold: parsing it is slow enough that a hostile value would hold up everyone. */
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
 * Compiles the inside of `${...}`. Of CEL, the last 1,000 to 2,000 are kept; plain paths are read faster than they are found again.
 *
 * @param budget what compiling CEL may still cost
 * @throws GomindError `MALFORMED_REFERENCE`, `LIMIT_EXCEEDED`
 */
export function compileExpression(source: string, budget: CelBudget = new CelBudget()): CompiledExpression {
  const path = parsePath(source);
  // `true`, `false` and `null` look like paths but are CEL literals.
  if (path !== undefined && !(path.keys.length === 0 && literals.has(path.root))) {
    return { source, paths: [path], isPath: true, mayBeBoolean: () => true, evaluate: compilePath(path) };
  }
  const known = younger.get(source) ?? older.get(source);
  if (known !== undefined) return known;
  budget.spend(source);
  const compiled: CompiledExpression = { source, isPath: false, ...compileCel(source) };
  if (source.length > longestKept) return compiled;
  if (younger.size >= maxInGeneration) {
    older = younger;
    younger = new Map();
  }
  younger.set(source, compiled);
  return compiled;
}

const literals: ReadonlySet<string> = new Set(['true', 'false', 'null']);
