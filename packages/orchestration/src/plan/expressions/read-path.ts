/**
 * Follows a path into a scope without ever touching a prototype.
 *
 * @module
 */
import { findClosest } from '../find-closest.ts';
import { expressionError } from './expression-error.ts';
import { printPath, type ReferencePath } from './parse-path.ts';
import { expressionRoots, type ExpressionScope, isExpressionRoot } from './scope.ts';

const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The value at a path.
 *
 * @param path a plain path
 * @param scope what can be seen
 * @throws GomindError `MALFORMED_REFERENCE` for an unknown root, `DANGLING_REFERENCE` for a step that is not there or has no
 * output, `UNKNOWN_OUTPUT_FIELD` for a missing field, naming the fields that are there
 */
export function readPath(path: ReferencePath, scope: ExpressionScope): unknown {
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
  if (value === undefined && root !== 'item') {
    throw expressionError('DANGLING_REFERENCE', expression, `there are no ${root} here`);
  }
  for (const [index, key] of keys.entries()) {
    value = step(value, key, { path, index, expression });
  }
  return value;
}

function step(
  value: unknown,
  key: string | number,
  place: { readonly path: ReferencePath; readonly index: number; readonly expression: string },
): unknown {
  const { path, index, expression } = place;
  const isStepName = path.root === 'steps' && index === 0;
  const details = path.root === 'steps' ? { step: String(path.keys[0]), path: expression } : { path: expression };
  if (typeof value === 'object' && value !== null && !forbiddenKeys.has(String(key)) && Object.hasOwn(value, key)) {
    const found = (value as Readonly<Record<string, unknown>>)[String(key)];
    if (found !== undefined) return found;
  }
  const parent = printPath({ root: path.root, keys: path.keys.slice(0, index) });
  if (isStepName)
    throw expressionError(
      'DANGLING_REFERENCE',
      expression,
      `there is no finished step "${String(key)}"${suggest(value, key)}`,
      details,
    );
  if (path.root === 'steps' && index === 1 && key === 'output') {
    throw expressionError(
      'DANGLING_REFERENCE',
      expression,
      `step "${String(path.keys[0])}" has no output (it failed, was skipped, or returned nothing)`,
      details,
    );
  }
  throw expressionError(
    'UNKNOWN_OUTPUT_FIELD',
    expression,
    `${describe(value, key, parent)}${suggest(value, key)}`,
    details,
  );
}

function describe(value: unknown, key: string | number, parent: string): string {
  if (Array.isArray(value)) return `${parent} is a list of ${String(value.length)} and has no "${String(key)}"`;
  if (typeof value !== 'object' || value === null)
    return `${parent} is ${value === null ? 'null' : `a ${typeof value}`} and has no field "${String(key)}"`;
  const fields = Object.keys(value);
  const shown = fields.slice(0, 20).join(', ') + (fields.length > 20 ? ', ...' : '');
  return `${parent} has no field "${String(key)}"; it has ${fields.length === 0 ? 'none' : shown}`;
}

function suggest(value: unknown, key: string | number): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  const closest = findClosest(String(key), Object.keys(value).slice(0, 200));
  return closest === undefined ? '' : `. Did you mean "${closest}"?`;
}
