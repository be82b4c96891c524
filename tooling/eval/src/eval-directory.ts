/**
 * Where the case sets lie, if they are here at all.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The folder with `cases/` and `scorers/`, or undefined when it is not on this machine. */
export function findEvalDirectory(): string | undefined {
  const candidates = [process.env['GOMIND_EVAL_DIR'], resolve(import.meta.dirname, '../../../../shared/eval')];
  return candidates.find((candidate) => candidate !== undefined && existsSync(resolve(candidate, 'scorers')));
}

/** What a skipped test says. */
export const evalMissing = 'the case sets are not here: set GOMIND_EVAL_DIR';
