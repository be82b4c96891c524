/**
 * The weaknesses of severity A that the Go original was shown to have in its plans and parameters (its inventory, Part II,
 * sections 2.2 and 2.4), as far as they are a matter of this room. Those of planning stand in `planning/`, those of running in
 * `execution/`, those of what a model says in `llm/`.
 */
import type { ComponentInfo } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import { resolveExpressions } from './expressions/resolve-expressions.ts';
import { validatePlan } from './validation/validate-plan.ts';

const offered: ComponentInfo[] = [
  {
    id: 't',
    name: 'tool',
    type: 'tool',
    description: '',
    address: '127.0.0.1',
    port: 1,
    capabilities: [
      {
        name: 'act',
        description: '',
        inputSchema: { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] },
      },
    ],
  },
];

const step = (name: string, more: object = {}) => ({
  name,
  component: 'tool',
  action: 'act',
  inputs: { amount: 1 },
  depends_on: [],
  ...more,
});

const codesOf = (...steps: readonly object[]): string[] =>
  validatePlan({ steps }, offered).diagnostics.map(({ code }) => code);

describe('weaknesses of the Go original: plans', () => {
  it.each<[string, string, readonly object[]]>([
    ['an action left out', 'MISSING_ACTION', [step('a', { action: undefined })]],
    ['a step that waits for itself', 'SELF_DEPENDENCY', [step('a', { depends_on: ['a'] })]],
    ['a required parameter left out', 'PARAM_MISSING', [step('a', { inputs: {} })]],
    ['a parameter of the wrong type', 'PARAM_TYPE', [step('a', { inputs: { amount: 'much' } })]],
    ['an unknown parameter', 'PARAM_UNKNOWN', [step('a', { inputs: { amount: 1, colour: 'red' } })]],
    ['a dependency that is not there', 'MISSING_DEPENDENCY', [step('a', { depends_on: ['b'] })]],
  ])('W-20: %s is found before anything runs', (_what, code, steps) => {
    expect(codesOf(...steps)).toContain(code);
  });

  it('W-21: two steps of one name are refused', () => {
    expect(codesOf(step('a'), step('a'))).toContain('DUPLICATE_STEP');
  });

  it('W-22: a circle in a part of the plan is found although the other part could run', () => {
    expect(codesOf(step('a'), step('b', { depends_on: ['c'] }), step('c', { depends_on: ['b'] }))).toEqual(['CYCLE']);
  });
});

describe('weaknesses of the Go original: parameters', () => {
  const scope = { steps: { a: { output: { cities: ['Paris', 'Lyon'], place: { id: 1 }, amount: 46_828_500 } } } };

  it('W-53: a whole value that is a list or an object stays one', () => {
    expect(resolveExpressions('${steps.a.output.cities}', scope)).toEqual(['Paris', 'Lyon']);
    expect(resolveExpressions('${steps.a.output.place}', scope)).toEqual({ id: 1 });
  });

  it('W-54: a number inside text is written in decimal digits', () => {
    expect(resolveExpressions('n=${steps.a.output.amount}', scope)).toBe('n=46828500');
  });
});
