import type { JsonSchema } from '@gomind/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyCorrections, coercionsFor, valueAt } from './coerce-inputs.ts';

function converted(value: unknown, schema: JsonSchema): unknown {
  const wrapped = { properties: { value: schema } };
  return applyCorrections({ value }, coercionsFor({ value }, wrapped))['value'];
}

describe('conversion of a value', () => {
  it.each<[unknown, string, unknown]>([
    ['35.6897', 'number', 35.6897],
    ['-12.5', 'number', -12.5],
    ['1e3', 'number', 1000],
    ['42', 'integer', 42],
    ['5.0', 'integer', 5],
    ['9999999999', 'integer', 9_999_999_999],
    ['true', 'boolean', true],
    ['FALSE', 'boolean', false],
    ['1', 'boolean', true],
    ['0', 'boolean', false],
    [5, 'string', '5'],
    [46_828_500, 'string', '46828500'],
    [true, 'string', 'true'],
  ])('reads %j as %s', (value, type, expected) => {
    expect(converted(value, { type })).toBe(expected);
  });

  it.each<[unknown, string]>([
    [48.8566, 'number'],
    [10, 'integer'],
    [10, 'number'],
    ['Tokyo', 'string'],
    ['not-a-number', 'number'],
    ['12.5', 'integer'],
    ['yes', 'boolean'],
    ['nan', 'number'],
    ['Infinity', 'number'],
    ['0x10', 'number'],
    ['1e999', 'number'],
    ['1e-999', 'number'],
    ['9007199254740993', 'number'],
    ['0.1234567890123456789', 'number'],
    ['007', 'integer'],
    ['', 'number'],
    [42.7, 'integer'],
    [null, 'string'],
    [0, 'boolean'],
    [{ code: 'EUR' }, 'string'],
    ['{"code":"EUR"}', 'object'],
    ['a', 'array'],
  ])('leaves %j alone where %s is asked for', (value, type) => {
    expect(converted(value, { type })).toBe(value);
  });

  it('reaches into objects and lists and names each place, sharing what it does not touch', () => {
    const schema: JsonSchema = {
      properties: {
        points: { type: 'array', items: { type: 'object', properties: { lat: { type: 'number' } } } },
        unit: { enum: ['Metric'] },
        more: { type: 'object', additionalProperties: { type: 'integer' } },
      },
    };
    const inputs = { points: [{ lat: '1.5' }, { lat: 2 }], unit: 'metric', more: { a: '1' }, unknown: '7', rest: {} };
    const corrections = coercionsFor(inputs, schema);
    expect(corrections).toEqual([
      { path: ['points', 0, 'lat'], value: 1.5 },
      { path: ['unit'], value: 'Metric' },
      { path: ['more', 'a'], value: 1 },
    ]);
    const corrected = applyCorrections(inputs, corrections);
    expect(corrected).toEqual({
      points: [{ lat: 1.5 }, { lat: 2 }],
      unit: 'Metric',
      more: { a: 1 },
      unknown: '7',
      rest: {},
    });
    expect(corrected['rest']).toBe(inputs.rest);
    expect(inputs.points[0]).toEqual({ lat: '1.5' });
  });

  it('of a text to a number never loses a digit', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double({ noNaN: true }).map(String), fc.bigInt().map(String)), (text) => {
        const value = converted(text, { type: 'number' });
        if (typeof value === 'number') expect(exactPart(String(value))).toBe(exactPart(text));
        else expect(value).toBe(text);
      }),
    );
  });
});

/** The whole part of a decimal text. */
function exactPart(text: string): bigint {
  const [mantissa = '0', exponent = '0'] = text.split('e');
  const [whole = '0', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  const head = point <= 0 ? '0' : digits.slice(0, point).padEnd(point, '0');
  return BigInt(head) * (text.startsWith('-') ? -1n : 1n);
}

describe('corrections', () => {
  it('keep a key named like the prototype an ordinary key', () => {
    const inputs = JSON.parse('{"__proto__": {"a": "1"}}') as Record<string, unknown>;
    const corrected = applyCorrections(inputs, [{ path: ['__proto__', 'a'], value: 1 }]);
    expect(Object.getPrototypeOf(corrected)).toBe(Object.prototype);
    expect(valueAt(corrected, ['__proto__', 'a'])).toBe(1);
    expect(valueAt({}, ['__proto__', 'toString'])).toBeUndefined();
  });
});
