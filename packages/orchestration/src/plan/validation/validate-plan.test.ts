import type { ComponentInfo, JsonSchema } from '@gomind/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanDiagnosticCode } from '../diagnostic.ts';
import { locateInJson } from './locate-in-json.ts';
import type { ValidatePlanOptions } from './plan-validation.ts';
import { validatePlan, validatePlanStructure } from './validate-plan.ts';

const quoteOutput: JsonSchema = {
  type: 'object',
  properties: { price: { type: 'number' }, count: { type: 'integer' }, currency: { type: 'string' } },
  required: ['price'],
};

function tool(
  name: string,
  action: string,
  more: { input?: JsonSchema; output?: JsonSchema; effect?: 'pure' },
): ComponentInfo {
  return {
    id: name,
    name,
    type: 'tool',
    description: '',
    address: '127.0.0.1',
    port: 1,
    capabilities: [
      {
        name: action,
        description: '',
        ...(more.input === undefined ? {} : { inputSchema: more.input }),
        ...(more.output === undefined ? {} : { outputSchema: more.output }),
        ...(more.effect === undefined ? {} : { effect: more.effect }),
      },
      { name: 'hidden', description: '', internal: true },
    ],
  };
}

const offered = [
  tool('stock-tool', 'get_quote', {
    input: { type: 'object', properties: { symbol: { type: 'string' } }, required: ['symbol'] },
    output: quoteOutput,
    effect: 'pure',
  }),
  tool('closed-tool', 'get_quote', { output: { ...quoteOutput, additionalProperties: false } }),
  tool('currency-tool', 'convert', {
    input: {
      type: 'object',
      properties: { amount: { type: 'number' }, to: { type: 'string', enum: ['EUR', 'USD'] }, on: { type: 'boolean' } },
      required: ['amount'],
    },
  }),
];

const quote = {
  name: 'quote',
  component: 'stock-tool',
  action: 'get_quote',
  inputs: { symbol: 'TSLA' },
  depends_on: [],
};
const convert = (more: object): Record<string, unknown> => ({
  name: 'convert',
  component: 'currency-tool',
  action: 'convert',
  inputs: { amount: 1 },
  depends_on: ['quote'],
  ...more,
});
const plan = (...steps: readonly unknown[]): Record<string, unknown> => ({ steps });
const amount = (text: unknown, more: object = {}): Record<string, unknown> =>
  plan(quote, convert({ inputs: { amount: text }, ...more }));

interface Case {
  readonly code: PlanDiagnosticCode;
  readonly plan: unknown;
  readonly options?: ValidatePlanOptions;
  readonly step?: string;
  readonly path?: string;
  readonly suggestion?: string;
  readonly severity?: 'warning';
}

