/**
 * Bounds what `map`, `filter`, `exists` and `all` may cost: nested in each other, or around a search in a long list or text,
 * they multiply. Each turn of such a loop is counted, with the sizes of what it reads again and again.
 *
 * @module
 */
import { expressionError } from './expression-error.ts';
import type { ReferencePath } from './parse-path.ts';
import type { ExpressionScope } from './scope.ts';

const maxWork = 100_000;
/** Searching characters is about that much faster than running a turn. */
const charactersPerTurn = 256;

/** An error in a turn, which `exists` and `all` pass over, takes about as long as that many turns. */
const turnsPerError = 100;

type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown;

/** A loop as the library keeps it. */
export interface CelLoop {
  /** Called before each turn; the library has one for the loops that end early. */
  condition?: ((accumulated: unknown) => boolean) | undefined;
  /** What each turn evaluates. */
  readonly step: { evaluate: Evaluate; readonly meta: { readonly evaluate: Evaluate } };
}

/** Counts the turns of an expression's loops. */
export class CelWork {
  readonly #source: string;
  readonly #resets: ((scope: ExpressionScope) => void)[] = [];
  #left = maxWork;

  constructor(source: string) {
    this.#source = source;
  }

  /**
   * Counts a loop from now on.
   *
   * @param read paths that each turn reads, other loops aside
   */
  count(loop: CelLoop, read: readonly ReferencePath[]): void {
    const { condition: endsEarly, step } = loop;
    let cost = 1;
    this.#resets.push((scope) => {
      cost = read.reduce((sum, path) => sum + sizeAt(scope, path), 1);
    });
    loop.condition = (accumulated) => {
      this.#spend(cost);
      return endsEarly?.(accumulated) ?? true;
    };
    step.evaluate = (evaluator, node, context) => {
      try {
        return step.meta.evaluate(evaluator, node, context);
      } catch (error) {
        this.#spend(turnsPerError);
        throw error;
      }
    };
  }

  #spend(turns: number): void {
    this.#left -= turns;
    if (this.#left >= 0) return;
    const problem = `its loops would take more than ${String(maxWork)} turns; use shorter lists, or a component for this`;
    throw expressionError('LIMIT_EXCEEDED', this.#source, problem);
  }

  /** Before each evaluation. */
  start(scope: ExpressionScope): void {
    this.#left = maxWork;
    for (const reset of this.#resets) reset(scope);
  }
}

/** Turns that reading a value through is worth. */
function sizeAt(scope: ExpressionScope, { root, keys }: ReferencePath): number {
  let value: unknown = scope;
  for (const key of [root, ...keys]) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return 0;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  if (Array.isArray(value)) return value.length;
  return typeof value === 'string' ? Math.floor(value.length / charactersPerTurn) : 0;
}
