import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTemplate } from './compile-template.ts';
import { resolveExpressions } from './resolve-expressions.ts';
import type { ExpressionScope } from './scope.ts';

/** Text that would mean something if anybody evaluated it. */
const hostileText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom(
      '${',
      '$${',
      '}',
      '$&',
      '$1',
      '`',
      '{{',
      '}}',
      '<%',
      'inputs.secret',
      'steps.a.output',
      '\\',
      '\0',
      '"',
      "'",
    ),
  }),
);
const prototypeName = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'then',
  'hasOwnProperty',
);
const hostileValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    hostileText,
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(prototypeName, fc.string({ maxLength: 4 })), tie('value'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).value;

function scopeWith(output: unknown): ExpressionScope {
  return { inputs: { secret: 'evaluated!' }, steps: { a: { status: 'completed', output } } };
}

describe('expressions and hostile data', () => {
  it('pass data on as it is, whatever it looks like', () => {
    fc.assert(
      fc.property(hostileValue, (output) => {
        const scope = scopeWith(output);
        expect(resolveExpressions('${steps.a.output}', scope)).toBe(output);
        expect(resolveExpressions({ list: ['${steps.a.output}'] }, scope)).toEqual({ list: [output] });
        const rendered = typeof output === 'string' ? output : JSON.stringify(output);
        expect(resolveExpressions('<${steps.a.output}|${steps.a.output}>', scope)).toBe(`<${rendered}|${rendered}>`);
      }),
    );
  });

  it('never evaluate what stands inside data, in CEL neither', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const scope = scopeWith(text);
        expect(resolveExpressions('${steps.a.output + ""}', scope)).toBe(text);
        expect(resolveExpressions('${steps.a.output ?? "none"}', scope)).toBe(text);
        expect(resolveExpressions('${[steps.a.output]}', scope)).toEqual([text]);
      }),
    );
  });

  it('leave prototypes alone', () => {
    fc.assert(
      fc.property(prototypeName, hostileValue, (name, value) => {
        const own = Object.getOwnPropertyNames(Object.prototype).length;
        const template = JSON.parse(`{${JSON.stringify(name)}: "\${steps.a.output}"}`) as object;
        const resolved = resolveExpressions(template, scopeWith(value)) as object;
        expect(Object.keys(resolved)).toEqual([name]);
        expect(Object.getPrototypeOf(resolved)).toBe(Object.prototype);
        expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(own);
        expect(() => resolveExpressions(`\${steps.a.output.${name}.x}`, scopeWith(7))).toThrow();
      }),
    );
  });

  it('refuse values that are nested too deep, and take those that are not', () => {
    const nested = (depth: number): unknown =>
      Array.from({ length: depth }).reduce((inner) => [inner], '${inputs.secret}');
    expect(JSON.stringify(resolveExpressions(nested(63), scopeWith(1)))).toContain('evaluated!');
    expect(() => resolveExpressions(nested(10_000), scopeWith(1))).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED' }) as Error,
    );
  });

  it('refuse more CEL in one value than can be parsed at once, but any number of plain references', () => {
    const sum = (count: number): string => `\${${'1 + '.repeat(count)}1}`;
    expect(() => compileTemplate(Array.from({ length: 40 }, (_, index) => sum(100 + index)))).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED' }) as Error,
    );
    const references = Array.from({ length: 5_000 }, () => '${inputs.secret}');
    expect(resolveExpressions(references, scopeWith(1))).toHaveLength(5_000);
  });

  it.each([
    'inputs.list.exists(x, inputs.list.exists(y, y == x + 5000))',
    'inputs.list.map(x, inputs.list.map(y, y))',
    'inputs.list.exists(x, inputs.list.all(y, y.missing == 1))',
    'inputs.list.exists(x, inputs.list.exists_one(y, y == 5000))',
    'inputs.list.filter(x, x in inputs.list)',
    'inputs.list.exists(x, inputs.text.contains(string(x)))',
    'inputs.list.map(x, size(inputs.list + inputs.list)) == []',
    '[1, 2, 3].all(a, inputs.list.all(b, inputs.list.all(c, true)))',
    `inputs.list.map(x, ${'x + '.repeat(200)}x)`,
    `inputs.list.map(x, [${'x, '.repeat(200)}x])`,
  ])('refuse loops whose sizes multiply: %s', (source) => {
    const inputs = { list: Array.from({ length: 1_000 }, (_, index) => index), text: 'x'.repeat(60_000) };
    expect(() => resolveExpressions(`\${${source}}`, { inputs })).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED' }) as Error,
    );
  });

  it.each([
    [`${'inputs.list + '.repeat(60)}[]`, 'lists that are joined'],
    [Array.from({ length: 60 }, () => 'size(inputs.text) > 0').join(' && '), 'texts that are counted'],
    [Array.from({ length: 60 }, () => 'inputs.text.contains("xy")').join(' || '), 'texts that are searched'],
    [Array.from({ length: 60 }, () => 'size(inputs.text.split("")) == 0').join(' || '), 'texts that are split'],
  ])('refuse what multiplies without a loop: %.20s... (%s)', (source) => {
    const inputs = { list: Array.from({ length: 2_000 }, (_, index) => index), text: 'x'.repeat(60_000) };
    expect(() => resolveExpressions(`\${${source}}`, { inputs })).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED' }) as Error,
    );
  });

  it('look through lists of thousands, and search long texts a few times', () => {
    const inputs = { list: Array.from({ length: 10_000 }, (_, id) => ({ id })), text: `${'x'.repeat(60_000)}needle` };
    expect(resolveExpressions('${inputs.list.filter(item, item.id > 9997)}', { inputs })).toHaveLength(2);
    const source = '${inputs.text.contains("a") || inputs.text.contains("b") || inputs.text.contains("needle")}';
    expect(resolveExpressions(source, { inputs })).toBe(true);
    expect(
      resolveExpressions('${inputs.text.contains(inputs.list[0].id)}', { inputs: { ...inputs, list: [{ id: 'y' }] } }),
    ).toBe(false);
    expect(() => resolveExpressions('${inputs.text.contains(1)}', { inputs })).toThrow(/contains/);
  });

  it('take loops whose sizes add up, again and again', () => {
    const orders = Array.from({ length: 1_000 }, (_, index) => ({ items: [{ count: index }, { count: 1 }] }));
    for (let times = 0; times < 100; times++) {
      const found = resolveExpressions('${inputs.orders.filter(o, o.items.exists(i, i.count > 997))}', {
        inputs: { orders },
      });
      expect(found).toEqual(orders.slice(998));
    }
  });

  it('pass over items that lack a field, as CEL does', () => {
    const inputs = { list: [{}, { a: 1 }, {}] };
    expect(resolveExpressions('${inputs.list.exists(x, x.a == 1)}', { inputs })).toBe(true);
    expect(() => resolveExpressions('${inputs.list.all(x, x.a == 1)}', { inputs })).toThrow(/No such key: a/);
  });

  it('pass a list on as it is when CEL only chose it', () => {
    const list = [{ a: 1 }, { a: 2 }];
    expect(resolveExpressions('${true ? inputs.list : []}', { inputs: { list } })).toBe(list);
    expect(resolveExpressions('${[1, 2]}', { inputs: {} })).toEqual([1, 2]);
  });
});
