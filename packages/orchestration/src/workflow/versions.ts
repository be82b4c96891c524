/**
 * Versions of workflows: how they compare, and which run may go on in which version.
 *
 * Ranges follow the syntax of node-semver (https://github.com/npm/node-semver#ranges) for comparators, `^`, `~`, `x`,
 * hyphen-free conjunctions and `||`; pre-releases compare as semver 2.0 section 11 says.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { MigrationChange, WorkflowDefinition } from './definition.ts';

/** A version: numbers, and what stands behind a hyphen. */
export interface Version {
  readonly numbers: readonly [number, number, number];
  readonly preRelease: readonly string[];
}

interface Comparator {
  readonly operator: '>' | '>=' | '<' | '<=' | '=';
  readonly version: Version;
}

const versionPattern =
  /^[v=]?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9A-Za-z.-]{1,64}))?(?:\+[0-9A-Za-z.-]{1,64})?$/;
const partPattern =
  /^(\^|~|>=|<=|>|<|=)?\s*v?(\d{1,9}|[xX*])(?:\.(\d{1,9}|[xX*]))?(?:\.(\d{1,9}|[xX*]))?(?:-([0-9A-Za-z.-]{1,64}))?$/;

/**
 * Reads a version; `2` and `2.0` are padded with zeros.
 *
 * @throws GomindError `UNSUPPORTED_VERSION` for text that is no version
 */
export function parseVersion(text: string): Version {
  const match = text.length > 200 ? null : versionPattern.exec(text.trim());
  if (match === null) throw unsupported(`"${text.slice(0, 100)}" is no version. Write it like 2.0.1.`);
  const [, major, minor, patch, preRelease] = match;
  return {
    numbers: [Number(major), Number(minor ?? 0), Number(patch ?? 0)],
    preRelease: preRelease?.split('.') ?? [],
  };
}

/** Negative when the first is older, positive when it is newer, 0 when they are the same. */
export function compareVersions(left: Version, right: Version): number {
  for (const [index, number] of left.numbers.entries()) {
    const difference = number - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.preRelease.length === 0 || right.preRelease.length === 0) {
    return right.preRelease.length - left.preRelease.length;
  }
  for (let index = 0; index < Math.max(left.preRelease.length, right.preRelease.length); index++) {
    const difference = comparePart(left.preRelease[index], right.preRelease[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function comparePart(left: string | undefined, right: string | undefined): number {
  if (left === undefined) return -1;
  if (right === undefined) return 1;
  const isNumber = (part: string): boolean => /^\d+$/.test(part);
  if (isNumber(left) && isNumber(right)) return Number(left) - Number(right);
  if (isNumber(left) !== isNumber(right)) return isNumber(left) ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Whether a version lies in a range.
 *
 * @param range for example `>=1.5`, `^2.0 || 3.x`, `>=1.2 <2`
 * @throws GomindError `UNSUPPORTED_VERSION` for a version or range that cannot be read
 */
export function isInRange(version: string, range: string): boolean {
  const given = parseVersion(version);
  return parseRange(range).some((alternative) => alternative.every((comparator) => satisfies(given, comparator)));
}

/** @throws GomindError `UNSUPPORTED_VERSION` for a range that cannot be read */
function parseRange(range: string): readonly (readonly Comparator[])[] {
  if (range.length > 500) throw unsupported('The range is longer than 500 characters.');
  return range.split('||').map((alternative) => {
    // A space may stand behind an operator: ">= 1.5".
    const parts = alternative
      .trim()
      .replaceAll(/([<>=^~])\s+/g, '$1')
      .split(/\s+/)
      .filter((part) => part !== '');
    return parts.length === 0 ? [] : parts.flatMap((part) => comparatorsOf(part));
  });
}

function comparatorsOf(part: string): Comparator[] {
  const match = partPattern.exec(part);
  if (match === null)
    throw unsupported(`"${part.slice(0, 100)}" is no range of versions. Write it like ">=1.5" or "^2.0".`);
  const [, operator = '', ...written] = match;
  const digits = [written[0], written[1], written[2]].map((text) =>
    text === undefined || /^[xX*]$/.test(text) ? undefined : Number(text),
  );
  const [major, minor, patch] = digits;
  if (major === undefined) return [];
  const preRelease = written[3]?.split('.') ?? [];
  const lowest: Version = { numbers: [major, minor ?? 0, patch ?? 0], preRelease };
  const below = (...numbers: [number, number, number]): Comparator => ({
    operator: '<',
    version: { numbers, preRelease: ['0'] },
  });
  const from: Comparator = { operator: '>=', version: lowest };
  const next = minor === undefined ? below(major + 1, 0, 0) : below(major, minor + 1, 0);
  switch (operator) {
    case '^':
      if (major > 0 || minor === undefined) return [from, below(major + 1, 0, 0)];
      return [from, minor > 0 || patch === undefined ? below(0, minor + 1, 0) : below(0, 0, patch + 1)];
    case '~':
      return [from, next];
    case '>':
      return patch === undefined
        ? [{ operator: '>=', version: { ...next.version, preRelease: [] } }]
        : [{ operator, version: lowest }];
    case '<=':
      return patch === undefined ? [next] : [{ operator, version: lowest }];
    case '>=':
    case '<':
      return [{ operator, version: lowest }];
    default:
      return patch === undefined ? [from, next] : [{ operator: '=', version: lowest }];
  }
}

function satisfies(version: Version, { operator, version: bound }: Comparator): boolean {
  const order = compareVersions(version, bound);
  switch (operator) {
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
  }
}

/** How a run of one version goes on in another. */
export type Continuation =
  { readonly ok: true; readonly changes: readonly MigrationChange[] } | { readonly ok: false; readonly reason: string };

/**
 * Decides whether a run that was started with one version of a workflow may go on in another, and what has to change.
 *
 * The same version always may. Another one needs `compatible_with` to hold the run's version, or a migration from exactly
 * that version; a migration tells what to change. A run never goes on in an older version.
 *
 * @param runVersion version that the run was started with; undefined when the workflow had none
 * @param workflow the definition in which it is to go on
 * @throws GomindError `UNSUPPORTED_VERSION` for versions that cannot be read
 */
export function canContinue(runVersion: string | undefined, workflow: WorkflowDefinition): Continuation {
  const { version, compatibleWith, migrations, name } = workflow;
  if (runVersion === version) return { ok: true, changes: [] };
  if (runVersion === undefined || version === undefined) {
    return {
      ok: false,
      reason: `A run of "${name}" goes on only in a version that says it may, and one of the two has no version.`,
    };
  }
  const order = compareVersions(parseVersion(runVersion), parseVersion(version));
  if (order === 0) return { ok: true, changes: [] };
  if (order > 0)
    return { ok: false, reason: `The run was started with ${runVersion}, which is newer than ${version}.` };
  const migration = migrations.find(({ from }) => compareVersions(parseVersion(from), parseVersion(runVersion)) === 0);
  if (migration !== undefined) return { ok: true, changes: migration.changes };
  if (compatibleWith !== undefined && isInRange(runVersion, compatibleWith)) return { ok: true, changes: [] };
  const range = compatibleWith === undefined ? 'none' : `"${compatibleWith}"`;
  return {
    ok: false,
    reason: `"${name}" ${version} goes on with runs of ${range}, not with ${runVersion}. Finish the run with its own version, or add a migration from ${runVersion}.`,
  };
}

function unsupported(message: string): GomindError {
  return new GomindError({ code: 'UNSUPPORTED_VERSION', message });
}
