/**
 * A file without what is wrong with its form, so that all else that is wrong with it is found in the same go.
 *
 * @module
 */
import type { FormProblem } from './form-issues.ts';

/** Keys whose value may be left out and nothing else is wrong for it. */
const leftOut: ReadonlySet<string | number> = new Set([
  'description',
  'version',
  'timeout',
  'max_concurrency',
  'on_error',
  'concurrency',
  'budget',
  'triggers',
  'defaults',
  'compatible_with',
  'migration',
  'retry',
  'effect',
  'compensate',
  'cache',
  'artifact',
]);

/** What is left of a file. */
export interface RepairedFile {
  readonly value: unknown;
  /** What was written, by the path of the key that it was taken for. */
  readonly written: ReadonlyMap<string, string>;
}

/**
 * A copy in which misspelled keys have the names that they were meant to have, and what else cannot be read is missing.
 *
 * @param value the file's value
 * @param problems everything that is wrong with its form
 * @returns undefined where that would only lead to more problems
 */
export function withoutFormProblems(value: unknown, problems: readonly FormProblem[]): RepairedFile | undefined {
  const copy = structuredClone(value);
  const written = new Map<string, string>();
  for (const { path, part, suggestion } of problems) {
    const at = part === 'key' ? path.length - 1 : path.findIndex((key) => leftOut.has(key));
    const parent = at === -1 ? undefined : recordAt(copy, path.slice(0, at));
    const key = path[at];
    if (parent === undefined || key === undefined) return undefined;
    const given = parent[key];
    Reflect.deleteProperty(parent, key);
    if (part === 'value' || suggestion === undefined || Object.hasOwn(parent, suggestion)) continue;
    parent[suggestion] = given;
    written.set([...path.slice(0, -1), suggestion].join('.'), String(key));
  }
  return { value: copy, written };
}

/** A path in a repaired file as it stands in the file itself. */
export function writtenPath(
  path: readonly (string | number)[],
  written: RepairedFile['written'],
): readonly (string | number)[] {
  if (written.size === 0) return path;
  return path.map((key, index) => written.get(path.slice(0, index + 1).join('.')) ?? key);
}

function recordAt(value: unknown, path: readonly (string | number)[]): Record<string | number, unknown> | undefined {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Readonly<Record<string | number, unknown>>)[key];
  }
  const isRecord = typeof current === 'object' && current !== null && !Array.isArray(current);
  return isRecord ? (current as Record<string | number, unknown>) : undefined;
}
