/**
 * Looking at values that came from elsewhere.
 *
 * @module
 */

/** An object of which nothing is known yet. */
export type UnknownRecord = Readonly<Record<string, unknown>>;

/** The value if it is an object and no list. */
export function asRecord(value: unknown): UnknownRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as UnknownRecord) : undefined;
}

/** The value if it is text. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
