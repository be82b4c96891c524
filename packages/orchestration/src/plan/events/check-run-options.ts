/**
 * Checks the options of one run, as a caller gave them.
 *
 * @module
 */
import { aFunction, checkOptions, type OptionCheck } from '@gomind/core';

const checks: Readonly<Record<string, OptionCheck>> = {
  onEvent: aFunction,
  onProgress: aFunction,
  onStepComplete: aFunction,
  signal: { fits: isSignal, accepted: 'an AbortSignal, such as the signal of an AbortController' },
};

/**
 * Checks the options of a run; JavaScript callers are not held by types.
 *
 * @param what the method that they were given to
 * @throws GomindError `CONFIG_INVALID`
 */
export function checkRunOptions(what: string, options: unknown): void {
  checkOptions(what, options, checks);
}

function isSignal(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value;
}
