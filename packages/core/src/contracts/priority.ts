/**
 * How much a request matters when there is not room for all.
 *
 * @module
 */

/** `high` comes first, `low` waits longest and is turned away first; `normal` where nothing is said. */
export type Priority = 'high' | 'normal' | 'low';

/** The header that tells a component the priority of a call; a call without it is `normal`. */
export const priorityHeader = 'x-gomind-priority';

/** Whether a value from outside is a priority. */
export function isPriority(value: unknown): value is Priority {
  return value === 'high' || value === 'normal' || value === 'low';
}
