import type { ComponentInfo } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import { createSearchCapabilityProvider } from '../capabilities/search-capability-provider.ts';
import { planningData, systemMessage } from './planning-prompt.ts';

const request = 'Find the cheapest flight from Paris to Rome on Friday and convert its price to dollars';
const subjects = ['flight', 'currency', 'hotel', 'weather', 'stock', 'news', 'recipe', 'map', 'music', 'movie'];
const verbs = ['get', 'find', 'convert', 'compare', 'list'];

/** Five capabilities a component; every one has words of the request, so a search cannot leave them out for having none. */
function componentsWith(capabilities: number): ComponentInfo[] {
  return Array.from({ length: capabilities / verbs.length }, (_, at) => {
    const subject = subjects[at % subjects.length] ?? '';
    return {
      id: `${subject}-${String(at)}`,
      name: `${subject}-tool-${String(at)}`,
      type: 'tool',
      description: `Everything about ${subject} in region ${String(at)}`,
      address: '127.0.0.1',
      port: 1,
      capabilities: verbs.map((verb) => ({
        name: `${verb}_${subject}`,
        description: `${verb} the ${subject} that was asked for, cheapest first, with its price on a day such as Friday.`,
        inputSchema: {
          type: 'object',
          properties: {
            place: { type: 'string', description: `Where the ${subject} is looked for, as a city or an address` },
            day: { type: 'string', format: 'date', description: 'The day, in the local time of the place' },
            limit: { type: 'integer', minimum: 1, maximum: 100, description: 'How many results at most' },
          },
          required: ['place'],
          additionalProperties: false,
        },
        outputSchema: {
          type: 'object',
          properties: {
            name: { type: 'string', description: `What the ${subject} is called` },
            price: { type: 'number', description: 'Price in the currency of the place' },
          },
        },
      })),
    };
  });
}

/** Characters of the whole prompt, which tokens follow: system message, capabilities and request. */
function promptSize(offered: readonly ComponentInfo[]): number {
  return systemMessage().length + planningData(request, offered, { now: '2026-11-30T12:00:00Z' }).length;
}

async function sizeWith(capabilities: number): Promise<number> {
  return promptSize(await createSearchCapabilityProvider({ components: componentsWith(capabilities) }).offer(request));
}

describe('the size of the planning prompt', () => {
  it('is 60 % smaller than offering everything, from 50 capabilities on', async () => {
    for (const count of [50, 100, 500]) {
      expect(await sizeWith(count)).toBeLessThanOrEqual(0.4 * promptSize(componentsWith(count)));
    }
  });

  it('is the same with 100 and with 10,000 capabilities, within 20 %', async () => {
    const [few, many] = [await sizeWith(100), await sizeWith(10_000)];
    expect(Math.abs(many - few) / few).toBeLessThan(0.2);
  });

  it('grows with what the application asks for', async () => {
    const offeredBy = async (topK?: number): Promise<number> => {
      const components = componentsWith(50);
      const provider = createSearchCapabilityProvider({ components, ...(topK === undefined ? {} : { topK }) });
      return (await provider.offer(request)).reduce((sum, { capabilities }) => sum + capabilities.length, 0);
    };
    expect(await offeredBy()).toBe(17);
    expect(await offeredBy(20)).toBe(20);
    expect(await offeredBy(40)).toBe(40);
  });
});
