/**
 * The executor's cost per step where each step waits for the one before.
 *
 * @module
 */
import type { BenchCase } from '../bench-case.ts';
import { compareWithHandWritten } from '../executor/compare.ts';
import { chain } from '../executor/graphs.ts';

export const benchCase: BenchCase = {
  summary:
    'running steps that do nothing with the full executor, against a hand-written scheduler: each step waits for the one before',
  run: () => compareWithHandWritten(chain),
};
