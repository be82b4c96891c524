import { describe, expect, it } from 'vitest';
import { parseWorkflow } from './parse-workflow.ts';

const workflow = (...lines: readonly string[]): string =>
  ['name: test', ...lines, 'steps: [{name: a, tool: t, inputs: {v: "${inputs.x}"}}]', ''].join('\n');
const found = (...lines: readonly string[]) =>
  parseWorkflow(workflow(...lines)).diagnostics.filter(({ code }) => code !== 'UNKNOWN_INPUT');

describe('what a workflow says of itself', () => {
  it.each([
    ['version: latest', 'version', 10],
    ['version: 1.2.3.4', 'version', 10],
    ['compatible_with: newer ones', 'compatible_with', 18],
    ['migration: { from: old }', 'migration', 12],
    ['migration: [{ from: 1.0 }, { from: old }]', 'migration.1', 28],
  ])('has versions that can be read, which %j has not', (line, path, column) => {
    expect(found(line)).toMatchObject([{ code: 'UNSUPPORTED_VERSION', severity: 'error', path, line: 2, column }]);
  });

  it.each(['version: 2.0', 'version: v1', 'compatible_with: ">=1.5 <3 || 4.x"', 'migration: { from: 1.0 }'])(
    'takes %j',
    (line) => {
      expect(found(line)).toEqual([]);
    },
  );

  it.each([
    ['inputs: { x: strng }', 'inputs.x', '"strng"', 'string'],
    ['inputs: { x: { type: int } }', 'inputs.x', '"int"', undefined],
    ['inputs: { x: { type: [string, nil] } }', 'inputs.x', '"nil"', undefined],
    ['inputs: { x: { type: array, items: { type: txt } } }', 'inputs.x', '"txt"', undefined],
    ['inputs: { x: { type: object, properties: { y: { type: numbr } } } }', 'inputs.x', '"numbr"', 'number'],
  ])('has inputs of types that values have, which %j has not', (line, path, named, suggestion) => {
    const [finding, ...others] = found(line);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'INPUT_TYPE', severity: 'error', path });
    expect(finding?.message).toContain(named);
    if (suggestion !== undefined) expect(finding?.suggestion).toBe(suggestion);
  });

  it.each([
    'inputs: { x: { type: integer, default: many } }',
    'inputs: { x: { type: string, enum: [p, q], default: r } }',
    'inputs: { x: { type: number, minimum: 1, default: 0 } }',
  ])('is warned of a default that does not fit: %j', (line) => {
    const { ok, diagnostics } = parseWorkflow(workflow(line));
    expect(ok).toBe(true);
    expect(diagnostics).toMatchObject([{ code: 'INPUT_TYPE', severity: 'warning', path: 'inputs.x.default' }]);
  });

  it.each([
    'inputs: { x: { type: integer, default: "5" } }',
    'inputs: { x: { type: string, default: null } }',
    'inputs: { x: { type: [number, "null"], default: 3 } }',
    'inputs: { x: { default: anything } }',
  ])('is not warned of %j', (line) => {
    expect(found(line)).toEqual([]);
  });

  it.each([
    ['budget: { tokens: -1 }', 'budget.tokens'],
    ['budget: { model_calls: 1.5 }', 'budget.model_calls'],
    ['budget: { cost_usd: -0.5 }', 'budget.cost_usd'],
  ])('has budgets that are amounts, which %j is not', (line, path) => {
    expect(found(line)).toMatchObject([{ code: 'BAD_VALUE', severity: 'error', path }]);
  });
});

describe('a value that is wrong', () => {
  it('hides nothing that is wrong elsewhere', () => {
    const { diagnostics } = parseWorkflow(
      [
        'name: test',
        'timeout: soon',
        'version: latest',
        'max_concurrency: 0',
        'steps:',
        '  - { name: a, tool: t, timeout: -1, retry: { max_attempts: 0 } }',
        '  - { name: b, tool: t, inputs: { v: "${steps.c.output}" }, depends_on: [d] }',
        '',
      ].join('\n'),
    );
    expect(diagnostics.map(({ code, line }) => [code, line])).toEqual([
      ['BAD_TIMEOUT', 2],
      ['UNSUPPORTED_VERSION', 3],
      ['BAD_VALUE', 4],
      ['BAD_TIMEOUT', 6],
      ['BAD_RETRY', 6],
      ['DANGLING_REFERENCE', 7],
      ['MISSING_DEPENDENCY', 7],
    ]);
  });
});

describe('a form that is wrong', () => {
  it('hides nothing that is wrong elsewhere, and is taken for what it was meant to be', () => {
    const { ok, diagnostics } = parseWorkflow(
      [
        'nmae: test',
        'on_error: perhaps',
        'colour: red',
        'steps:',
        '  - { name: a, toool: t, effect: none, retry: { max_attmpts: 0 } }',
        '  - name: b',
        '    tool: t',
        '    inpts: { v: "${steps.c.output}" }',
        '    dependson: [d]',
        '',
      ].join('\n'),
    );
    expect(ok).toBe(false);
    expect(diagnostics.map(({ code, line }) => [code, line])).toEqual([
      ['UNKNOWN_KEY', 1],
      ['BAD_VALUE', 2],
      ['UNKNOWN_KEY', 3],
      ['UNKNOWN_KEY', 5],
      ['BAD_VALUE', 5],
      ['UNKNOWN_KEY', 5],
      ['BAD_RETRY', 5],
      ['UNKNOWN_KEY', 8],
      ['DANGLING_REFERENCE', 8],
      ['UNKNOWN_KEY', 9],
      ['MISSING_DEPENDENCY', 9],
    ]);
  });

  it('is told alone where the rest cannot be read without it', () => {
    expect(found('inputs: [x]')).toMatchObject([{ code: 'INPUT_TYPE' }]);
  });
});
