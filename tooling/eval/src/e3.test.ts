import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as adapter from './e3-adapter.ts';
import { evalMissing, findEvalDirectory } from './eval-directory.ts';

const directory = findEvalDirectory();

interface Scores {
  readonly load: {
    readonly n: number;
    readonly ok: number;
    readonly dag_equal: number;
    readonly retry_equal: number;
    readonly timeout_equal: number;
    readonly crash: number;
    readonly examples: readonly unknown[];
  };
  readonly run: { readonly n: number; readonly ok: number; readonly examples: readonly unknown[] };
  readonly literal_dollar: { readonly changed: number };
  readonly summary: { readonly must_reject_rate: number; readonly located_rate: number };
}

describe('workflows of seven systems (E3)', () => {
  it.skipIf(directory === undefined)(
    `loads and runs every one as expected, and refuses every corruption (${directory === undefined ? evalMissing : 'all of them'})`,
    { timeout: 120_000 },
    async () => {
      const scorer = pathToFileURL(join(directory ?? '', 'scorers/E3/score-e3.mjs')).href;
      const e3 = (await import(scorer)) as { score(cases: string, workflows: typeof adapter): Promise<Scores> };
      const scores: Scores = await e3.score(join(directory ?? '', 'cases/E3'), adapter);
      const { summary, literal_dollar: literals } = scores;
      const loaded = scores.load;
      expect(loaded.examples).toEqual([]);
      expect(loaded).toMatchObject({
        ok: loaded.n,
        dag_equal: loaded.n,
        retry_equal: loaded.n,
        timeout_equal: loaded.n,
        crash: 0,
      });
      expect(scores.run.examples).toEqual([]);
      expect(scores.run.ok).toBe(scores.run.n);
      expect(literals.changed).toBe(0);
      expect(summary).toMatchObject({ must_reject_rate: 1, located_rate: 1 });
    },
  );
});
