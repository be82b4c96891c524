/**
 * The heap that a run needs for each settled step, outputs aside, and what is left of it afterwards.
 *
 * @module
 */
import { type ExecutionResult, PlanExecutor } from '@gomind/orchestration';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { BenchCase } from '../bench-case.ts';
import { layered } from '../executor/graphs.ts';
import { type BenchRow, median } from '../measure.ts';

const size = 10_000;
const boundBytesPerStep = 1_024;
const rounds = 7;

/** Heap in use, once everything that nobody holds has been collected. */
function heapBytes(collect: () => void): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

interface RunHeap {
  readonly before: number;
  /** While the last step is at work, so that nothing of the run has been let go. */
  readonly atEnd: number;
  readonly withResult: number;
  readonly after: number;
}

async function measureRun(collect: () => void): Promise<RunHeap> {
  const plan = layered(size);
  const last = plan.steps.at(-1)?.name;
  let atEnd = 0;
  const executor = new PlanExecutor({
    handlers: [
      {
        kind: 'nothing',
        run: (step) => {
          if (step.name === last) atEnd = heapBytes(collect);
          return Promise.resolve(null);
        },
      },
    ],
  });
  const before = heapBytes(collect);
  const withResult = await heapWithResult(() => executor.execute(plan, { timeoutMs: 60_000 }), collect);
  const after = heapBytes(collect);
  // Mentioned once more, so that the plan itself counts before and after alike.
  return { before, atEnd, withResult, after: plan.steps.length === size ? after : Number.NaN };
}

async function heapWithResult(run: () => Promise<ExecutionResult>, collect: () => void): Promise<number> {
  const result = await run();
  const bytes = heapBytes(collect);
  if (result.status !== 'completed') throw new Error('The plan did not run.');
  return bytes;
}

export const benchCase: BenchCase = {
  summary: `heap of a run of ${size.toLocaleString('en')} steps; the ratio is bytes per step to 1 KiB, and heap afterwards to heap before`,
  run: async (): Promise<readonly BenchRow[]> => {
    const collect = garbageCollector();
    // Until compiled code and caches have found their size.
    for (let round = 0; round < 3; round++) await measureRun(collect);
    const heaps: RunHeap[] = [];
    let medianMs = performance.now();
    for (let round = 0; round < rounds; round++) heaps.push(await measureRun(collect));
    medianMs = (performance.now() - medianMs) / rounds;
    const row = (name: string, ratioOf: (heap: RunHeap) => number, bound: number): BenchRow => ({
      name,
      medianMs,
      ratio: median(heaps.map(ratioOf)),
      bound,
    });
    return [
      row('during the last step', ({ atEnd, before }) => (atEnd - before) / size / boundBytesPerStep, 1),
      row('with the result', ({ withResult, before }) => (withResult - before) / size / boundBytesPerStep, 1),
      row('after the run', ({ after, before }) => after / before, 1.05),
    ];
  },
};
