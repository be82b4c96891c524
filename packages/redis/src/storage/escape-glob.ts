/**
 * Text that a Redis pattern takes literally.
 *
 * @module
 */

/** Puts a backslash before each character that has a meaning in a `MATCH` pattern. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
