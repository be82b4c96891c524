import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectExpressions, referencedSteps } from './collect-references.ts';
import { compileCondition, type ConditionScope } from './evaluate-condition.ts';
import { parsePath, printPath } from './parse-path.ts';
import { resolveExpressions } from './resolve-expressions.ts';
import { scanTemplate } from './scan-template.ts';

const scope = {
  inputs: { city: 'Seoul', count: 2, empty: null },
  steps: {
    quote: {
      status: 'completed',
      output: { price: 468.285, currency: 'USD', tags: ['a', 'b'], nested: { '0': 'zero' } },
    },
    'gather-data': { status: 'completed', output: { items: [{ name: 'first' }, { name: 'second' }] } },
    '2nd': { status: 'completed', output: 7 },
    'step one': { status: 'completed', output: 1 },
    evil: { status: 'completed', output: { text: '${inputs.city} $& ${steps.quote.output.price}' } },
    broken: { status: 'failed', error: { message: 'no luck' } },
  },
  run: { id: 'run-1' },
  item: { id: 3 },
  index: 1,
};

describe('resolveExpressions', () => {
  it.each([
    ['${inputs.city}', 'Seoul'],
    ['${steps.quote.output.price}', 468.285],
    ['${steps.quote.output}', scope.steps.quote.output],
    ['${steps.quote.output.tags}', ['a', 'b']],
    ['${steps.gather-data.output.items[1].name}', 'second'],
    ['${steps.gather-data.output.items.0.name}', 'first'],
    ['${steps.2nd.output}', 7],
    ["${steps['step one'].output}", 1],
    ['${steps.step one.output}', 1],
    ['${ steps.step one.status }', 'completed'],
    ['${steps.step one.output * 10 + steps.2nd.output}', 17],
    ['${steps.step one.output.nothere ?? steps.step two.output ?? 5}', 5],
    ['${steps.step one.status == "completed" ? "yes" : "no"}', 'yes'],
    ['${steps.2nd.output in [steps.step one.output, 7]}', true],
    ['${steps.quote.output.nested.0}', 'zero'],
    ['${inputs.empty}', null],
    ['${steps.broken.error.message}', 'no luck'],
    ['${steps.quote.status}', 'completed'],
    ['${item.id} of ${index}', '3 of 1'],
    ['run ${run.id}: ${steps.quote.output.tags}', 'run run-1: ["a","b"]'],
    ['costs $${steps.x} and ${inputs.count}', 'costs ${steps.x} and 2'],
    ['${steps.quote.output.price * 100}', 46828.5],
    ['${inputs.count + 1}', 3],
    ['${steps.2nd.output * 2}', 14],
    ['${steps.gather-data.output.items[0].name + "!"}', 'first!'],
    ['${size(steps.gather-data.output.items) > 1 ? "many" : "few"}', 'many'],
    ['${inputs.missing ?? "default"}', 'default'],
    ['${inputs.city ?? "default"}', 'Seoul'],
    ['${steps.nothere.output.x ?? inputs.alsonot ?? 5}', 5],
    ['${has(inputs.missing) ? 1 : 2}', 2],
    ['${steps.gather-data.output.items ?? 5}', scope.steps['gather-data'].output.items],
    ['${steps.gather-data.output.nothere ?? 5}', 5],
    ['${steps.gather-data.output.items[0].name ?? "none"}', 'first'],
    ['${steps.gather-data.output.items.7.name ?? "none"}', 'none'],
    ["${steps['step one'].output.deep.er ?? 5}", 5],
    ['${steps.2nd.output ?? 5}', 7],
    ['${inputs.empty ?? "nothing"}', 'nothing'],
    ['${inputs.count * inputs.missing ?? 0}', 0],
    ['${"inputs.missing" + inputs.city ?? 0}', 'inputs.missingSeoul'],
    ['${inputs.city.size() ?? 0}', 5],
    ['${has(steps.gather-data.output.items)}', true],
    ['${has(steps.gather-data.output.items[1].name)}', true],
    ['${has(steps.gather-data.output.items[2].name)}', false],
    ['${has(inputs.missing.deeper) || has(inputs.empty)}', true],
    ['${has(inputs.city.constructor) || has(inputs.__proto__.x)}', false],
    ['${"has(inputs.missing)"}', 'has(inputs.missing)'],
    ['${steps.gather-data.output.items.filter(i, has(i.name)).size()}', 2],
    ['no expression $ { } here', 'no expression $ { } here'],
  ])('resolves %s', (template, expected) => {
    expect(resolveExpressions(template, scope)).toEqual(expected);
  });

  it('keeps structure and types of everything that is no text', () => {
    const value = { a: [1, null, true, '${inputs.count}'], b: { '${x}': '${inputs.city}' } };
    expect(resolveExpressions(value, scope)).toEqual({ a: [1, null, true, 2], b: { '${x}': 'Seoul' } });
  });

  it('never resolves what an expression yields', () => {
    expect(resolveExpressions('${steps.evil.output.text}', scope)).toBe(scope.steps.evil.output.text);
    expect(resolveExpressions('> ${steps.evil.output.text} <', scope)).toBe(`> ${scope.steps.evil.output.text} <`);
  });

  it.each([
    ['${HOME}', 'MALFORMED_REFERENCE', /no root.*\$\$\{/s],
    ['${steps.quote.output.prise}', 'UNKNOWN_OUTPUT_FIELD', /it has price, currency.*Did you mean "price"/s],
    ['${steps.qoute.output.price}', 'DANGLING_REFERENCE', /Did you mean "quote"/],
    ['${steps.broken.output.x}', 'DANGLING_REFERENCE', /has no output/],
    ['${inputs.nope}', 'UNKNOWN_OUTPUT_FIELD', /it has city, count/],
    ['${steps.quote.output.tags.5}', 'UNKNOWN_OUTPUT_FIELD', /list of 2/],
    ['${steps.quote.output', 'MALFORMED_REFERENCE', /closing brace/],
    ['${}', 'MALFORMED_REFERENCE', /./],
    ['${steps.quote.output.price +}', 'MALFORMED_REFERENCE', /./],
    ['${inputs.city.matches("^(a+)+$")}', 'MALFORMED_REFERENCE', /matches\(\) is not available/],
    ['${secrets.key}', 'DANGLING_REFERENCE', /there are no secrets/],
    ['${steps.quote.output.__proto__}', 'UNKNOWN_OUTPUT_FIELD', /"__proto__" that can be read$/],
  ])('refuses %s with %s', (template, code, message) => {
    let thrown: unknown;
    try {
      resolveExpressions(template, scope);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it.each(['__proto__', 'constructor', 'prototype', 'constructor.constructor', 'toString', 'hasOwnProperty'])(
    'gives no access to %s',
    (path) => {
      expect(() => resolveExpressions(`\${steps.quote.output.${path}}`, scope)).toThrow();
      expect(() => resolveExpressions(`\${steps.quote.output.${path} == 1}`, scope)).toThrow();
      expect(() => resolveExpressions(`\${steps.quote.output["${path}"]}`, scope)).toThrow();
    },
  );

  it('does not pollute when a key is called __proto__', () => {
    const value = JSON.parse('{"__proto__": {"polluted": "${inputs.city}"}}') as unknown;
    resolveExpressions(value, scope);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('takes hostile text in bounded work: no result, no crash', () => {
    for (const text of [
      '${'.repeat(40_000),
      `\${${'('.repeat(50_000)}}`,
      '${a'.repeat(30_000),
      `\${inputs${'.a'.repeat(20_000)}}`,
    ]) {
      expect(() => resolveExpressions(text, scope)).toThrow();
    }
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'${}.[]\'"?:+-a1 steps'.split(''), 'inputs', '??', '(', ')') }),
        (text) => {
          try {
            resolveExpressions(`\${${text}}`, scope);
          } catch (error) {
            expect(error).toHaveProperty('code');
          }
        },
      ),
    );
  });

  it('gives back every value without expressions as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        if (text.includes('${') || text.includes('__proto__')) return;
        expect(resolveExpressions(value, scope)).toEqual(value);
      }),
    );
  });
});

