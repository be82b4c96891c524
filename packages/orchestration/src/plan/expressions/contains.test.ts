import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains } from './contains.ts';

describe('contains', () => {
  it('says what String.includes says', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'ab', 'ü', '😀'), maxLength: 40 });
    fc.assert(
      fc.property(text, fc.string({ unit: fc.constantFrom('a', 'b', 'ü', '😀'), maxLength: 6 }), (whole, wanted) => {
        expect(contains(whole, wanted)).toBe(whole.includes(wanted));
      }),
    );
    fc.assert(
      fc.property(text, fc.nat(40), fc.nat(40), (whole, from, to) => {
        expect(contains(whole, whole.slice(from, to))).toBe(true);
      }),
    );
  });
});
