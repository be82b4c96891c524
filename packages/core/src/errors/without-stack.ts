/**
 * Errors that are made so often, and say so plainly where they come from, that a stack would be waste: collecting one costs
 * several times all the rest of a refusal, just when much is refused.
 *
 * @module
 */

/**
 * Makes an error that has no stack frames.
 *
 * @param make called at once
 */
export function withoutStack<T extends Error>(make: () => T): T {
  const limit = Error.stackTraceLimit;
  // Not an assignment: where the built-ins are frozen it would throw, and the error then simply has its stack.
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit);
  }
}
