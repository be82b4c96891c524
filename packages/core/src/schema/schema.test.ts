import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GomindError } from '../errors/gomind-error.ts';
import { compileSchema, toJsonSchema } from './compile-schema.ts';
import { compileJsonSchema } from './json-schema-check.ts';
import { isShortForm, jsonSchemaFromShortForm, jsonSchemaFromSummary, summaryFromJsonSchema } from './short-forms.ts';
import { describeIssues, jsonPointer } from './validation.ts';

describe('toJsonSchema', () => {
  it('converts zod schemas, also with types that JSON does not have', () => {
    const schema = z.object({ city: z.string().describe('Name'), when: z.date().optional() });
    expect(toJsonSchema(schema)).toMatchObject({
      type: 'object',
      properties: { city: { type: 'string', description: 'Name' }, when: {} },
      required: ['city'],
    });
  });

  it('leaves JSON Schema as it is', () => {
    const schema = { type: 'object', 'x-own': 1 };
    expect(toJsonSchema(schema)).toBe(schema);
  });

  it('tells input from output', () => {
    const schema = z.object({ count: z.number().default(1) });
    expect(toJsonSchema(schema, 'input').required).toBeUndefined();
    expect(toJsonSchema(schema, 'output').required).toEqual(['count']);
  });

  it('refuses a Standard Schema that cannot be converted', () => {
    const schema = { '~standard': { version: 1 as const, vendor: 'odd', validate: (value: unknown) => ({ value }) } };
    expect(() => toJsonSchema(schema)).toThrow(/odd cannot be converted/);
  });
});

describe('compileSchema', () => {
  it('validates with zod, applying defaults and naming each bad field', async () => {
    const compiled = compileSchema(z.object({ a: z.object({ 'x/y': z.number() }), n: z.number().default(3) }));
    await expect(compiled.validate({ a: { 'x/y': 1 } })).resolves.toEqual({
      ok: true,
      value: { a: { 'x/y': 1 }, n: 3 },
    });
    await expect(compiled.validate({ a: { 'x/y': 'one' }, n: 'x' })).resolves.toMatchObject({
      ok: false,
      issues: [{ pointer: '/a/x~1y' }, { pointer: '/n' }],
    });
  });

  it('validates with raw JSON Schema, naming each bad field', async () => {
    const compiled = compileSchema({
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer' } },
      required: ['name'],
      additionalProperties: false,
    });
    const result = await compiled.validate({ age: 'old', extra: 1 });
    expect(result.ok).toBe(false);
    const issues = result.ok ? [] : result.issues;
    expect(issues.map((issue) => issue.pointer)).toEqual(expect.arrayContaining(['', '/age']));
    expect(describeIssues(issues)).toContain('name');
    expect(describeIssues(issues)).toContain('extra');
  });
});

describe('compileJsonSchema', () => {
  it.each([
    ['a pattern that backtracks', { type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(40)}!`],
    ['a pattern that is no expression', { type: 'string', pattern: '(' }, 'x'],
  ])('does not hang or crash on %s', (_what, schema, value) => {
    expect(compileJsonSchema(schema).check(value).ok).toBe(true);
  });

  it('still checks harmless patterns', () => {
    expect(compileJsonSchema({ type: 'string', pattern: '^[A-Z]{3}$' }).check('EURO').ok).toBe(false);
  });

  it('refuses schemas without bound', () => {
    let deep: Record<string, unknown> = {};
    for (let level = 0; level < 100; level++) deep = { properties: { x: deep } };
    expect(() => compileJsonSchema(deep)).toThrow(GomindError);
    const wide = {
      properties: Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`p${String(index)}`, {}])),
    };
    expect(() => compileJsonSchema(wide)).toThrow(/20000 parts/);
  });

  it('answers instead of throwing when a reference leads nowhere or in circles', () => {
    expect(compileJsonSchema({ $ref: '#/nowhere' }).check(1).ok).toBe(false);
    expect(compileJsonSchema({ $ref: '#' }).check(1).ok).toBe(false);
  });

  it.each([
    [{ type: 'number' }, 'many', 'Expected number, not string.'],
    [{ type: ['number', 'null'] }, 'many', 'Expected number or null, not string.'],
    [{ type: 'object', required: ['city'] }, {}, 'The field "city" is missing.'],
    [{ enum: ['EUR', 'USD'] }, 'eur', 'Expected one of ["EUR","USD"].'],
    [{ const: 1 }, 2, 'Expected 1.'],
    [{ exclusiveMinimum: 0 }, 0, '0 is not above 0.'],
    [{ exclusiveMaximum: 5 }, 5, '5 is not below 5.'],
    [{ minimum: 0 }, -1, '-1 is less than 0.'],
    [{ not: { type: 'string' } }, 'a', 'This value is excluded.'],
    [{ oneOf: [{ type: 'number' }, { minimum: 0 }] }, 1, 'It has to have exactly one of the accepted forms.'],
  ])('says what is wrong in plain words: %j, %j', (schema, value, message) => {
    expect(compileJsonSchema(schema).check(value)).toEqual({ ok: false, issues: [{ pointer: '', message }] });
  });

  it('takes an absent value for an issue', () => {
    expect(compileJsonSchema({}).check(undefined)).toMatchObject({ ok: false });
  });
});

describe('short forms', () => {
  it('reads the form of the reference document', () => {
    expect(isShortForm({ location: 'string' })).toBe(true);
    expect(isShortForm({ type: 'object' })).toBe(false);
    expect(isShortForm({ type: 'object', properties: {} })).toBe(false);
    expect(jsonSchemaFromShortForm({ location: 'string', days: 'int', any: 'whatever' })).toEqual({
      type: 'object',
      properties: { location: { type: 'string' }, days: { type: 'integer' }, any: {} },
      required: ['location', 'days', 'any'],
    });
  });

  it('reads and writes field hints without loss of what they can say', () => {
    const summary = {
      required: [{ name: 'city', type: 'string', example: 'Seoul', description: 'Name' }],
      optional: [{ name: 'days', type: 'number' }],
    };
    expect(summaryFromJsonSchema(jsonSchemaFromSummary(summary))).toEqual(summary);
  });
});

describe('jsonPointer', () => {
  it('escapes as RFC 6901 says', () => {
    expect(jsonPointer(['a/b', 0, 'm~n'])).toBe('/a~1b/0/m~0n');
    expect(jsonPointer([])).toBe('');
  });
});
