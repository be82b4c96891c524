import { describe, expect, it } from 'vitest';
import { compileTemplate } from './compile-template.ts';

const scope = { inputs: { city: 'Seoul' }, steps: { big: { status: 'completed', output: { list: [1, 2, 3] } } } };

describe('compileTemplate', () => {
  it('resolves the same value again for another scope', () => {
    const { resolve } = compileTemplate({ where: '${inputs.city}', n: 1 });
    expect(resolve(scope)).toEqual({ where: 'Seoul', n: 1 });
    expect(resolve({ inputs: { city: 'Basel' } })).toEqual({ where: 'Basel', n: 1 });
  });

  it('shares what holds no expression, and what an expression yields', () => {
    const constant = { deep: [{ text: 'x' }] };
    const value = { constant, whole: '${steps.big.output}', list: ['${inputs.city}', constant] };
    const resolved = compileTemplate(value).resolve(scope) as typeof value;
    expect(resolved.constant).toBe(constant);
    expect(resolved.whole).toBe(scope.steps.big.output);
    expect(resolved.list[1]).toBe(constant);
    expect(value.whole).toBe('${steps.big.output}');
  });

  it('says of a value without expressions that it is fixed, and gives it back as it is', () => {
    const value = { deep: [{ text: '$ { x }' }] };
    const template = compileTemplate(value);
    expect(template.isFixed).toBe(true);
    expect(template.resolve(scope)).toBe(value);
    expect(compileTemplate({ text: '$${x}' }).isFixed).toBe(false);
  });

  it('knows every path that is read', () => {
    const { paths } = compileTemplate({ a: '${secrets.key}', b: ['x ${steps.big.output.list[0] + index}'] });
    expect(paths.map(({ root }) => root)).toEqual(['secrets', 'steps', 'index']);
  });

  it('keeps a key named __proto__ an ordinary key', () => {
    const value = JSON.parse('{"__proto__": {"city": "${inputs.city}"}, "n": 1}') as unknown;
    const resolved = compileTemplate(value).resolve(scope);
    expect(Object.entries(resolved as object)).toEqual([
      ['__proto__', { city: 'Seoul' }],
      ['n', 1],
    ]);
    expect(Object.getPrototypeOf(resolved)).toBe(Object.prototype);
  });
});
