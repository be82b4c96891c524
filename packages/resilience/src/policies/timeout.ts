/**
 * Core's deadline as a policy.
 *
 * @module
 */
import { checkNames, checkOptions, deadline, type TimeoutOptions, withTimeout } from '@gomind/core';
import type { Policy } from './policy.ts';

/** Options of {@link createTimeout}: those of core's `withTimeout`, but for the signal, which each call brings. */
export type TimeoutPolicyOptions = Omit<TimeoutOptions, 'signal' | 'timeoutMs'> & {
  /** Milliseconds that a call may take. */
  readonly timeoutMs: number;
};

/**
 * Makes a policy that aborts a call, and answers its caller, when it takes too long.
 *
 * @throws GomindError `CONFIG_INVALID` for a `timeoutMs` that is missing or cannot be used; its calls throw `TIMEOUT`
 */
export function createTimeout(options: TimeoutPolicyOptions): Policy {
  checkOptions('createTimeout', options, { timeoutMs: { ...deadline, isRequired: true } });
  checkNames('createTimeout', options, ['timeoutMs', 'code', 'what', 'details', 'clock']);
  return {
    execute: (operation, { signal } = {}) => withTimeout(async (inner) => operation(inner), { ...options, signal }),
  };
}
