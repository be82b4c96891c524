/**
 * The executor's cost per step on random graphs in layers.
 *
 * @module
 */
import type { BenchCase } from '../bench-case.ts';
import { compareWithHandWritten } from '../executor/compare.ts';
import { layered } from '../executor/graphs.ts';

export const benchCase: BenchCase = {
  summary:
    'running steps that do nothing with the full executor, against a hand-written scheduler: a random graph in layers',
  run: () => compareWithHandWritten(layered),
};
