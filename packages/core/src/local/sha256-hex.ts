/**
 * Digests of text.
 *
 * @module
 */

/**
 * The SHA-256 digest of a text, as 64 hexadecimal digits.
 *
 * @param text read as UTF-8
 */
export function sha256Hex(text: string): string {
  // Loaded on first need: node:crypto costs a third of an empty process.
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex');
}
