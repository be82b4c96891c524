/**
 * The executor's cost per step where one step, then all others at once, then one that waits for them.
 *
 * @module
 */
import type { BenchCase } from '../bench-case.ts';
import { compareWithHandWritten } from '../executor/compare.ts';
import { fanOut } from '../executor/graphs.ts';

export const benchCase: BenchCase = {
  summary:
    'running steps that do nothing with the full executor, against a hand-written scheduler: one step, then all others at once, then one that waits for them',
  run: () => compareWithHandWritten(fanOut),
};
