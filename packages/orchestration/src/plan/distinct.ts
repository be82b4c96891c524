/**
 * Lists without what stands in them twice.
 *
 * @module
 */

/** Up to this many, comparing each with each is faster than making a set, and most steps wait for fewer. */
const few = 8;

/** The values, each once, in the order of their first appearance; the same list when there is nothing to leave out. */
export function distinct(values: readonly string[]): readonly string[] {
  if (values.length <= few && values.every((value, index) => values.indexOf(value) === index)) return values;
  return [...new Set(values)];
}
