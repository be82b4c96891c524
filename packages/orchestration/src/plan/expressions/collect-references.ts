/**
 * Finds what a value refers to, without resolving it: for implied dependencies and for validation.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import { CelBudget, compileExpression } from './compile-expression.ts';
import type { ReferencePath } from './parse-path.ts';
import { expressionRoots, isExpressionRoot } from './scope.ts';
import { maxPiecesPerText, scanTemplate } from './scan-template.ts';

/** One expression inside a value. */
export interface FoundExpression {
  /** Dotted path of the text inside the value, `''` for the value itself. */
  readonly at: string;
  readonly source: string;
  /** True when the text is nothing but this expression, so that its type is kept. */
  readonly isWhole: boolean;
  /** Every path in it; more than one in CEL. */
  readonly paths: readonly ReferencePath[];
  /** True when it is nothing but one path. */
  readonly isPath: boolean;
  /** What is wrong with it, if anything. */
  readonly problem?: string;
}

/**
 * Every expression of a value, in order.
 *
 * @param value any JSON value
 */
export function collectExpressions(value: unknown): FoundExpression[] {
  const found: FoundExpression[] = [];
  collectInto({ found, budget: new CelBudget() }, value, { at: '', depth: 0 });
  return found;
}

const maxDepth = 64;

function collectInto(
  target: { readonly found: FoundExpression[]; readonly budget: CelBudget },
  value: unknown,
  { at, depth }: { readonly at: string; readonly depth: number },
): void {
  if (typeof value === 'string') {
    for (const expression of expressionsOf(value, { at, budget: target.budget })) target.found.push(expression);
  } else if (typeof value === 'object' && value !== null && depth < maxDepth) {
    for (const [key, inner] of Object.entries(value)) {
      // Numbers and plain text need no place.
      const mayHold = typeof inner === 'string' ? inner.includes('${') : typeof inner === 'object';
      if (mayHold) collectInto(target, inner, { at: at === '' ? key : `${at}.${key}`, depth: depth + 1 });
    }
  }
}

/**
 * Every expression of a text, in order.
 *
 * @param place where the text stands, and how much CEL it may hold
 */
export function expressionsOf(
  text: string,
  place: { readonly at?: string; readonly budget?: CelBudget } = {},
): FoundExpression[] {
  if (!text.includes('${')) return [];
  const { at = '', budget = new CelBudget() } = place;
  const pieces = scanTemplate(text);
  if (pieces.length > maxPiecesPerText) {
    const problem = `a text may hold ${String(maxPiecesPerText)} pieces and expressions`;
    return [{ at, isWhole: false, ...notAnExpression(text.slice(0, 100), problem) }];
  }
  return pieces.flatMap((piece): FoundExpression[] => {
    if (piece.kind === 'text') return [];
    const isWhole = pieces.length === 1;
    if (piece.kind === 'expression') return [{ at, isWhole, ...analyseExpression(piece.source, budget) }];
    return [{ at, isWhole, ...notAnExpression(piece.source.slice(2), 'the closing brace is missing') }];
  });
}

/** An expression apart from its place. */
export type AnalysedExpression = Omit<FoundExpression, 'at' | 'isWhole'>;

function notAnExpression(source: string, problem: string): AnalysedExpression {
  return { source, paths: [], isPath: false, problem };
}

/**
 * The paths of one expression, and its problem if it has one.
 *
 * @param source the inside of `${...}` or a condition
 */
export function analyseExpression(source: string, budget: CelBudget = new CelBudget()): AnalysedExpression {
  try {
    const { paths, isPath } = compileExpression(source, budget);
    const stranger = isPath ? paths.find((path) => !isExpressionRoot(path.root)) : undefined;
    if (stranger === undefined) return { source, paths, isPath };
    const roots = expressionRoots.join(', ');
    const problem = `"${stranger.root}" is no root of expressions (${roots}); write $\${...} for the text itself`;
    return notAnExpression(source, problem);
  } catch (error) {
    if (!GomindError.isInstance(error)) throw error;
    return notAnExpression(source, error.message);
  }
}

/**
 * Names of the steps that a value refers to, each once.
 *
 * @param value any JSON value
 */
export function referencedSteps(value: unknown): Set<string> {
  const names = new Set<string>();
  for (const { paths } of collectExpressions(value)) {
    for (const path of paths) {
      const name = stepOf(path);
      if (name !== undefined) names.add(name);
    }
  }
  return names;
}

/** The step that a path refers to, if it refers to one. */
export function stepOf(path: ReferencePath): string | undefined {
  return path.root === 'steps' && path.keys[0] !== undefined ? String(path.keys[0]) : undefined;
}