const cases: readonly Case[] = [
  { code: 'STEPS_NOT_ARRAY', plan: { steps: {} }, path: 'steps' },
  { code: 'STEPS_NOT_ARRAY', plan: plan('quote'), path: 'steps.0' },
  { code: 'EMPTY_PLAN', plan: plan(), path: 'steps' },
  { code: 'EMPTY_NAME', plan: plan({ ...quote, name: ' ' }), path: 'steps.0.name' },
  { code: 'EMPTY_NAME', plan: plan({ ...quote, name: 'a.b' }), step: 'a.b', path: 'steps.0.name' },
  { code: 'DUPLICATE_STEP', plan: plan(quote, quote), step: 'quote', path: 'steps.1.name' },
  {
    code: 'DEPENDS_ON_NOT_ARRAY',
    plan: plan({ ...quote, depends_on: 'x' }),
    step: 'quote',
    path: 'steps.0.depends_on',
  },
  { code: 'INPUTS_NOT_OBJECT', plan: plan({ ...quote, inputs: [] }), step: 'quote', path: 'steps.0.inputs' },
  { code: 'MISSING_COMPONENT', plan: plan({ ...quote, component: '' }), step: 'quote', path: 'steps.0.component' },
  { code: 'MISSING_ACTION', plan: plan({ ...quote, action: undefined }), step: 'quote', path: 'steps.0.action' },
  {
    code: 'UNKNOWN_COMPONENT',
    plan: plan({ ...quote, component: 'stok-tool' }),
    step: 'quote',
    path: 'steps.0.component',
    suggestion: 'stock-tool',
  },
  {
    code: 'UNKNOWN_ACTION',
    plan: plan({ ...quote, action: 'getQuote' }),
    step: 'quote',
    path: 'steps.0.action',
    suggestion: 'get_quote',
  },
  { code: 'UNKNOWN_ACTION', plan: plan({ ...quote, action: 'hidden' }), step: 'quote', path: 'steps.0.action' },
  {
    code: 'PARAM_MISSING',
    plan: plan({ ...quote, inputs: {} }),
    step: 'quote',
    path: 'steps.0.inputs.symbol',
  },
  {
    code: 'PARAM_UNKNOWN',
    plan: plan({ ...quote, inputs: { symbol: 'A', simbol: 'B' } }),
    step: 'quote',
    path: 'steps.0.inputs.simbol',
    suggestion: 'symbol',
  },
  { code: 'PARAM_TYPE', plan: amount('ten'), step: 'convert', path: 'steps.1.inputs.amount' },
  { code: 'PARAM_TYPE', plan: amount('10'), step: 'convert', path: 'steps.1.inputs.amount', severity: 'warning' },
  {
    code: 'PARAM_TYPE',
    plan: amount('${steps.quote.output.currency}'),
    step: 'convert',
    path: 'steps.1.inputs.amount',
    severity: 'warning',
  },
  {
    code: 'PARAM_TYPE',
    plan: plan(
      { ...quote, component: 'closed-tool' },
      convert({ inputs: { amount: '${steps.quote.output.currency}' } }),
    ),
    step: 'convert',
    path: 'steps.1.inputs.amount',
  },
  {
    code: 'SELF_DEPENDENCY',
    plan: plan({ ...quote, depends_on: ['quote'] }),
    step: 'quote',
    path: 'steps.0.depends_on',
  },
  {
    code: 'MISSING_DEPENDENCY',
    plan: plan(quote, convert({ depends_on: ['qoute'] })),
    step: 'convert',
    path: 'steps.1.depends_on',
    suggestion: 'quote',
  },
  {
    code: 'MISSING_DEPENDENCY',
    plan: plan({ ...quote, on_error: { fallback: 'quot' } }),
    step: 'quote',
    path: 'steps.0.on_error',
    suggestion: 'quote',
  },
  { code: 'CYCLE', plan: plan({ ...quote, depends_on: ['convert'] }, convert({})), step: 'quote' },
  {
    code: 'DANGLING_REFERENCE',
    plan: amount('${steps.qoute.output.price}'),
    step: 'convert',
    path: 'steps.1.inputs.amount',
    suggestion: 'quote',
  },
  {
    code: 'UNDECLARED_REFERENCE',
    plan: amount('${steps.quote.output.price}', { depends_on: [] }),
    step: 'convert',
    path: 'steps.1.inputs.amount',
  },
  {
    code: 'FORWARD_REFERENCE',
    plan: plan({ ...quote, inputs: { symbol: '${steps.convert.output.x}' } }, convert({})),
    step: 'quote',
    path: 'steps.0.inputs.symbol',
  },
  {
    code: 'FORWARD_REFERENCE',
    plan: plan({ ...quote, inputs: { symbol: '${steps.quote.output.currency}' } }),
    step: 'quote',
    path: 'steps.0.inputs.symbol',
  },
  {
    code: 'UNKNOWN_OUTPUT_FIELD',
    plan: amount('${steps.quote.output.prize}'),
    step: 'convert',
    path: 'steps.1.inputs.amount',
    suggestion: 'price',
    severity: 'warning',
  },
  {
    code: 'UNKNOWN_OUTPUT_FIELD',
    plan: plan({ ...quote, component: 'closed-tool' }, convert({ inputs: { amount: '${steps.quote.output.prize}' } })),
    step: 'convert',
    path: 'steps.1.inputs.amount',
    suggestion: 'price',
  },
  { code: 'MALFORMED_REFERENCE', plan: amount('${HOME}'), step: 'convert', path: 'steps.1.inputs.amount' },
  {
    code: 'MALFORMED_REFERENCE',
    plan: amount('${steps.quote.price}'),
    step: 'convert',
    path: 'steps.1.inputs.amount',
    suggestion: '${steps.quote.output.price}',
  },
  {
    code: 'MALFORMED_REFERENCE',
    plan: plan(
      { ...quote, name: 'constructor' },
      convert({ depends_on: ['constructor'], inputs: { amount: '${steps.constructor.output.price}' } }),
    ),
    step: 'convert',
    path: 'steps.1.inputs.amount',
  },
  { code: 'CONDITION_TYPE', plan: plan(quote, convert({ when: 'inputs.a +' })), step: 'convert', path: 'steps.1.when' },
  { code: 'CONDITION_TYPE', plan: plan(quote, convert({ when: '1 + 1' })), step: 'convert', path: 'steps.1.when' },
  {
    code: 'CONDITION_TYPE',
    plan: plan(quote, convert({ when: 'steps.quote.output.price' })),
    step: 'convert',
    path: 'steps.1.when',
    severity: 'warning',
  },
  { code: 'PLAN_TOO_LARGE', plan: plan(quote, convert({})), options: { maxSteps: 1 }, path: 'steps' },
  { code: 'PLAN_TOO_LARGE', plan: plan(quote, convert({})), options: { maxDepth: 1 }, path: 'steps' },
  { code: 'PLAN_TOO_LARGE', plan: plan(quote, convert({})), options: { maxFanOut: 0 }, step: 'quote' },
  {
    code: 'PLAN_TOO_LARGE',
    plan: plan({ ...quote, inputs: { symbol: 'x'.repeat(100) } }),
    options: { maxInputLength: 100 },
    step: 'quote',
    path: 'steps.0.inputs',
  },
  { code: 'PLAN_TRUNCATED', plan: plan(quote), options: { isTruncated: true } },
  {
    code: 'DANGLING_OUTPUT',
    plan: { steps: [quote], outputs: { price: '${steps.qoute.output.price}' } },
    path: 'outputs.price',
    suggestion: 'quote',
  },
  {
    code: 'EFFECT_NOT_ALLOWED',
    plan: plan(quote, convert({})),
    options: { allowedEffects: ['pure'] },
    step: 'convert',
    path: 'steps.1',
  },
  { code: 'BAD_RETRY', plan: plan({ ...quote, retry: { max_attempts: 0 } }), step: 'quote', path: 'steps.0.retry' },
  { code: 'BAD_TIMEOUT', plan: plan({ ...quote, timeout: 'soon' }), step: 'quote', path: 'steps.0.timeout' },
  { code: 'BAD_STEP_KIND', plan: plan({ ...quote, for_each: 3 }), step: 'quote', path: 'steps.0.for_each' },
];

