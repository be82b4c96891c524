/**
 * Follows a path into a scope without ever touching a prototype. The walk is compiled once; what a missing field needs for
 * its message is worked out only when one is missing.
 *
 * @module
 */
import { findClosest } from '@gomind/core';
import { expressionError } from './expression-error.ts';
import { printPath, type ReferencePath } from './parse-path.ts';
import { expressionRoots, type ExpressionScope, isExpressionRoot } from './scope.ts';

const forbiddenKeys: ReadonlySet<string | number> = new Set(['__proto__', 'constructor', 'prototype']);
const maxNamesCompared = 200;

/** Whether a name may stand in a path: three may not, even where a step or a field is called so. */
export function isReadable(key: string | number): boolean {
  return !forbiddenKeys.has(key);
}

/** Reads one path. */
export type PathReader = (scope: ExpressionScope) => unknown;

/**
 * Compiles the walk along a path.
 *
 * @param path a plain path
 * @returns a reader; it throws GomindError `MALFORMED_REFERENCE` for an unknown root, `DANGLING_REFERENCE` for a step that is
 * not there or has no output, `UNKNOWN_OUTPUT_FIELD` for a missing field, naming the fields that are there
 */
export function compilePath(path: ReferencePath): PathReader {
  const keys = [path.root, ...path.keys];
  if (!isExpressionRoot(path.root) || !keys.every(isReadable)) {
    return (scope) => explainMissing(path, scope);
  }
  return (scope) => {
    let value: unknown = scope;
    for (const key of keys) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return explainMissing(path, scope);
      value = (value as Readonly<Record<string | number, unknown>>)[key];
    }
    return value === undefined ? explainMissing(path, scope) : value;
  };
}

/**
 * Whether a value has all of the keys, each in what the one before it leads to. What has no value is not there; null is.
 *
 * @param keys never lead to a prototype
 */
export function isThere(root: unknown, keys: readonly (string | number)[]): boolean {
  let value = root;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !isReadable(key) || !Object.hasOwn(value, key)) return false;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return value !== undefined;
}

/** Walks again, slowly, to say what is missing. */
function explainMissing(path: ReferencePath, scope: ExpressionScope): never {
  const expression = printPath(path);
  const { root, keys } = path;
  if (!isExpressionRoot(root)) {
    throw expressionError(
      'MALFORMED_REFERENCE',
      expression,
      `"${root}" is no root of expressions (${expressionRoots.join(', ')}). Write $\${${expression}} for the text itself.`,
    );
  }
  let value: unknown = Object.hasOwn(scope, root) ? scope[root] : undefined;
  if (value === undefined)
    throw expressionError(
      'DANGLING_REFERENCE',
      expression,
      `there ${root.endsWith('s') ? 'are' : 'is'} no ${root} here`,
    );
  let index = 0;
  for (const key of keys) {
    const isThere = typeof value === 'object' && value !== null && isReadable(key) && Object.hasOwn(value, key);
    const inner: unknown = isThere ? (value as Readonly<Record<string | number, unknown>>)[key] : undefined;
    if (inner === undefined) break;
    value = inner;
    index++;
  }
  throw missingKey(value, keys[index] ?? '', { path, index, expression });
}

function missingKey(
  value: unknown,
  key: string | number,
  place: { readonly path: ReferencePath; readonly index: number; readonly expression: string },
): Error {
  const { path, index, expression } = place;
  const details = path.root === 'steps' ? { step: String(path.keys[0]), path: expression } : { path: expression };
  if (path.root === 'steps' && index === 0) {
    const problem = `there is no finished step "${String(key)}"${suggest(value, key)}`;
    return expressionError('DANGLING_REFERENCE', expression, problem, details);
  }
  if (path.root === 'steps' && index === 1 && key === 'output') {
    const problem = `step "${String(path.keys[0])}" has no output (it failed, was skipped, or returned nothing)`;
    return expressionError('DANGLING_REFERENCE', expression, problem, details);
  }
  const parent = printPath({ root: path.root, keys: path.keys.slice(0, index) });
  const problem = `${describe(value, key, parent)}${suggest(value, key)}`;
  return expressionError('UNKNOWN_OUTPUT_FIELD', expression, problem, details);
}

function describe(value: unknown, key: string | number, parent: string): string {
  if (Array.isArray(value)) return `${parent} is a list of ${String(value.length)} and has no "${String(key)}"`;
  if (typeof value !== 'object' || value === null)
    return `${parent} is ${value === null ? 'null' : `a ${typeof value}`} and has no field "${String(key)}"`;
  if (!isReadable(key)) return `${parent} has no field "${String(key)}" that can be read`;
  const fields = Object.keys(value);
  const shown = fields.slice(0, 20).join(', ') + (fields.length > 20 ? ', ...' : '');
  return `${parent} has no field "${String(key)}"; it has ${fields.length === 0 ? 'none' : shown}`;
}

function suggest(value: unknown, key: string | number): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  const closest = findClosest(String(key), Object.keys(value).slice(0, maxNamesCompared).filter(isReadable));
  return closest === undefined ? '' : `. Did you mean "${closest}"?`;
}
