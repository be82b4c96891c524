import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as adapter from './e2-adapter.ts';
import { evalMissing, findEvalDirectory } from './eval-directory.ts';

const directory = findEvalDirectory();

interface Scores {
  readonly all: { readonly 'nDCG@10': number; readonly 'R@20': number };
}

interface Query {
  readonly query: string;
  readonly gold: readonly string[];
}

/** Tools of a query's own benchmark around those it needs, the same ones each time. */
function surroundingsOf(query: Query, tools: readonly adapter.CorpusTool[], count: number): adapter.CorpusTool[] {
  const source = tools.find(({ id }) => query.gold.includes(id))?.source;
  const neighbours = tools.filter((tool) => tool.source === source && !query.gold.includes(tool.id));
  const step = Math.max(1, Math.floor(neighbours.length / count));
  const around = neighbours.filter((_tool, at) => at % step === 0);
  return [...tools.filter(({ id }) => query.gold.includes(id)), ...around].slice(0, count);
}

describe('what is offered of 50 tools (E2)', () => {
  it.skipIf(directory === undefined)(
    `is at least 60 % smaller than all of them, and has nearly every tool that 20 have (${directory === undefined ? evalMissing : 'one query in forty'})`,
    { timeout: 120_000 },
    async () => {
      const [tools, queries] = await Promise.all([
        adapter.readLines<adapter.CorpusTool>(join(directory ?? '', 'scorers/E2/tools.jsonl.gz')),
        adapter.readLines<Query>(join(directory ?? '', 'cases/E2/queries.jsonl')),
      ]);
      const sum = { rows: 0, saved: 0, byDefault: 0, byTwenty: 0 };
      for (const query of queries.filter((_query, at) => at % 40 === 0)) {
        const around = surroundingsOf(query, tools, 50);
        if (around.length < 50) continue;
        const byDefault = await adapter.offered(around, query.query);
        const byTwenty = await adapter.offered(around, query.query, 20);
        const recallOf = (ids: readonly string[]): number =>
          query.gold.filter((id) => ids.includes(id)).length / query.gold.length;
        sum.rows += 1;
        sum.saved += 1 - byDefault.characters / byDefault.allCharacters;
        sum.byDefault += recallOf(byDefault.ids);
        sum.byTwenty += recallOf(byTwenty.ids);
      }
      const [saved, recall, ofTwenty] = [sum.saved / sum.rows, sum.byDefault / sum.rows, sum.byTwenty / sum.rows];
      process.stdout.write(
        `\n50 tools, ${String(sum.rows)} queries: saved ${saved.toFixed(3)}, recall ${recall.toFixed(3)}; with 20 offered ${ofTwenty.toFixed(3)}\n`,
      );
      expect(saved).toBeGreaterThanOrEqual(0.6);
      expect(recall).toBeGreaterThanOrEqual(ofTwenty - 0.015);
    },
  );
});

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
