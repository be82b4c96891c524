import type { ComponentInfo, JsonSchema } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import type { PlanStep } from '../routing-plan.ts';
import { validatePlan } from './validate-plan.ts';
import { wireMissingInputs } from './wire-inputs.ts';

const number = { type: 'number' };
const text = { type: 'string' };

function object(properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema {
  return { type: 'object', properties, required };
}

function component(name: string, input: JsonSchema, output?: JsonSchema): ComponentInfo {
  const schemas = { inputSchema: input, ...(output === undefined ? {} : { outputSchema: output }) };
  return {
    id: name,
    name,
    type: 'tool',
    description: '',
    address: '127.0.0.1',
    port: 1,
    capabilities: [{ name: 'act', description: '', ...schemas }],
  };
}

function step(name: string, dependsOn: readonly string[] = [], more: Partial<PlanStep> = {}): PlanStep {
  return { name, component: name, action: 'act', inputs: {}, dependsOn, ...more };
}

/** What a step named `weather`, which needs `lat` and waits for `geo`, is given when `geo` returns an output of a schema. */
function wired(output: JsonSchema | undefined, wanted: JsonSchema = number, more: Partial<PlanStep> = {}): unknown {
  const offered = [component('geo', object({}), output), component('weather', object({ lat: wanted }))];
  const { plan } = wireMissingInputs({ steps: [step('geo', [], more), step('weather', ['geo'])] }, offered);
  return plan.steps[1]?.inputs['lat'];
}

describe('wiring of missing parameters', () => {
  it.each<[string, JsonSchema, JsonSchema, string]>([
    ['of the same name', object({ lat: number }), number, '${steps.geo.output.lat}'],
    ['that differs in case', object({ LAT: number }), number, '${steps.geo.output.LAT}'],
    ['inside the usual wrapper', object({ data: object({ lat: number }) }), number, '${steps.geo.output.data.lat}'],
    ['of a narrower type', object({ lat: { type: 'integer' } }), number, '${steps.geo.output.lat}'],
    ['for a parameter of any type', object({ lat: text }), {}, '${steps.geo.output.lat}'],
    [
      'whose choices are all accepted',
      object({ lat: { enum: ['a'] } }),
      { enum: ['a', 'b'] },
      '${steps.geo.output.lat}',
    ],
  ])('takes a field %s', (_what, output, wanted, reference) => {
    expect(wired(output, wanted)).toBe(reference);
  });

  it.each<[string, JsonSchema | undefined, JsonSchema]>([
    ['of another name with the same meaning', object({ latitude: number }), number],
    ['of another type', object({ lat: text }), number],
    ['of a wider type', object({ lat: number }), { type: 'integer' }],
    ['that may be null', object({ lat: { type: ['number', 'null'] } }), number],
    ['that may be absent', object({ lat: number }, []), number],
    ['inside a wrapper that may be absent', object({ data: object({ lat: number }) }, []), number],
    ['of unknown type', object({ lat: {} }), number],
    ['with choices that are not accepted', object({ lat: text }), { enum: ['a'] }],
    ['of an output without a schema', undefined, number],
    ['that has a rival', object({ lat: number, Lat: number }), number],
  ])('leaves a field %s alone', (_what, output, wanted) => {
    expect(wired(output, wanted)).toBeUndefined();
  });

  it('does not count on steps that may return nothing, or a list', () => {
    const output = object({ lat: number });
    expect(wired(output, number, { when: 'inputs.x == 1' })).toBeUndefined();
    expect(wired(output, number, { onError: 'continue' })).toBeUndefined();
    expect(wired(output, number, { forEach: { items: [1] } })).toBeUndefined();
  });

  it('looks through all steps that a step waits for, and leaves what two of them offer', () => {
    const offered = [
      component('a', object({}), object({ lat: number, lon: number })),
      component('b', object({}), object({ lon: number })),
      component('c', object({ lat: number, lon: number, unit: text })),
      component('d', object({}), object({ unit: text })),
    ];
    const plan = { steps: [step('a'), step('b', ['a']), step('c', ['b']), step('d')] };
    const { plan: mended, repairs } = wireMissingInputs(plan, offered);
    expect(mended.steps[2]?.inputs).toEqual({ lat: '${steps.a.output.lat}' });
    expect(repairs).toMatchObject([
      { code: 'PARAM_MISSING', severity: 'warning', step: 'c', path: 'steps.2.inputs.lat' },
    ]);
    expect(plan.steps[2]?.inputs).toEqual({});
  });

  it('adds nothing that is optional or already given', () => {
    const offered = [
      component('geo', object({}), object({ lat: number, unit: text })),
      component('weather', object({ lat: number, unit: text }, ['lat'])),
    ];
    const plan = { steps: [step('geo'), step('weather', ['geo'], { inputs: { lat: 1 } })] };
    expect(wireMissingInputs(plan, offered)).toEqual({ plan, repairs: [] });
  });

  it('makes a plan that is valid and names a step with spaces as expressions need it', () => {
    const offered = [
      component('geo', object({}), object({ lat: number })),
      component('weather', object({ lat: number })),
    ];
    const plan = { steps: [step('find place', [], { component: 'geo' }), step('weather', ['find place'])] };
    const mended = wireMissingInputs(plan, offered).plan;
    expect(mended.steps[1]?.inputs).toEqual({ lat: "${steps['find place'].output.lat}" });
    expect(validatePlan(mended, offered)).toMatchObject({ ok: true, diagnostics: [] });
  });
});

describe('late binding', () => {
  const offered = [component('geo', object({})), component('weather', object({ lat: number }))];
  const plan = { steps: [step('geo'), step('weather', ['geo'])] };

  it('lets a parameter be missing only when asked, and only where no schema rules it out', () => {
    expect(validatePlan(plan, offered)).toMatchObject({ ok: false, diagnostics: [{ code: 'PARAM_MISSING' }] });
    expect(validatePlan(plan, offered, { allowLateBinding: true })).toMatchObject({
      ok: true,
      diagnostics: [{ code: 'PARAM_MISSING', severity: 'warning' }],
    });
    const described = [component('geo', object({}), object({ city: text })), ...offered.slice(1)];
    expect(validatePlan(plan, described, { allowLateBinding: true }).ok).toBe(false);
    const alone = { steps: [step('weather')] };
    expect(validatePlan(alone, offered, { allowLateBinding: true }).ok).toBe(false);
  });
});
