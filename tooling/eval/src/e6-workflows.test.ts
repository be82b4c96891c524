import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as adapter from './e3-adapter.ts';
import { evalMissing, findEvalDirectory } from './eval-directory.ts';

const directory = findEvalDirectory();

type Part = 'second_order' | 'naughty' | 'injection' | 'prototype' | 'yaml_abuse';
type Scores = Readonly<Record<Part, { readonly n: number; readonly ok: number; readonly bad: readonly unknown[] }>>;

describe('abuse by workflow files and by what flows through them (E6)', () => {
  it.skipIf(directory === undefined)(
    `is refused or bounded, and never expanded twice (${directory === undefined ? evalMissing : 'all of it'})`,
    { timeout: 120_000 },
    async () => {
      const scorer = pathToFileURL(join(directory ?? '', 'scorers/E6/score-e6.mjs')).href;
      const e6 = (await import(scorer)) as {
        score(cases: string, workflows: typeof adapter, adapterFile: string): Promise<Scores>;
      };
      const adapterFile = join(import.meta.dirname, 'e3-adapter.ts');
      const scores = await e6.score(join(directory ?? '', 'cases/E6'), adapter, adapterFile);
      for (const part of ['second_order', 'naughty', 'injection', 'prototype', 'yaml_abuse'] as const) {
        expect(scores[part].bad, part).toEqual([]);
        expect(scores[part].ok, part).toBe(scores[part].n);
      }
    },
  );
});
