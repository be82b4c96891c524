/**
 * What passing a value by reference costs: compiled references against a walk along the same keys written by hand, into
 * documents of 1 KB, 100 KB and 5 MB.
 *
 * @module
 */
import { compileTemplate, type ExpressionScope } from '@gomind/orchestration';
import type { BenchCase } from '../bench-case.ts';
import { type BenchRow, measure, withBounds } from '../measure.ts';

const repeats = 100_000;
const bound = 1.3;
const keys = ['steps', 'load', 'output', 'data', 'rows'];
const sizes = { '1 KB': 8, '100 KB': 800, '5 MB': 40_000 };

export const benchCase: BenchCase = {
  summary: `${String(repeats)} resolutions of one reference to a list, against a walk along its keys written by hand`,
  run: async (): Promise<readonly BenchRow[]> => {
    const rows: BenchRow[] = [];
    for (const [size, count] of Object.entries(sizes)) {
      const scope = scopeWith(count);
      const template = compileTemplate('${steps.load.output.data.rows}');
      const names = { walk: `walk, ${size}`, resolve: `resolve, ${size}` };
      const measurements = await measure(
        {
          [names.walk]: () => {
            repeat(() => walk(scope));
          },
          [names.resolve]: () => {
            repeat(() => template.resolve(scope));
          },
        },
        { baseline: names.walk, rounds: 15, warmupRounds: 3 },
      );
      rows.push(...withBounds(measurements, { [names.resolve]: bound }));
      const passed = measurements.find(({ name }) => name === names.resolve);
      if (size === '5 MB' && passed !== undefined)
        rows.push({ ...passed, name: 'one reference to 5 MB', time: { boundMs: 0.01, per: repeats } });
    }
    return rows;
  },
};

function scopeWith(rows: number): ExpressionScope {
  const row = { id: 1, name: 'x'.repeat(80), tags: ['a', 'b'] };
  const output = { data: { rows: Array.from({ length: rows }, (_, index) => ({ ...row, id: index })) } };
  return { steps: { load: { status: 'completed', output } } };
}

function repeat(once: () => unknown): void {
  for (let left = repeats; left > 0; left--) if (once() === undefined) throw new Error('nothing was found');
}

/** What somebody careful writes by hand: own fields only. */
function walk(scope: ExpressionScope): unknown {
  let value: unknown = scope;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) throw new Error(`no ${key}`);
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}
