/**
 * The form of a contract suite: cases that any test runner can run, and that any implementation has to pass.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { GomindError } from '../../errors/gomind-error.ts';

/** One behaviour that a contract promises. */
export interface ContractCase {
  readonly name: string;
  /** Resolves when the promise is kept; rejects with an assertion error when it is not. */
  readonly run: () => Promise<void>;
}

/** Releases what a case was given. */
export type Cleanup = () => Promise<void>;

/**
 * Makes cases that each get a subject of their own and release it, whatever happens.
 *
 * @param make makes the subject
 * @param cases what is done with it, by name
 */
export function casesFor<T extends { readonly cleanup?: Cleanup }>(
  make: () => Promise<T> | T,
  cases: Readonly<Record<string, (subject: T) => Promise<void>>>,
): ContractCase[] {
  return Object.entries(cases).map(([name, check]) => ({
    name,
    run: async () => {
      const subject = await make();
      try {
        await check(subject);
      } finally {
        await subject.cleanup?.();
      }
    },
  }));
}

/**
 * Asserts that a promise rejects with a GomindError of a code.
 *
 * @returns the error
 */
export async function rejectsWith(promise: Promise<unknown>, code: string): Promise<GomindError> {
  let error: unknown;
  try {
    await promise;
  } catch (caught) {
    error = caught;
  }
  assert.ok(GomindError.isInstance(error), `expected a GomindError ${code}, got ${String(error)}`);
  assert.equal(error.code, code);
  assert.ok(error.message.length > 10, 'an error says what, where and what to do');
  return error;
}
