/**
 * What expressions can see.
 *
 * @module
 */

/** The values behind the roots of expressions. Absent ones cannot be referenced. */
export interface ExpressionScope {
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** By step name: `{ output, status, error }`. */
  readonly steps?: Readonly<Record<string, unknown>>;
  /** The current item inside `for_each`. */
  readonly item?: unknown;
  /** The current index inside `for_each`, from 0. */
  readonly index?: number;
  readonly run?: Readonly<Record<string, unknown>>;
  /** Environment variables that the application allows. */
  readonly env?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, unknown>>;
}

/** Every root there is. */
export const expressionRoots = ['inputs', 'steps', 'item', 'index', 'run', 'env', 'secrets'] as const;

/** Name of a root. */
export type ExpressionRoot = (typeof expressionRoots)[number];

/** Whether a name is a root of expressions. */
export function isExpressionRoot(name: string): name is ExpressionRoot {
  return (expressionRoots as readonly string[]).includes(name);
}
