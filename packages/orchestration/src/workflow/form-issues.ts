/**
 * Says what is wrong with the form of a workflow file in our own words and codes.
 *
 * @module
 */
import { findClosest } from '@gomind/core';
import type { z } from 'zod';

/** A finding, before it has its place in the file. */
export interface FormProblem {
  readonly code: string;
  readonly message: string;
  readonly path: readonly (string | number)[];
  /** Whether the key is wrong rather than the value. */
  readonly part: 'key' | 'value';
  readonly suggestion?: string | undefined;
}

/** Codes of values of the wrong form, by the key they stand under. */
const codeOfKey: Readonly<Record<string, string>> = {
  steps: 'STEPS_NOT_ARRAY',
  parallel: 'STEPS_NOT_ARRAY',
  then: 'STEPS_NOT_ARRAY',
  else: 'STEPS_NOT_ARRAY',
  finally: 'STEPS_NOT_ARRAY',
  on_failure: 'STEPS_NOT_ARRAY',
  depends_on: 'DEPENDS_ON_NOT_ARRAY',
  retry: 'BAD_RETRY',
  max_attempts: 'BAD_RETRY',
  backoff: 'BAD_RETRY',
  backoff_factor: 'BAD_RETRY',
  initial_wait: 'BAD_RETRY',
  max_wait: 'BAD_RETRY',
  jitter: 'BAD_RETRY',
  timeout: 'BAD_TIMEOUT',
  when: 'BAD_CONDITION',
  if: 'BAD_CONDITION',
  type: 'BAD_STEP_KIND',
  tool: 'MISSING_COMPONENT',
  agent: 'MISSING_COMPONENT',
  action: 'MISSING_ACTION',
  name: 'MISSING_NAME',
};

/**
 * Every problem behind the issues of a failed check.
 *
 * @param issues what zod found
 * @param keys keys by object, for "did you mean"
 * @param base where the checked value stands
 */
export function formProblems(
  issues: readonly z.core.$ZodIssue[],
  keys: Readonly<Record<string, readonly string[]>>,
  base: readonly (string | number)[] = [],
): FormProblem[] {
  return issues.flatMap((issue): FormProblem[] => {
    const path = [...base, ...issue.path.filter((key) => typeof key !== 'symbol')];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey(key, path, keys[ownerOf(path)] ?? []));
    }
    const [nested] = issue.code === 'invalid_union' ? unionProblems(issue, keys, path) : [];
    if (nested !== undefined) return [nested];
    return [{ code: codeAt(path), message: describe(issue, path), path, part: 'value' }];
  });
}

/** The most telling branch of a union: the one that got furthest into the value. */
function unionProblems(
  issue: z.core.$ZodIssueInvalidUnion,
  keys: Readonly<Record<string, readonly string[]>>,
  path: readonly (string | number)[],
): FormProblem[] {
  const deep = issue.errors.find((branch) =>
    branch.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
  );
  if (deep === undefined) return [];
  // What is missing under the right name often stands there under a wrong one.
  const problems = formProblems(deep, keys, path);
  return problems.toSorted((left, right) => Number(left.part === 'value') - Number(right.part === 'value'));
}

function ownerOf(path: readonly (string | number)[]): string {
  const last = path.at(-1);
  if (last === undefined) return 'workflow';
  if (typeof last !== 'number') return last;
  if (path[0] !== 'migration') return 'step';
  return path.includes('steps') ? 'migration_step' : 'migration';
}

function unknownKey(key: string, path: readonly (string | number)[], known: readonly string[]): FormProblem {
  const suggestion = findClosest(key, known);
  const hint =
    suggestion === undefined
      ? known.length === 0
        ? ''
        : ` Known: ${known.join(', ')}.`
      : ` Did you mean "${suggestion}"?`;
  return {
    code: 'UNKNOWN_KEY',
    message: `The key "${key}" is not known here.${hint}`,
    path: [...path, key],
    part: 'key',
    suggestion,
  };
}

/** The code of the innermost key that has one, within the same step. */
function codeAt(path: readonly (string | number)[]): string {
  let isInside = false;
  for (const key of path.toReversed()) {
    if (typeof key === 'number' && isInside) break;
    isInside ||= typeof key === 'string';
    const code = typeof key === 'string' && Object.hasOwn(codeOfKey, key) ? codeOfKey[key] : undefined;
    if (code !== undefined) return code;
    if (key === 'inputs') return path[0] === 'inputs' ? 'INPUT_TYPE' : 'INPUTS_NOT_OBJECT';
  }
  return 'BAD_VALUE';
}

/** What stands under a key that has several forms, or one that is easily mistaken. */
const formOfKey: Readonly<Record<string, string>> = {
  on_error: '"fail", "continue" or { fallback: STEP }',
  retry: 'a map such as { max_attempts: 3 }',
  cases: 'a map from a value to its steps: { refund: [...], other: [...] }',
  for_each: 'a list, an expression, or a map { items, max_parallel, on_error }',
};

function describe(issue: z.core.$ZodIssue, path: readonly (string | number)[]): string {
  const what = path.length === 0 ? 'The file' : placeOf(path);
  const key = path.at(-1);
  const form = typeof key === 'string' && Object.hasOwn(formOfKey, key) ? formOfKey[key] : undefined;
  if (form !== undefined && !(key === 'on_error' && path.length === 1)) return `${what} must be ${form}.`;
  if (issue.code === 'invalid_value') return `${what} must be one of ${issue.values.map(String).join(', ')}.`;
  if (issue.code === 'invalid_type') return `${what} must be ${article(issue.expected)}.`;
  if (issue.code === 'invalid_union') {
    const wanted = issue.errors.flatMap((branch) =>
      branch.flatMap((inner) => (inner.code === 'invalid_type' ? [article(inner.expected)] : [])),
    );
    if (wanted.length > 0) return `${what} must be ${[...new Set(wanted)].join(' or ')}.`;
  }
  return `${what}: ${issue.message}.`;
}

/** `"steps"`, or `item 2 of "steps"`. */
function placeOf(path: readonly (string | number)[]): string {
  const key = `"${String(path.findLast((part) => typeof part === 'string') ?? path.at(-1))}"`;
  const last = path.at(-1);
  return typeof last === 'number' && path.length > 1 ? `Item ${String(last + 1)} of ${key}` : key;
}

function article(type: string): string {
  const names: Readonly<Record<string, string>> = {
    record: 'a map',
    object: 'a map',
    array: 'a list',
    string: 'text',
    boolean: 'true or false',
  };
  return names[type] ?? `a ${type}`;
}
