import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as adapter from './e4-adapter.ts';
import { evalMissing, findEvalDirectory } from './eval-directory.ts';

const directory = findEvalDirectory();

interface Scores {
  readonly summary: { readonly must_parse: number; readonly must_fail: number; readonly wrong_plans_accepted: number };
}

describe('damaged model replies (E4)', () => {
  it.skipIf(directory === undefined)(
    `accepts every whole plan and no cut one (${directory ?? evalMissing})`,
    async () => {
      const scorer = pathToFileURL(join(directory ?? '', 'scorers/E4/score-e4.mjs')).href;
      const { score } = (await import(scorer)) as {
        readonly score: (cases: string, parser: typeof adapter) => Promise<Scores>;
      };
      const { summary } = await score(join(directory ?? '', 'cases/E4'), adapter);
      expect(summary).toMatchObject({ must_parse: 1, must_fail: 1, wrong_plans_accepted: 0 });
    },
  );
});
