/**
 * What stands in a secret's place.
 *
 * @module
 */

/** Stands where a secret was. */
export const redacted = '[redacted]';
