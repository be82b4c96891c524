/**
 * Tells values that are surely no templates from the rest, without making anything.
 *
 * @module
 */

const maxDepth = 64;

/**
 * Whether a value may hold `${...}`. Stops at the first text that does; too deep a value counts as one that does, and is
 * refused when it is compiled.
 *
 * @param value any JSON value
 */
export function mayHoldExpressions(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value.includes('${');
  if (typeof value !== 'object' || value === null) return false;
  if (depth > maxDepth) return true;
  for (const key in value) {
    if (mayHoldExpressions((value as Readonly<Record<string, unknown>>)[key], depth + 1)) return true;
  }
  return false;
}
