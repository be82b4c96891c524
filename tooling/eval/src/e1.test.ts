import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as adapter from './e1-adapter.ts';
import { evalMissing, findEvalDirectory } from './eval-directory.ts';

const directory = findEvalDirectory();

interface Scores {
  readonly summary: {
    readonly strict_accept_rate: number;
    readonly execute_ok_rate: number;
    readonly corruption_caught: number;
    readonly corruption_located: number;
    readonly natural_defects_rejected: number;
  };
}

describe('plans made by others (E1)', () => {
  it.skipIf(directory === undefined)(
    `runs every valid one as expected and no faulty one (${directory === undefined ? evalMissing : 'all of them'})`,
    { timeout: 120_000 },
    async () => {
      const scorer = pathToFileURL(join(directory ?? '', 'scorers/E1/score-e1.mjs')).href;
      const { score } = (await import(scorer)) as {
        readonly score: (cases: string, plans: typeof adapter, options: { bench: number }) => Promise<Scores>;
      };
      const { summary } = await score(join(directory ?? '', 'cases/E1'), adapter, { bench: 0 });
      // A few published plans break the schemas of their own tools inside lists; those are refused rightly.
      expect(summary.strict_accept_rate).toBeGreaterThan(0.998);
      expect(summary.execute_ok_rate).toBe(1);
      expect(summary.corruption_caught).toBe(1);
      expect(summary.corruption_located).toBeGreaterThan(0.95);
      expect(summary.natural_defects_rejected).toBeGreaterThan(0.99);
    },
  );
});
