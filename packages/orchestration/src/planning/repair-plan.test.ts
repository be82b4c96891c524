import type { ComponentInfo } from '@gomind/core';
import { createScriptedAIClient } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import type { RunEventBody } from '../plan/events/run-event.ts';
import { createPlanner } from './planner.ts';

describe('a planner mends by rules, without another question,', () => {
  const schema = (properties: Record<string, { type: string }>) => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
  });
  const places: ComponentInfo[] = ['geo', 'weather'].map((name) => ({
    id: name,
    name,
    type: 'tool',
    description: '',
    address: '127.0.0.1',
    port: 1,
    capabilities: [
      name === 'geo'
        ? { name: 'act', description: '', inputSchema: schema({}), outputSchema: schema({ lat: { type: 'number' } }) }
        : { name: 'act', description: '', inputSchema: schema({ lat: { type: 'number' } }) },
    ],
  }));
  const geo = { name: 'geo', component: 'geo', action: 'act', inputs: {}, depends_on: [] };
  const weather = { ...geo, name: 'weather', component: 'weather' };

  it.each([
    ['a missing parameter that one output fits', { depends_on: ['geo'] }, 'PARAM_MISSING', '${steps.geo.output.lat}'],
    [
      'a dependency that a reference implies',
      { inputs: { lat: '${steps.geo.output.lat}' } },
      'UNDECLARED_REFERENCE',
      '${steps.geo.output.lat}',
    ],
    ['a literal of the wrong type', { inputs: { lat: '48.85' } }, 'PARAM_TYPE', 48.85],
  ])('%s, and says so', async (_what, change, code, lat) => {
    const aiClient = createScriptedAIClient([JSON.stringify({ steps: [geo, { ...weather, ...change }] })]);
    const events: RunEventBody[] = [];
    const result = await createPlanner({ aiClient }).plan('Weather?', places, {
      emit: (event) => events.push(event),
    });
    expect(result).toMatchObject({ ok: true, plan: { steps: [{}, { inputs: { lat } }] } });
    expect(events).toMatchObject([
      { type: 'tokens' },
      { type: 'plan.repaired', by: 'rules', diagnostics: [{ code, severity: 'warning', step: 'weather' }] },
    ]);
    expect(aiClient.calls).toHaveLength(1);
  });

  it('but not a dependency that would close a circle', async () => {
    const circular = { ...geo, inputs: { x: '${steps.weather.output}' } };
    const reply = JSON.stringify({ steps: [circular, { ...weather, inputs: { lat: 1 }, depends_on: ['geo'] }] });
    const planner = createPlanner({ aiClient: createScriptedAIClient([reply, reply]) });
    await expect(planner.plan('Weather?', places)).rejects.toMatchObject({ code: 'PLAN_REJECTED' });
  });
});
