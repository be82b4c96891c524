import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as adapter from './e4-adapter.ts';
import { evalMissing, findEvalDirectory } from './eval-directory.ts';

const directory = findEvalDirectory();

interface Tally {
  readonly n: number;
  readonly right: number;
  readonly wrong?: number;
}

interface Scores {
  readonly summary: { readonly must_parse: number; readonly must_fail: number; readonly wrong_plans_accepted: number };
  readonly pairs: Readonly<Record<string, Tally>>;
  readonly real: Readonly<Record<string, Tally>>;
}

const share = ({ n, right }: Tally = { n: 1, right: 0 }): number => right / n;

async function scores(): Promise<Scores> {
  const scorer = pathToFileURL(join(directory ?? '', 'scorers/E4/score-e4.mjs')).href;
  const { score } = (await import(scorer)) as {
    readonly score: (cases: string, parser: typeof adapter) => Promise<Scores>;
  };
  return score(join(directory ?? '', 'cases/E4'), adapter);
}

describe(`damaged model replies (E4${directory === undefined ? `: ${evalMissing}` : ''})`, () => {
  it.skipIf(directory === undefined)('accepts every whole plan and no cut one', async () => {
    const { summary } = await scores();
    expect(summary).toMatchObject({ must_parse: 1, must_fail: 1, wrong_plans_accepted: 0 });
  });

  it.skipIf(directory === undefined)('reads what two repair libraries agree about', async () => {
    const { pairs } = await scores();
    expect(share(pairs['consensus'])).toBeGreaterThanOrEqual(0.98);
    expect(share(pairs['consensus partial'])).toBeGreaterThanOrEqual(0.95);
    expect(share(pairs['parse_some_object'])).toBe(1);
  });

  it.skipIf(directory === undefined)('reads what models really wrote, and gives no other value for it', async () => {
    const { real } = await scores();
    for (const [form, tally] of Object.entries(real)) {
      // Nobody knows what the malformed ones mean, so the set has no value for them.
      if (!form.endsWith('malformed')) expect({ form, ...tally }).toMatchObject({ right: tally.n, wrong: 0 });
    }
  });
});
