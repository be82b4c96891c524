/**
 * Wrong use of the command: exit code 2.
 *
 * @module
 */

/** Says what is wrong with what was typed, and what would be right. */
export class UsageError extends Error {}