/** Every code there is; the compiler refuses this list when one is missing. */
const everyCode: Readonly<Record<PlanDiagnosticCode, true>> = {
  STEPS_NOT_ARRAY: true,
  EMPTY_PLAN: true,
  EMPTY_NAME: true,
  DUPLICATE_STEP: true,
  DEPENDS_ON_NOT_ARRAY: true,
  INPUTS_NOT_OBJECT: true,
  MISSING_COMPONENT: true,
  MISSING_ACTION: true,
  UNKNOWN_COMPONENT: true,
  UNKNOWN_ACTION: true,
  PARAM_MISSING: true,
  PARAM_UNKNOWN: true,
  PARAM_TYPE: true,
  SELF_DEPENDENCY: true,
  MISSING_DEPENDENCY: true,
  CYCLE: true,
  DANGLING_REFERENCE: true,
  UNDECLARED_REFERENCE: true,
  FORWARD_REFERENCE: true,
  UNKNOWN_OUTPUT_FIELD: true,
  MALFORMED_REFERENCE: true,
  CONDITION_TYPE: true,
  PLAN_TOO_LARGE: true,
  PLAN_TRUNCATED: true,
  DANGLING_OUTPUT: true,
  EFFECT_NOT_ALLOWED: true,
  BAD_RETRY: true,
  BAD_TIMEOUT: true,
  BAD_STEP_KIND: true,
};

