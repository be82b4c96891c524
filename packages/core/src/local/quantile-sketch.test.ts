import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuantileSketch } from './quantile-sketch.ts';

describe('QuantileSketch', () => {
  it('is within 1 % of the true quantile for any values', () => {
    const values = fc.array(fc.double({ min: 1e-4, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, fc.constantFrom(0, 0.5, 0.95, 0.99, 1), (list, share) => {
        const sketch = new QuantileSketch();
        for (const value of list) sketch.add(value);
        const sorted = list.toSorted((left, right) => left - right);
        const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
        expect(Math.abs((sketch.quantile(share) ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.010_001);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps its memory and the high quantiles when values spread over more than its bins hold', () => {
    const sketch = new QuantileSketch(64);
    for (let count = 0; count < 20_000; count++) sketch.add(1.01 ** (count % 2_000));
    expect(sketch.binCount).toBeLessThanOrEqual(64);
    const exact = 1.01 ** Math.ceil(0.99 * 2_000 - 1);
    expect(Math.abs((sketch.quantile(0.99) ?? 0) - exact) / exact).toBeLessThan(0.011);
  });

  it('knows zeros, and nothing of an empty or impossible value', () => {
    const sketch = new QuantileSketch();
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) sketch.add(value);
    expect(sketch.quantile(0.5)).toBeUndefined();
    for (const value of [0, 0, 5]) sketch.add(value);
    expect([sketch.quantile(0.5), sketch.quantile(1)]).toEqual([0, 5]);
  });
});
