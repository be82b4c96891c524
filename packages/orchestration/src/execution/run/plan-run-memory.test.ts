import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { PlanStep } from '../../plan/routing-plan.ts';
import { PlanExecutor } from '../plan-executor.ts';

/** Collects twice: what was made while a collection went on survives it. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    collect();
  };
}

it('a run keeps less than 1 KiB for each of 10,000 steps while it runs, outputs aside, and nothing afterwards', async () => {
  const collect = collector();
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const count = 10_000;
  const steps = Array.from({ length: count }, (_, index): PlanStep => ({
    name: `s${String(index)}`,
    kind: 'nothing',
    inputs: {},
    dependsOn: index < 100 ? [] : [`s${String(index - 100)}`, `s${String(index - 1 - (index % 97))}`],
  }));
  let atEnd = 0;
  const run = (step: PlanStep): Promise<null> => {
    if (step.name === `s${String(count - 1)}`) atEnd = heap();
    return Promise.resolve(null);
  };
  const executor = new PlanExecutor({ handlers: [{ kind: 'nothing', run }] });
  const once = async (): Promise<void> => {
    expect((await executor.execute({ steps }, { timeoutMs: 60_000 })).status).toBe('completed');
  };
  // Code that is compiled on the way counts the first time.
  await once();
  const before = heap();
  await once();
  expect((atEnd - before) / count).toBeLessThan(1_024);
  let leftOver = Number.POSITIVE_INFINITY;
  // Code that is being compiled may hold the run for a moment.
  for (let times = 0; times < 50 && leftOver > 100; times++) {
    await new Promise(setImmediate);
    leftOver = (heap() - before) / count;
  }
  expect(leftOver).toBeLessThan(100);
});
