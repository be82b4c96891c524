import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BaggageMember, formatBaggage, parseBaggage } from '../index.ts';

describe('parseBaggage', () => {
  it('reads members, spaces around them, properties and percent-encoding', () => {
    expect(
      parseBaggage('userId=alice , serverNode=DF%2028;ttl=5;private,isProduction=false, price=%E2%82%AC5'),
    ).toEqual([
      { key: 'userId', value: 'alice' },
      { key: 'serverNode', value: 'DF 28', metadata: 'ttl=5;private' },
      { key: 'isProduction', value: 'false' },
      { key: 'price', value: '€5' },
    ]);
  });

  it('takes the last of equal keys', () => {
    expect(parseBaggage('a=1,b=2,a=3')).toEqual([
      { key: 'a', value: '3' },
      { key: 'b', value: '2' },
    ]);
  });

  it.each([
    ['no value', 'a'],
    ['no key', '=1'],
    ['a space in the key', 'a b=1'],
    ['a quote in the value', 'a="1"'],
    ['a backslash', 'a=\\'],
    ['a letter beyond ASCII', 'a=ä'],
    ['a line break in a property', 'a=1;x\r\ny'],
  ])('drops a member with %s and keeps the others', (_name, member) => {
    expect(parseBaggage(`${member},good=1`)).toEqual([{ key: 'good', value: '1' }]);
  });

  it('replaces octets that are no UTF-8, and leaves a stray percent sign alone', () => {
    expect(parseBaggage('a=%ff,b=100%,c=%zz')).toEqual([
      { key: 'a', value: '\uFFFD' },
      { key: 'b', value: '100%' },
      { key: 'c', value: '%zz' },
    ]);
  });

  it('keeps 64 members and drops the rest', () => {
    const header = Array.from({ length: 100 }, (_, index) => `k${String(index)}=v`).join(',');
    const members = parseBaggage(header);
    expect(members).toHaveLength(64);
    expect(members.at(-1)?.key).toBe('k63');
  });

  it('reads 8,192 bytes and drops the member that is cut', () => {
    const header = `first=1,${'x'.repeat(50)}=${'y'.repeat(8_100)},last=1`;
    expect(header.length).toBeLessThan(8_192);
    expect(parseBaggage(header).map(({ key }) => key)).toContain('last');
    expect(parseBaggage(`${header},${'z'.repeat(100)}=1`).map(({ key }) => key)).toContain('last');
    expect(parseBaggage(`first=1,long=${'y'.repeat(9_000)},last=1`)).toEqual([{ key: 'first', value: '1' }]);
  });

  it('reads __proto__ as a name like any other', () => {
    expect(parseBaggage('__proto__=1')).toEqual([{ key: '__proto__', value: '1' }]);
  });
});

describe('formatBaggage', () => {
  it('encodes values, so that none can break out of its member or its header', () => {
    expect(formatBaggage([{ key: 'a', value: 'x,y;z=1\r\nset-cookie: b' }])).toBe(
      'a=x%2Cy%3Bz%3D1%0D%0Aset-cookie%3A%20b',
    );
  });

  it.each([
    ['a key that is no token', { key: 'a b', value: '1' }],
    ['a property with a comma', { key: 'a', value: '1', metadata: 'x,y=1' }],
    ['a property with a line break', { key: 'a', value: '1', metadata: 'x\r\ny' }],
    ['half a surrogate pair', { key: 'a', value: '\uD800' }],
  ])('drops a member with %s', (_name, member) => {
    expect(formatBaggage([member, { key: 'good', value: '1' }])).toBe('good=1');
  });

  it('writes 64 members and 8,192 bytes at most', () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ key: `k${String(index)}`, value: 'v' }));
    expect(formatBaggage(many).split(',')).toHaveLength(64);
    const long = [
      { key: 'a', value: 'v'.repeat(5_000) },
      { key: 'b', value: 'v'.repeat(5_000) },
      { key: 'c', value: 'v' },
    ];
    expect(formatBaggage(long).length).toBeLessThanOrEqual(8_192);
    expect(parseBaggage(formatBaggage(long)).map(({ key }) => key)).toEqual(['a', 'c']);
  });

  it('writes what parseBaggage reads back', () => {
    const key = fc.string({
      unit: fc.constantFrom(...Array.from("abcXYZ019!#$%&'*+-.^_`|~")),
      minLength: 1,
      maxLength: 10,
    });
    const value = fc.string({ unit: 'grapheme', maxLength: 20 });
    const members = fc.uniqueArray(fc.record({ key, value }), { selector: (member) => member.key, maxLength: 20 });
    fc.assert(
      fc.property(members, (written: BaggageMember[]) => {
        expect(parseBaggage(formatBaggage(written))).toEqual(written);
      }),
    );
  });
});
