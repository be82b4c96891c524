import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTracestate } from '../index.ts';

describe('parseTracestate', () => {
  it.each([
    ['rojo=00f067aa0ba902b7,congo=t61rcWkgMzE', 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'],
    ['rojo=1 , , \tcongo=2', 'rojo=1,congo=2'],
    ['tenant@vendor=a:b;c', 'tenant@vendor=a:b;c'],
    ['0start=with digit', '0start=with digit'],
  ])('keeps %s', (header, expected) => {
    expect(parseTracestate(header)).toBe(expected);
  });

  it.each([
    ['nothing', undefined],
    ['only commas', ' , ,'],
    ['a member without a value', 'rojo'],
    ['an empty value', 'rojo='],
    ['an upper-case key', 'Rojo=1'],
    ['a key twice', 'rojo=1,congo=2,rojo=3'],
    ['an equals sign in a value', 'rojo=a=b'],
    ['a control character', 'rojo=a\nb'],
    ['a letter beyond ASCII', 'rojo=ä'],
    ['33 members', Array.from({ length: 33 }, (_, index) => `k${String(index)}=v`).join(',')],
    ['a key of 257 characters', `${'k'.repeat(257)}=v`],
    ['a value of 257 characters', `k=${'v'.repeat(257)}`],
    ['100,000 characters', `k=${'v,'.repeat(50_000)}`],
  ])('refuses %s', (_name, header) => {
    expect(parseTracestate(header)).toBeUndefined();
  });

  it('passes 512 characters on and cuts more to whole members, the newest first', () => {
    const members = Array.from({ length: 20 }, (_, index) => `key${String(index).padStart(2, '0')}=${'v'.repeat(30)}`);
    const kept = parseTracestate(members.join(','))?.split(',') ?? [];
    expect(kept).toEqual(members.slice(0, kept.length));
    expect(kept.join(',').length).toBeLessThanOrEqual(512);
    expect([...kept, members[kept.length]].join(',').length).toBeGreaterThan(512);
  });

  it('is stable: what it returns it also accepts, unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('ab=, \t@*/-_1A\n')), maxLength: 60 }), (header) => {
        const kept = parseTracestate(header);
        if (kept !== undefined) expect(parseTracestate(kept)).toBe(kept);
      }),
      { numRuns: 2_000 },
    );
  });
});