describe('a plan inside a step', () => {
  const inside = (...steps: readonly unknown[]): unknown => ({
    name: 'outer',
    kind: 'plan',
    config: { plan: { steps } },
  });

  it('is proved like the plan around it: only what is offered counts, whatever the nesting', () => {
    const stranger = { ...quote, component: 'other-tool' };
    const { ok, diagnostics } = validatePlan(plan(inside(inside(stranger))), offered);
    expect(ok).toBe(false);
    expect(diagnostics).toMatchObject([
      {
        code: 'UNKNOWN_COMPONENT',
        step: 'outer/outer/quote',
        path: 'steps.0.config.plan.steps.0.config.plan.steps.0.component',
      },
    ]);
    const allowed = { allowedEffects: ['idempotent'] } as const;
    expect(validatePlan(plan(inside(quote)), offered, allowed).diagnostics).toMatchObject([
      { code: 'EFFECT_NOT_ALLOWED' },
    ]);
    expect(validatePlan(plan(inside(quote)), offered).ok).toBe(true);
  });

  it('sees the steps around it when it is a group, and no others', () => {
    const step = (name: string, inputs: string) => ({ name, component: 't', action: 'x', inputs: { from: inputs } });
    const group = (name: string, ...steps: readonly unknown[]) => ({
      name,
      kind: 'group',
      config: { plan: { steps } },
    });
    const first = { name: 'first', component: 't', action: 'x' };
    const far = group('g', group('h', step('a', '${steps.first.output}')));
    expect(validatePlanStructure({ steps: [first, far] })).toMatchObject({ ok: true, diagnostics: [] });
    const unseen = [
      group('g', step('a', '${steps.g.output}')),
      group('g', { name: 'p', kind: 'plan', config: { plan: { steps: [step('a', '${steps.first.output}')] } } }),
    ];
    for (const wrong of unseen) {
      expect(validatePlanStructure({ steps: [first, wrong] })).toMatchObject({
        ok: false,
        diagnostics: [{ code: 'DANGLING_REFERENCE' }],
      });
    }
  });

  it('is mended too, and found in the text', () => {
    const convert = { name: 'c', component: 'currency-tool', action: 'convert', inputs: { amount: '5' } };
    const written = plan(inside(convert));
    const text = JSON.stringify(written, undefined, 2);
    const proved = validatePlan(written, offered, { locate: locateInJson(text) });
    expect(proved.plan?.steps[0]?.config).toMatchObject({ plan: { steps: [{ inputs: { amount: 5 } }] } });
    const line = text.split('\n').findIndex((row) => row.includes('"amount"')) + 1;
    expect(proved.repairs).toMatchObject([{ step: 'outer/c', severity: 'warning', line }]);
  });

  it('must be there, and may have no more steps than are left', () => {
    expect(validatePlan(plan({ name: 'outer', kind: 'plan' }), offered).diagnostics).toMatchObject([
      { code: 'STEPS_NOT_ARRAY', step: 'outer', path: 'steps.0.config.plan.steps' },
    ]);
    const two = inside(quote, { ...quote, name: 'second' });
    expect(validatePlan(plan(two), offered, { maxSteps: 2 }).diagnostics).toMatchObject([{ code: 'PLAN_TOO_LARGE' }]);
    expect(validatePlan(plan(two), offered, { maxSteps: 3 }).ok).toBe(true);
  });

  it('and every other step must be of a kind that is allowed', () => {
    const kinds = ['component', 'plan'];
    const approval = { name: 'ask', kind: 'approval' };
    expect(validatePlan(plan(quote, inside(approval)), offered, { kinds }).diagnostics).toMatchObject([
      { code: 'BAD_STEP_KIND', step: 'outer/ask', path: 'steps.1.config.plan.steps.0.kind' },
    ]);
    expect(validatePlan(plan(quote, inside(approval)), offered).ok).toBe(true);
  });
});

