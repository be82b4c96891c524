import { describe, expect, it } from 'vitest';
import { formatSummary, formatTable, measure, median, withBounds } from './measure.ts';

describe('measure', () => {
  it('lets every variant run once a round, warm-up included, and changes who comes first', async () => {
    const order: string[] = [];
    const variants = { a: () => void order.push('a'), b: () => void order.push('b') };
    const measurements = await measure(variants, { baseline: 'a', rounds: 2, warmupRounds: 1 });
    expect(order.join('')).toBe('baabba');
    expect(measurements.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(measurements[0]?.ratio).toBe(1);
  });

  it('waits for variants that are asynchronous', async () => {
    let running = 0;
    const variant = async (): Promise<void> => {
      expect(++running).toBe(1);
      await Promise.resolve();
      running--;
    };
    await measure({ a: variant, b: variant }, { baseline: 'b', rounds: 3 });
    expect(running).toBe(0);
  });
});

describe('median', () => {
  it('is the middle value, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});

describe('formatTable', () => {
  it('says of each bound whether it is kept', () => {
    const measurements = [
      { name: 'fast', medianMs: 1, ratio: 1 },
      { name: 'slower', medianMs: 12.345, ratio: 12.345 },
    ];
    const table = formatTable(withBounds(measurements, { fast: 2, slower: 12 }));
    expect(table).toBe('fast    1.00 ms   x 1.00   at most 2    kept\nslower  12.3 ms  x 12.35  at most 12  BROKEN');
  });

  it('knows ratios that have to be large, and short times', () => {
    const rows = [
      { name: 'ours', medianMs: 0.005, ratio: 1 },
      { name: 'one', medianMs: 0.15, ratio: 30, atLeast: 20 },
      { name: 'other', medianMs: 0.05, ratio: 10, atLeast: 20 },
    ];
    const verdicts = formatTable(rows)
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(verdicts).toEqual([
      ['ours', '5.00 µs', 'x 1.00'],
      ['one', '0.150 ms', 'x 30.00', 'at least 20', 'kept'],
      ['other', '50.0 µs', 'x 10.00', 'at least 20', 'BROKEN'],
    ]);
  });
});

describe('formatSummary', () => {
  it('lists what is promised, judges times by the fastest round, and counts what is broken', () => {
    const results = new Map([
      [
        'fast',
        [
          { name: 'to compare', medianMs: 1, ratio: 1 },
          { name: 'twice', medianMs: 2, ratio: 2, bound: 3 },
        ],
      ],
      [
        'slow',
        [
          { name: 'on a busy machine', medianMs: 9, fastestMs: 4, ratio: 9, time: { boundMs: 5 } },
          { name: 'one of ten', medianMs: 70, fastestMs: 60, ratio: 9, time: { boundMs: 5, per: 10 } },
        ],
      ],
    ]);
    expect(
      formatSummary(results)
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['fast: twice', 'x 2.00', 'at most 3', 'kept'],
      ['slow: on a busy machine', '4.00 ms', 'at most 5.00 ms', 'kept'],
      ['slow: one of ten', '6.00 ms', 'at most 5.00 ms', 'BROKEN'],
      [''],
      ['1 of 3 bounds are BROKEN.'],
    ]);
  });
});
