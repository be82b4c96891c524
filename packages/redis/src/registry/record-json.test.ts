import type { Capability, ComponentInfo } from '@gomind/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord, normalComponent } from './record-json.ts';

const nameText = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((text) => text.trim() !== '' && !/\p{Cc}/u.test(text) && text.length <= 128);
const schema = fc.record({
  type: fc.constant('object'),
  properties: fc.dictionary(fc.string(), fc.record({ type: fc.constantFrom('string', 'number') })),
});
const capability = fc.record(
  {
    name: nameText,
    description: fc.string(),
    inputSchema: schema,
    outputSchema: schema,
    effect: fc.constantFrom('pure', 'idempotent', 'compensable', 'irreversible'),
    internal: fc.constant(true),
    tags: fc.array(fc.string()),
    endpoint: fc.webPath().filter((path) => path !== ''),
  },
  { requiredKeys: ['name', 'description'] },
) as fc.Arbitrary<Capability>;
const component = fc.record(
  {
    id: nameText,
    name: nameText,
    type: fc.constantFrom('tool', 'agent'),
    description: fc.string(),
    address: fc.domain(),
    port: fc.integer({ min: 0, max: 65_535 }),
    capabilities: fc.array(capability, { maxLength: 5 }),
    metadata: fc.dictionary(fc.string(), fc.string(), { minKeys: 1, noNullPrototype: true }),
    health: fc.constantFrom('healthy', 'degraded', 'unhealthy', 'unknown'),
  },
  { requiredKeys: ['id', 'name', 'type', 'description', 'address', 'port', 'capabilities', 'health'] },
) as fc.Arbitrary<ComponentInfo>;

const lastSeen = '2026-01-02T03:04:05.678Z';

describe('a registry record', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(component, (original) => {
        const read = decodeRecord(encodeRecord(normalComponent(original), lastSeen), original.id);
        const expected = { ...original, lastSeen };
        // What stands for nothing is left out: an endpoint that is the default one.
        const capabilities = original.capabilities.map(({ endpoint, ...rest }) =>
          endpoint === undefined || endpoint === `/api/capabilities/${encodeURIComponent(rest.name)}`
            ? rest
            : { ...rest, endpoint },
        );
        expect(read).toEqual({ component: { ...expected, capabilities } });
      }),
      { numRuns: 300 },
    );
  });

  it('of any text or JSON is read or refused with a reason, never a crash', () => {
    const fields = fc.record(
      {
        id: fc.constant('x'),
        name: fc.oneof(fc.constant('n'), fc.jsonValue()),
        type: fc.oneof(fc.constantFrom('tool', 'agent'), fc.jsonValue()),
        description: fc.jsonValue(),
        address: fc.oneof(fc.constant('h'), fc.jsonValue()),
        port: fc.oneof(fc.constant(80), fc.jsonValue()),
        capabilities: fc.oneof(
          fc.array(
            fc.record({
              name: fc.oneof(fc.constant('c'), fc.jsonValue()),
              input_summary: fc.jsonValue(),
              input_schema: fc.jsonValue(),
              tags: fc.jsonValue(),
              endpoint: fc.jsonValue(),
            }),
          ),
          fc.jsonValue(),
        ),
        metadata: fc.jsonValue(),
        health: fc.jsonValue(),
        last_seen: fc.jsonValue(),
      },
      { requiredKeys: ['id'] },
    );
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fields.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const { component: found, problem } = decodeRecord(text, 'x');
        if (found === undefined) expect(problem).not.toBe('');
        else expect(() => normalComponent(found)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it('is refused at the door when it is no JSON or too large', () => {
    const base: ComponentInfo = {
      id: 'i',
      name: 'n',
      type: 'tool',
      description: 'd',
      address: 'h',
      port: 1,
      capabilities: [],
    };
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(() =>
      normalComponent({ ...base, capabilities: [{ name: 'c', description: 'd', inputSchema: circular }] }),
    ).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(() => normalComponent({ ...base, description: 'x'.repeat(2_000_000) })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('1048576') as string }),
    );
    expect(decodeRecord('x'.repeat(2_000_000), 'i').problem).toContain('1048576');
  });
});