describe('collectExpressions', () => {
  it('finds every step that a value refers to, in paths and in CEL', () => {
    const value = {
      a: '${steps.quote.output.price * 100}',
      b: ['${steps.gather-data.output.items[0].name}', 'text ${steps.2nd.output}'],
      c: '$${steps.escaped.output}',
      d: '${size(steps.list.output) > 0 ? steps.yes.output : "steps.no.output"}',
    };
    expect(referencedSteps(value)).toEqual(new Set(['quote', 'gather-data', '2nd', 'list', 'yes']));
  });

  it('finds what is only asked for', () => {
    expect(referencedSteps('${has(steps.a-b.output.c) ? 1 : steps.step one.output ?? 2}')).toEqual(
      new Set(['a-b', 'step one']),
    );
    expect(collectExpressions('${has(steps.a-b.output[0].c)}')[0]?.paths).toEqual([
      { root: 'steps', keys: ['a-b', 'output', 0, 'c'] },
    ]);
  });

  it('tells where an expression stands and what is wrong with it', () => {
    expect(collectExpressions({ a: { b: ['${HOME}', '${steps.x'] } })).toMatchObject([
      { at: 'a.b.0', source: 'HOME', isWhole: true, problem: expect.stringContaining('no root') as string },
      { at: 'a.b.1', problem: expect.stringContaining('closing brace') as string },
    ]);
  });
});

describe('compileCondition', () => {
  const conditionScope: ConditionScope = { ...scope, dependency_states: ['completed', 'failed'] };

  it.each([
    ['size(inputs.city) > 0', true],
    ['${inputs.count == 2}', true],
    ['succeeded()', false],
    ['failed()', true],
    ['always()', true],
    ['steps.gather-data.status == "completed" && inputs.count > 1', true],
    ['steps.quote.output.price > 500', false],
  ])('%s is %s', (condition, expected) => {
    expect(compileCondition(condition)(conditionScope)).toBe(expected);
  });

  it('refuses a condition that is not boolean', () => {
    expect(() => compileCondition('inputs.city')(conditionScope)).toThrow(
      expect.objectContaining({ code: 'CONDITION_TYPE' }) as Error,
    );
  });
});

describe('parsePath and printPath', () => {
  it('are inverse for every path', () => {
    const key = fc.oneof(
      fc.stringMatching(/^[a-z_][a-z0-9_-]{0,8}$/),
      fc.stringMatching(/^[a-z]+ [a-z]+$/),
      fc.nat(99),
    );
    fc.assert(
      fc.property(fc.constantFrom('steps', 'inputs'), fc.array(key, { maxLength: 6 }), (root, keys) => {
        expect(parsePath(printPath({ root, keys }))).toEqual({ root, keys });
      }),
    );
  });
});

describe('scanTemplate', () => {
  it('loses no character', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', '"') }), (text) => {
        const printed = scanTemplate(text)
          .map((piece) =>
            piece.kind === 'text'
              ? piece.text.replaceAll('${', () => '$${')
              : piece.kind === 'expression'
                ? `\${${piece.source}}`
                : piece.source,
          )
          .join('');
        expect(printed.replaceAll('$${', '${')).toBe(text.replaceAll('$${', '${'));
      }),
    );
  });
});
