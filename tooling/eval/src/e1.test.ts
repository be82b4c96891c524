import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as adapter from './e1-adapter.ts';
import { type CaseRun, measureEfficiency, type PlanCase } from './e1-efficiency.ts';
import { evalMissing, findEvalDirectory } from './eval-directory.ts';

const directory = findEvalDirectory();
const where = directory === undefined ? evalMissing : 'all of them';

interface Corruption {
  readonly silent: number;
  readonly hang: number;
  readonly crash: number;
}

interface Scores {
  readonly summary: {
    readonly strict_accept_rate: number;
    readonly execute_ok_rate: number;
    readonly corruption_caught: number;
    readonly corruption_located: number;
    readonly natural_defects_rejected: number;
  };
  readonly validate: { readonly examples: readonly unknown[] };
  readonly execute: { readonly examples: readonly unknown[] };
  readonly natural_defects: { readonly missed: readonly unknown[] };
  readonly corruption: Readonly<Record<string, Corruption>>;
}

interface Scorer {
  readonly score: (cases: string, plans: typeof adapter, options: { readonly bench: number }) => Promise<Scores>;
  readonly load: (file: string) => readonly PlanCase[];
  readonly checkRun: CaseRun<Pick<typeof adapter, 'execute'>>;
}

function importFrom<Module>(path: string): Promise<Module> {
  return import(pathToFileURL(join(directory ?? '', path)).href) as Promise<Module>;
}

describe('plans made by others (E1)', () => {
  it.skipIf(directory === undefined)(`runs every valid one as expected and no faulty one (${where})`, async () => {
    const { score } = await importFrom<Scorer>('scorers/E1/score-e1.mjs');
    const scores = await score(join(directory ?? '', 'cases/E1'), adapter, { bench: 0 });
    expect(scores.validate.examples).toEqual([]);
    expect(scores.execute.examples).toEqual([]);
    expect(scores.natural_defects.missed).toEqual([]);
    for (const [kind, { silent, hang, crash }] of Object.entries(scores.corruption)) {
      expect({ kind, silent, hang, crash }).toEqual({ kind, silent: 0, hang: 0, crash: 0 });
    }
    const { summary } = scores;
    expect(summary).toMatchObject({ strict_accept_rate: 1, execute_ok_rate: 1, natural_defects_rejected: 1 });
    expect(summary.corruption_caught).toBe(1);
    expect(summary.corruption_located).toBeGreaterThanOrEqual(0.95);
  });

  it.skipIf(directory === undefined)(`wastes no time between steps (${where})`, { timeout: 300_000 }, async () => {
    const scorer = await importFrom<Scorer>('scorers/E1/score-e1.mjs');
    const reference = await importFrom<Pick<typeof adapter, 'execute'>>('scorers/E1/reference-adapter.mjs');
    const plans = scorer.load(join(directory ?? '', 'cases/E1/plans.jsonl.gz'));
    const efficiency = await measureEfficiency(plans, scorer.checkRun, { ours: adapter, reference });
    expect(efficiency).toBeGreaterThanOrEqual(0.98);
  });
});
