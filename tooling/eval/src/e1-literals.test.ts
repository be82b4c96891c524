import { describe, expect, it } from 'vitest';
import { literalsOf } from './e1-literals.ts';

const schema = {
  type: 'object',
  properties: {
    unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
    limit: { type: 'integer', default: 10 },
    places: { type: 'array', items: { type: 'string', enum: ['north'] } },
  },
} as const;

function originOf(value: unknown, request: string, field = 'other'): string {
  return literalsOf({ [field]: value }, schema, request)[0]?.origin ?? '';
}

describe('where the values of a plan come from', () => {
  it.each([
    ['Berlin', 'weather in berlin', 'written'],
    ['Berlin', 'weather in Munich', 'invented'],
    [1_200, 'pay 1,200 dollars', 'written'],
    [2, 'a table for two', 'said'],
    [2, 'a current of 2.5 ampere', 'invented'],
    [5_000_000, 'raise 5 million', 'said'],
    ['2026-03-05', 'on March 5th', 'said'],
    ['2026-03-05', 'on March 6th', 'invented'],
    ['KRW', 'convert to Korean won', 'said'],
    ['CHF', 'convert to Korean won', 'invented'],
    ['${steps.one.output.id}', 'anything', 'step'],
    [true, 'yes', 'invented'],
  ])('says of %j in "%s": %s', (value, request, origin) => {
    expect(originOf(value, request)).toBe(origin);
  });

  it('knows what the schema lists, in lists too', () => {
    expect(originOf('celsius', '', 'unit')).toBe('schema');
    expect(originOf(10, '', 'limit')).toBe('schema');
    expect(originOf(11, '', 'limit')).toBe('invented');
    expect(literalsOf({ places: ['north', 'south'] }, schema, '').map(({ origin }) => origin)).toEqual([
      'schema',
      'invented',
    ]);
  });
});
