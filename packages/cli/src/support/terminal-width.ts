/**
 * How wide a drawing may be.
 *
 * @module
 */
import type { TextOutput } from './cli-context.ts';

/** Columns of a terminal; a file or a pipe takes any width. */
export function terminalWidth({ isTTY, columns }: TextOutput): number {
  return isTTY !== true || columns === undefined || columns === 0 ? Infinity : columns;
}
