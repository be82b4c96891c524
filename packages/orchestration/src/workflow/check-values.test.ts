import { describe, expect, it } from 'vitest';
import { parseWorkflow } from './parse-workflow.ts';

const messagesOf = (source: string): string[] =>
  parseWorkflow(source).diagnostics.map(({ code, message, line }) => `${String(line)} ${code} ${message}`);
const withSteps = (...steps: readonly string[]): string =>
  ['name: test', 'inputs: { rows: array }', 'steps:', ...steps.map((step) => `  - ${step}`)].join('\n');
const used = "{ name: first, tool: t, action: x, inputs: { rows: '${inputs.rows}' } }";

describe('an item', () => {
  it.each([
    [
      "{ name: a, tool: t, action: x, inputs: { v: '${item.id}' } }",
      '5 DANGLING_REFERENCE Step "a" refers to ${item.id}, but',
    ],
    [
      "{ name: a, tool: t, action: x, inputs: { v: ['no ${index}'] } }",
      '5 DANGLING_REFERENCE Step "a" refers to ${index}, but',
    ],
    [
      "{ name: g, parallel: [{ name: a, tool: t, action: x, inputs: { v: '${item}' } }] }",
      '5 DANGLING_REFERENCE Step "a" refers',
    ],
  ])('is there only where a step has for_each: %s', (step, message) => {
    expect(messagesOf(withSteps(used, step))).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    "{ name: a, tool: t, action: x, for_each: '${inputs.rows}', inputs: { v: '${item.id} of ${index}' } }",
    "{ name: a, tool: t, action: x, inputs: { v: '${inputs.rows.filter(item, item.isPaid)}' } }",
    "{ name: a, tool: t, action: x, inputs: { v: '${inputs.rows.map( index , index + 1)}' } }",
  ])('is there: %s', (step) => {
    expect(messagesOf(withSteps(used, step))).toEqual([]);
  });
});

describe('the list of for_each', () => {
  it.each([
    ['{ name: a, tool: t, action: x, for_each: inputs.rows }', 'write ${inputs.rows}.'],
    ['{ name: a, tool: t, action: x, for_each: { items: inputs.rows } }', 'write ${inputs.rows}.'],
  ])('is no text: %s', (step, advice) => {
    const [message, ...more] = messagesOf(withSteps(used, step));
    expect(message).toMatch(/^5 BAD_VALUE Step "a": "for_each" is text, which is no list/);
    expect(message).toContain(advice);
    expect(more).toEqual([]);
  });

  it.each(['[1, 2]', "'${inputs.rows}'", "{ items: ['${inputs.rows}'] }"])('may be %s', (items) => {
    expect(messagesOf(withSteps(used, `{ name: a, tool: t, action: x, for_each: ${items} }`))).toEqual([]);
  });
});

describe('what is often written in the wrong form is told in the right one', () => {
  it.each([
    ['{ name: a, tool: t, inputs: { v: ${inputs.rows} } }', 'stands in quotes'],
    ['{ name: a, tool: t, description: note: this, action: x }', 'YAML_SYNTAX'],
    ['{ name: a, tool: t, on_error: ignore }', '"on_error" must be "fail", "continue" or { fallback: STEP }.'],
    ['{ name: a, tool: t, retry: 3 }', '"retry" must be a map such as { max_attempts: 3 }.'],
    ['{ name: a, switch: inputs.rows, cases: [x] }', '"cases" must be a map from a value to its steps'],
  ])('%s', (step, message) => {
    expect(messagesOf(withSteps(used, step))[0]).toContain(message);
  });

  it('text with a colon', () => {
    expect(messagesOf('name: a\ndescription: note: this\nsteps: []')[0]).toContain(
      'Text that holds ": " stands in quotes.',
    );
  });
});
