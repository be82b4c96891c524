/**
 * Counts for people.
 *
 * @module
 */

/** `1 step`, `2 steps`. */
export function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
