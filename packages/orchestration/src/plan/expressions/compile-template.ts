/**
 * Compiles JSON values with `${...}` in them (contracts, section 5). Resolving costs what the references cost: parts without
 * any are shared with the value, not copied. Outputs are values, never templates: what an expression yields is not looked at
 * again.
 *
 * @module
 */
import { CelBudget, compileExpression } from './compile-expression.ts';
import { expressionError } from './expression-error.ts';
import type { ReferencePath } from './parse-path.ts';
import { maxPiecesPerText, scanTemplate, type TemplatePiece } from './scan-template.ts';
import type { ExpressionScope } from './scope.ts';

/** A compiled value. */
export interface Template {
  /** True when it holds no expression and no `$${`: it resolves to the value itself. */
  readonly isFixed: boolean;
  /** Every path that its expressions read. */
  readonly paths: readonly ReferencePath[];
  /** The value with every expression resolved. Needs no receiver; throws what expressions throw, each error naming the expression. */
  readonly resolve: Resolve;
}

type Resolve = (scope: ExpressionScope) => unknown;

const maxDepth = 64;
const maxRenderedLength = 10_485_760;

/**
 * Compiles a value; keys of objects are not templates.
 *
 * @param value any JSON value, which must not be changed afterwards
 * @throws GomindError `MALFORMED_REFERENCE`, `LIMIT_EXCEEDED`
 */
export function compileTemplate(value: unknown): Template {
  const paths: ReferencePath[] = [];
  const resolve = compile(value, { depth: 0, paths, budget: new CelBudget() });
  return { isFixed: resolve === undefined, paths, resolve: resolve ?? (() => value) };
}

interface Place {
  readonly depth: number;
  /** Collects what is read. */
  readonly paths: ReferencePath[];
  readonly budget: CelBudget;
}

/** Undefined for a value that holds no expression. */
function compile(value: unknown, place: Place): Resolve | undefined {
  if (typeof value === 'string') return compileText(value, place);
  if (typeof value !== 'object' || value === null) return undefined;
  if (place.depth >= maxDepth) {
    throw expressionError('LIMIT_EXCEEDED', '...', `inputs may be nested ${String(maxDepth)} levels deep`);
  }
  const inner = { ...place, depth: place.depth + 1 };
  return Array.isArray(value) ? compileList(value, inner) : compileObject(value, inner);
}

function compileList(value: readonly unknown[], inner: Place): Resolve | undefined {
  const parts: (readonly [number, Resolve])[] = [];
  for (const [index, item] of value.entries()) {
    const part = compile(item, inner);
    if (part !== undefined) parts.push([index, part]);
  }
  if (parts.length === 0) return undefined;
  return (scope) => {
    const resolved = [...value];
    for (const [index, part] of parts) resolved[index] = part(scope);
    return resolved;
  };
}

function compileObject(value: object, inner: Place): Resolve | undefined {
  const parts: (readonly [string, Resolve])[] = [];
  for (const [key, item] of Object.entries(value)) {
    const part = compile(item, inner);
    if (part !== undefined) parts.push([key, part]);
  }
  if (parts.length === 0) return undefined;
  return (scope) => {
    const resolved: Record<string, unknown> = { ...value };
    for (const [key, part] of parts) {
      // Assigning to "__proto__" would set a prototype; defined, it stays an ordinary key.
      if (key === '__proto__') defineOwn(resolved, key, part(scope));
      else resolved[key] = part(scope);
    }
    return resolved;
  };
}

function defineOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

function compileText(text: string, place: Place): Resolve | undefined {
  if (!text.includes('${')) return undefined;
  const pieces = scanTemplate(text);
  if (pieces.length > maxPiecesPerText) {
    throw expressionError('LIMIT_EXCEEDED', text, `a text may hold ${String(maxPiecesPerText)} pieces and expressions`);
  }
  const parts = pieces.map((piece) => compilePiece(piece, place));
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return typeof only === 'string' ? () => only : only;
  return (scope) => {
    let rendered = '';
    for (const part of parts) {
      rendered += typeof part === 'string' ? part : render(part(scope));
      if (rendered.length > maxRenderedLength) {
        const problem = `a rendered text may have ${String(maxRenderedLength)} characters`;
        throw expressionError('LIMIT_EXCEEDED', text, problem);
      }
    }
    return rendered;
  };
}

function compilePiece(piece: TemplatePiece, place: Place): string | Resolve {
  if (piece.kind === 'text') return piece.text;
  if (piece.kind === 'expression') {
    const expression = compileExpression(piece.source, place.budget);
    place.paths.push(...expression.paths);
    return expression.evaluate;
  }
  throw expressionError('MALFORMED_REFERENCE', piece.source.slice(2), 'the closing brace is missing');
}

function render(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}