describe('validatePlan', () => {
  it('accepts a sound plan', () => {
    const sound = {
      ...amount('${steps.quote.output.price * 100}', { when: 'steps.quote.output.price > 5' }),
      outputs: { a: '${steps.convert.output}' },
    };
    expect(validatePlan(sound, offered)).toMatchObject({ ok: true, diagnostics: [] });
  });

  it.each(cases)('finds $code ($path)', ({ code, plan: faulty, options, severity = 'error', ...place }) => {
    const { ok, diagnostics } = validatePlan(faulty, offered, options);
    expect(ok).toBe(severity === 'warning');
    expect(diagnostics).toContainEqual(expect.objectContaining({ code, severity, ...place }) as unknown);
    // Causes only: no finding follows from another one.
    expect(diagnostics).toHaveLength(1);
  });

  it('has a case for every code', () => {
    expect(new Set(cases.map(({ code }) => code))).toEqual(new Set(Object.keys(everyCode)));
  });

  it('finds everything at once, of steps that cannot be read too', () => {
    const faulty = plan(
      { ...quote, component: '', depends_on: 'x' },
      convert({ inputs: { amount: 'ten', foo: '${steps.nope.output}' }, when: 'inputs.a +' }),
      convert({ name: 'b', depends_on: ['b', 'c'] }),
      convert({ name: 'c', depends_on: ['b'] }),
    );
    const codes = validatePlan(faulty, offered).diagnostics.map(({ code }) => code);
    expect(new Set(codes)).toEqual(
      new Set([
        'MISSING_COMPONENT',
        'DEPENDS_ON_NOT_ARRAY',
        'PARAM_TYPE',
        'PARAM_UNKNOWN',
        'DANGLING_REFERENCE',
        'CONDITION_TYPE',
        'SELF_DEPENDENCY',
        'CYCLE',
      ]),
    );
  });

  it('tells line and column where the text of the plan is known', () => {
    const text = JSON.stringify(amount('${steps.qoute.output.price}'), undefined, 2);
    const { diagnostics } = validatePlan(JSON.parse(text), offered, { locate: locateInJson(text) });
    const [found] = diagnostics;
    const line = text.split('\n')[(found?.line ?? 0) - 1];
    expect(line?.slice((found?.column ?? 0) - 1)).toMatch(/^"\$\{steps\.qoute/);
  });

  it('finds every circle once', () => {
    const step = (name: string, ...depends_on: string[]): unknown => ({ ...quote, name, depends_on });
    const { diagnostics } = validatePlan(
      plan(step('a', 'b'), step('b', 'a'), step('c', 'd'), step('d', 'c'), step('e', 'a')),
      offered,
    );
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'Steps wait for each other in a circle: a -> b -> a.',
      'Steps wait for each other in a circle: c -> d -> c.',
    ]);
  });

  it('adds implied dependencies where it may, but never so that they close a circle', () => {
    const undeclared = amount('${steps.quote.output.price}', { depends_on: [] });
    const { plan: mended, repairs } = validatePlan(undeclared, offered, { addImpliedDependencies: true });
    expect(mended?.steps[1]?.dependsOn).toEqual(['quote']);
    expect(repairs.map(({ code }) => code)).toEqual(['UNDECLARED_REFERENCE']);
    const both = plan(
      { ...quote, inputs: { symbol: '${steps.convert.output.x}' } },
      convert({ depends_on: [], inputs: { amount: '${steps.quote.output.price}' } }),
    );
    const { ok, diagnostics } = validatePlan(both, offered, { addImpliedDependencies: true });
    expect(ok).toBe(false);
    expect(diagnostics.map(({ code }) => code)).toContain('CYCLE');
  });

  it('sees an ancestor at any distance', () => {
    const chain = Array.from({ length: 2_000 }, (_, index) => ({
      ...quote,
      name: `s${String(index)}`,
      depends_on: index === 0 ? [] : [`s${String(index - 1)}`],
      inputs: {
        symbol: index < 2 ? 'A' : `\${steps.s0.output.currency} \${steps.s${String(index >> 1)}.output.currency}`,
      },
    }));
    expect(validatePlan(plan(...chain), offered)).toMatchObject({ ok: true, diagnostics: [] });
  });

  it('takes any JSON value and any schema without throwing', () => {
    const schema = fc.jsonValue().map((value) => value as JsonSchema);
    const step = fc.record({
      name: fc.constantFrom('a', 'b', '__proto__', 'constructor', ''),
      component: fc.constant('t'),
      action: fc.constant('x'),
      inputs: fc.oneof(
        fc.dictionary(
          fc.constantFrom('p', '__proto__', 'q'),
          fc.oneof(fc.jsonValue(), fc.constant('${steps.a.output.p}')),
        ),
        fc.jsonValue(),
      ),
      depends_on: fc.oneof(fc.array(fc.constantFrom('a', 'b', '__proto__')), fc.jsonValue()),
      when: fc.oneof(fc.constant('steps.a.output'), fc.jsonValue()),
    });
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.record({ steps: fc.array(step), outputs: fc.jsonValue() })),
        schema,
        (value, any) => {
          const { ok, plan: proved, diagnostics } = validatePlan(value, [tool('t', 'x', { input: any, output: any })]);
          expect(ok).toBe(proved !== undefined);
          expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(!ok);
          validatePlanStructure(value, { addImpliedDependencies: true });
        },
      ),
    );
  });
});
