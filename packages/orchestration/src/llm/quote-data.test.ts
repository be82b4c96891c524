import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainData, plainText, quoteData } from './quote-data.ts';

describe('quoteData', () => {
  it('gives back what went in, and lets nothing end it or hide in it', () => {
    const hostile = fc.string({
      unit: fc.constantFrom(...Array.from('<>`|/az\n"\\\u202E\u200B\u2028\u{E0041}\u{E0101}')),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), hostile), fc.jsonValue(), (text, value) => {
        const quoted = quoteData({ text, value });
        expect(JSON.parse(quoted)).toEqual(JSON.parse(JSON.stringify({ text, value })));
        expect(quoted).not.toMatch(/[<>`\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u);
      }),
    );
  });
});

describe('plainText', () => {
  it('shows only what people see', () => {
    expect(plainText('Fine\u202Etxt.exe\u0007', 100)).toBe('Fine txt.exe');
    // A message in tag characters, one in variation selectors, and a letter without a shape.
    expect(plainText('a\u{E0049}\u{E0047}b\u{E0101}\u{E0102}c\uFE0F\u3164d\uD800', 100).replaceAll(' ', '')).toBe(
      'abcd',
    );
    expect(plainText('日本語 naïve 👍', 100)).toBe('日本語 naïve 👍');
  });
});

describe('plainData', () => {
  it('bounds texts, lists and depth', () => {
    const deep = { a: { a: { a: { a: 1 } } } };
    const data = plainData(
      { text: 'x'.repeat(50), list: [1, 2, 3, 4], deep },
      { maxTextLength: 10, maxItems: 3, maxDepth: 3 },
    );
    expect(data).toEqual({
      text: 'x'.repeat(10),
      list: [1, 2, 3, '(left out)'],
      deep: { a: { a: '(left out)' } },
    });
  });
});
