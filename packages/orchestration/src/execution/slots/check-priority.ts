/**
 * The priority of a run, as a caller gave it.
 *
 * @module
 */
import { GomindError, isPriority, type Priority } from '@gomind/core';

/**
 * Reads a priority; JavaScript callers and HTTP bodies are not held by types.
 *
 * @param value undefined means `normal`
 * @param path where it stands, for the error
 * @throws GomindError `CONFIG_INVALID`
 */
export function checkPriority(value: unknown, path: string): Priority {
  if (value === undefined) return 'normal';
  if (isPriority(value)) return value;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `The priority ${JSON.stringify(value)} cannot be read. Accepted: "high", "normal" or "low".`,
    details: { path },
  });
}
