import { describe, expect, it } from 'vitest';
import { formatTable, measure, median, withBounds } from './measure.ts';

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
