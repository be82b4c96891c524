import type { Capability, ComponentInfo, JsonSchema } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import { findStandIn, type WantedCapability } from './find-stand-in.ts';

const inputSchema: JsonSchema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const outputSchema: JsonSchema = {
  type: 'object',
  properties: { degrees: { type: 'number' } },
  required: ['degrees'],
};
const forecast: Capability = { name: 'forecast', description: '', effect: 'pure', inputSchema, outputSchema };

const component = (name: string, capability: Partial<Capability> = {}): ComponentInfo => ({
  id: name,
  name,
  type: 'tool',
  description: '',
  address: '127.0.0.1',
  port: 1,
  capabilities: [{ ...forecast, ...capability }],
});

const wanted: WantedCapability = {
  tried: new Set(['weather']),
  action: 'forecast',
  capability: forecast,
  effect: 'pure',
  inputs: { city: 'Oslo' },
};

describe('a stand-in', () => {
  it('has a capability of the same name with a schema that fits', () => {
    const offered = [component('weather'), component('other', { name: 'time' }), component('backup')];
    expect(findStandIn(offered, wanted)?.name).toBe('backup');
  });

  it.each<readonly [string, Partial<Capability>]>([
    ['does more to the world', { effect: 'idempotent' }],
    ['is internal', { internal: true }],
    ['asks for other inputs', { inputSchema: { ...inputSchema, required: ['city', 'day'] } }],
    ['does not know the inputs', { inputSchema: { type: 'object', properties: {}, additionalProperties: false } }],
    ['promises another type', { outputSchema: { ...outputSchema, properties: { degrees: { type: 'string' } } } }],
    ['promises less', { outputSchema: { type: 'object', properties: { degrees: { type: 'number' } } } }],
    ['has a schema that cannot be used', { inputSchema: 7 as unknown as JsonSchema }],
  ])('is nobody who %s', (_name, capability) => {
    expect(findStandIn([component('backup', capability)], wanted)).toBeUndefined();
  });

  it.each(['inputSchema', 'outputSchema'] as const)('is nobody without the %s', (key) => {
    const { [key]: _left, ...rest } = forecast;
    expect(findStandIn([{ ...component('backup'), capabilities: [rest] }], wanted)).toBeUndefined();
  });
});
