/**
 * What a check finds.
 *
 * @module
 */

/** Kinds of violations; each has a planted example in the tests. */
export type Rule =
  | 'direction'
  | 'floor'
  | 'unlisted'
  | 'escape'
  | 'deep'
  | 'self'
  | 'test'
  | 'wrapped'
  | 'undeclared'
  | 'hidden'
  | 'cycle'
  | 'manifest'
  | 'disable-comment'
  | 'unreadable';

/** One violation. */
export interface Violation {
  readonly rule: Rule;
  /** Path inside the repository. */
  readonly file: string;
  /** Counted from 1; 0 when the whole file is meant. */
  readonly line: number;
  readonly message: string;
}
