/**
 * Bounds what an expression may cost when it is evaluated. The unit is one node of its syntax tree, about 50 nanoseconds: each turn
 * of `map`, `filter`, `exists` and `all` costs the nodes inside, and the sizes of what it reads again and again; joining lists or
 * counting characters costs what was joined or counted.
 *
 * @module
 */
import { contains } from './contains.ts';
import { expressionError } from './expression-error.ts';
import type { ReferencePath } from './parse-path.ts';
import type { ExpressionScope } from './scope.ts';

/** About 5 milliseconds. */
const maxWork = 100_000;
/** Searching characters is about that much faster than evaluating a node. */
const charactersPerNode = 64;
/** Beyond this length, the engine's own search may take a hundred times as long as usual for a text that was made for it. */
const longText = 1_024;
const searchedPerNode = 8;
/** An error in a turn, which `exists` and `all` pass over, takes about as long as that many nodes. */
const nodesPerError = 250;

type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown;

/** A loop as the library keeps it. */
export interface CelLoop {
  /** Called before each turn; the library has one for the loops that end early. */
  condition?: ((accumulated: unknown) => boolean) | undefined;
  /** What each turn evaluates. */
  readonly step: { evaluate: Evaluate; readonly meta: { readonly evaluate: Evaluate } };
}

/** A node as the library keeps it. */
export interface CelNode {
  evaluate: Evaluate;
  readonly meta: { readonly evaluate: Evaluate };
}

/** Counts what an expression costs. */
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
   * @param turn what each turn evaluates: how many nodes, and which paths, other loops aside
   */
  count(loop: CelLoop, turn: { readonly nodes: number; readonly paths: readonly ReferencePath[] }): void {
    const { condition: endsEarly, step } = loop;
    let cost = turn.nodes;
    this.#resets.push((scope) => {
      cost = turn.paths.reduce((sum, path) => sum + sizeAt(scope, path), turn.nodes);
    });
    loop.condition = (accumulated) => {
      this.#spend(cost);
      return endsEarly?.(accumulated) ?? true;
    };
    step.evaluate = (evaluator, node, context) => {
      try {
        return step.meta.evaluate(evaluator, node, context);
      } catch (error) {
        this.#spend(nodesPerError);
        throw error;
      }
    };
  }

  /** Counts a call or a sum by what comes of it: a list or a text that was put together, or the size of one. */
  countResult(node: CelNode, { isSize }: { readonly isSize: boolean }): void {
    node.evaluate = (evaluator, self, context) => {
      const result = node.meta.evaluate(evaluator, self, context);
      if (Array.isArray(result)) this.#spend(result.length);
      else if (typeof result === 'string') this.#spend(result.length / charactersPerNode);
      else if (isSize && typeof result === 'bigint') this.#spend(Number(result));
      return result;
    };
  }

  /** Searches a long text in time proportional to its length, whatever it holds. */
  countSearch(node: CelNode & { readonly args: unknown }): void {
    const [, text, needles] = node.args as readonly [string, CelNode, readonly CelNode[]];
    const [needle] = needles;
    if (needle === undefined) return;
    node.evaluate = (evaluator, self, context) => {
      const searched = text.evaluate(evaluator, text, context);
      if (typeof searched !== 'string' || searched.length < longText)
        return node.meta.evaluate(evaluator, self, context);
      const wanted = needle.evaluate(evaluator, needle, context);
      if (typeof wanted !== 'string') return node.meta.evaluate(evaluator, self, context);
      this.#spend(searched.length / searchedPerNode);
      return contains(searched, wanted);
    };
  }

  #spend(nodes: number): void {
    this.#left -= nodes;
    if (this.#left >= 0) return;
    const problem = `it would take more than ${String(maxWork)} operations; use shorter lists and texts, or a component for this`;
    throw expressionError('LIMIT_EXCEEDED', this.#source, problem);
  }

  /** Before each evaluation. */
  start(scope: ExpressionScope): void {
    this.#left = maxWork;
    for (const reset of this.#resets) reset(scope);
  }
}

/** Nodes that reading a value through is worth. */
function sizeAt(scope: ExpressionScope, { root, keys }: ReferencePath): number {
  let value: unknown = scope;
  for (const key of [root, ...keys]) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return 0;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  if (Array.isArray(value)) return value.length;
  return typeof value === 'string' ? Math.floor(value.length / charactersPerNode) : 0;
}
