import { describe, expect, it } from 'vitest';
import { type CaseRun, measureEfficiency, type PlanCase } from './e1-efficiency.ts';

const plans: readonly PlanCase[] = [
  { id: 'wide', meta: { n_steps: 9 }, expected: { max_width: 8 } },
  { id: 'narrow', meta: { n_steps: 4 }, expected: { max_width: 1 } },
];

/** Runs that take a time each, which may depend on how many there were before. */
function runs(timeOf: (who: string, round: number) => number): {
  readonly run: CaseRun<string>;
  readonly seen: string[];
} {
  const seen: string[] = [];
  const run: CaseRun<string> = ({ id }, who) => {
    seen.push(`${who} ${id}`);
    const round = seen.filter((name) => name === `${who} ${id}`).length - 1;
    return Promise.resolve({ violations: [], ms: timeOf(who, round) });
  };
  return { run, seen };
}

const adapters = { ours: 'ours', reference: 'reference' };

describe('the efficiency of runs', () => {
  it('is measured on wide plans only, with each one beginning first in turn', async () => {
    const { run, seen } = runs(() => 100);
    await expect(measureEfficiency(plans, run, adapters)).resolves.toBe(1);
    expect(seen.slice(0, 4)).toEqual(['ours wide', 'reference wide', 'reference wide', 'ours wide']);
  });

  it('does not see what hit most rounds of one by chance', async () => {
    const { run } = runs((who, round) => (who === 'ours' && round !== 7 ? 130 : 100));
    await expect(measureEfficiency(plans, run, adapters)).resolves.toBe(1);
  });

  it('sees what is slower every time, however many rounds there are', async () => {
    const { run, seen } = runs((who, round) => (who === 'ours' ? 103 : 100) + (round % 3));
    await expect(measureEfficiency(plans, run, adapters)).resolves.toBeLessThan(0.98);
    expect(seen).toHaveLength(60);
  });

  it('refuses a run that did not do what it should', async () => {
    const run: CaseRun<string> = () => Promise.resolve({ violations: ['never called: a'], ms: 1 });
    await expect(measureEfficiency(plans, run, adapters)).rejects.toThrow('never called: a');
  });
});
