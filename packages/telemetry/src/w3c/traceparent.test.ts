import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTraceparent, parseTraceparent } from '../index.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('parseTraceparent', () => {
  it('reads the example of the standard', () => {
    expect(parseTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, flags: 1 });
  });

  it.each([
    ['a later version', `01-${traceId}-${spanId}-01`],
    ['a later version with more fields', `cc-${traceId}-${spanId}-01-what-the-future-brings`],
  ])('reads %s as far as it is known', (_name, header) => {
    expect(parseTraceparent(header)).toEqual({ traceId, spanId, flags: 1 });
  });

  it('drops flags it does not know', () => {
    expect(parseTraceparent(`00-${traceId}-${spanId}-ff`)?.flags).toBe(3);
    expect(parseTraceparent(`00-${traceId}-${spanId}-fc`)?.flags).toBe(0);
  });

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['version ff', `ff-${traceId}-${spanId}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['a span id of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['an upper-case trace id', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['an upper-case span id', `00-${traceId}-00F067AA0BA902B7-01`],
    ['an upper-case version', `CC-${traceId}-${spanId}-01`],
    ['no hexadecimal digit', `00-${traceId.slice(1)}g-${spanId}-01`],
    ['a short trace id', `00-${traceId.slice(1)}-${spanId}-011`],
    ['version 00 with more', `00-${traceId}-${spanId}-01-more`],
    ['version 00 with a trailing dash', `00-${traceId}-${spanId}-01-`],
    ['a later version that runs on without a dash', `01-${traceId}-${spanId}-011`],
    ['a later version without end', `01-${traceId}-${spanId}-01-${'x'.repeat(500)}`],
    ['a space before', ` 00-${traceId}-${spanId}-01`],
    ['a line break after', `00-${traceId}-${spanId}-01\n`],
    ['two headers in one', `00-${traceId}-${spanId}-01,00-${traceId}-${spanId}-01`],
    ['underscores', `00_${traceId}_${spanId}_01`],
  ])('refuses %s', (_name, header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  it('reads what formatTraceparent writes, and writes nothing it would refuse', () => {
    const hex = (length: number) =>
      fc
        .string({ unit: fc.constantFrom(...Array.from('0123456789abcdef')), minLength: length, maxLength: length })
        .filter((text) => !/^0+$/.test(text));
    fc.assert(
      fc.property(hex(32), hex(16), fc.integer({ min: 0, max: 3 }), (trace, span, flags) => {
        const parent = { traceId: trace, spanId: span, flags };
        expect(parseTraceparent(formatTraceparent(parent))).toEqual(parent);
      }),
    );
  });

  it('answers a damaged header with a valid parent or with nothing', () => {
    const good = `00-${traceId}-${spanId}-01`;
    const damage = fc.tuple(
      fc.nat(good.length),
      fc.nat(3),
      fc.string({ unit: fc.constantFrom(...Array.from('0aF-g\n, ')), maxLength: 4 }),
    );
    fc.assert(
      fc.property(damage, ([position, removed, inserted]) => {
        const parent = parseTraceparent(good.slice(0, position) + inserted + good.slice(position + removed));
        if (parent !== undefined) expect(formatTraceparent(parent)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/);
      }),
      { numRuns: 1_000 },
    );
  });
});
