/**
 * The outcome of checking a value.
 *
 * @module
 */

/** One problem of a value. */
export interface SchemaIssue {
  /** JSON pointer (RFC 6901) of the bad field; empty for the whole value. */
  readonly pointer: string;
  readonly message: string;
}

/** A checked value, or what is wrong with it. */
export type ValidationResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly SchemaIssue[] };

/**
 * The JSON pointer of a path.
 *
 * @param path property names and indices from the root
 */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/**
 * Issues in one sentence.
 *
 * @param issues at least one; the first ten are told
 */
export function describeIssues(issues: readonly SchemaIssue[]): string {
  const told = issues.slice(0, 10).map(({ pointer, message }) => (pointer === '' ? message : `${pointer}: ${message}`));
  const rest = issues.length > 10 ? [`and ${String(issues.length - 10)} more`] : [];
  return [...told, ...rest].join('; ');
}
