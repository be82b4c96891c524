/**
 * How a tool says no.
 *
 * @module
 */
import { GomindError } from '@gomind/core';

/**
 * The error that answers 422: the values have the right form, but the tool cannot work with them.
 *
 * @param message what is wrong with which value, and what would be right
 */
export function refuse(message: string): GomindError {
  return new GomindError({ code: 'INPUT_ERROR', message });
}
