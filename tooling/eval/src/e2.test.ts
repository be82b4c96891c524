import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as adapter from './e2-adapter.ts';
import { evalMissing, findEvalDirectory } from './eval-directory.ts';

const directory = findEvalDirectory();

interface Scores {
  readonly all: { readonly 'nDCG@10': number; readonly 'R@20': number };
}

describe('retrieval among 20,308 tools (E2)', () => {
  it.skipIf(directory === undefined)(
    `finds what a well-made BM25 finds (${directory === undefined ? evalMissing : 'all queries'})`,
    { timeout: 120_000 },
    async () => {
      const scorer = pathToFileURL(join(directory ?? '', 'scorers/E2/score-e2.mjs')).href;
      const { score } = (await import(scorer)) as {
        readonly score: (queries: string, index: typeof adapter, options: { corpus: string }) => Promise<Scores>;
      };
      const { all } = await score(join(directory ?? '', 'cases/E2/queries.jsonl'), adapter, { corpus: 'all' });
      expect(all['nDCG@10']).toBeGreaterThan(0.42);
      expect(all['R@20']).toBeGreaterThan(0.56);
    },
  );
});
