import { GomindError } from '@gomind/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateArithmetic } from './arithmetic.ts';

describe('evaluateArithmetic', () => {
  it.each([
    ['17 * 23', 391],
    ['17 * (23 + 4)', 459],
    ['2 + 3 * 4 - 5', 9],
    ['-2 ^ 2', -4],
    ['2 ^ 3 ^ 2', 512],
    ['2 ** 10', 1024],
    ['7 % 4', 3],
    ['1,234.5 / 2', 617.25],
    ['.5 + 1e3', 1000.5],
    ['12 × 3 ÷ 4 − 1', 8],
  ])('computes %s', (expression, value) => {
    expect(evaluateArithmetic(expression)).toBe(value);
  });

  it.each([
    '',
    '1 +',
    '(1',
    '1)',
    '2 3',
    'process.exit()',
    '1 / 0',
    '9 ^ 9 ^ 9',
    '('.repeat(400) + '1',
    '1'.repeat(600),
  ])('refuses %s with a sentence', (expression) => {
    expect(() => evaluateArithmetic(expression)).toThrow(GomindError);
  });

  it('agrees with JavaScript on sums and products of numbers', () => {
    const number = fc.integer({ min: 0, max: 1_000 });
    fc.assert(
      fc.property(number, number, number, (left, middle, right) => {
        expect(evaluateArithmetic(`${String(left)} + ${String(middle)} * ${String(right)}`)).toBe(
          left + middle * right,
        );
      }),
    );
  });
});
