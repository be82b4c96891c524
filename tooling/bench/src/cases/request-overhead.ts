/**
 * Everything but the model: from a request to a proved plan, with 200 and with 10,000 registered capabilities.
 *
 * @module
 */
import { type AIClient, type AIRequest, type ComponentInfo, LocalDiscovery, unconfiguredAIClient } from '@gomind/core';
import { basicRouter, ComponentCatalog, createPlanner, createSearchCapabilityProvider } from '@gomind/orchestration';
import type { BenchCase } from '../bench-case.ts';
import { type BenchRow, measure, type Variant } from '../measure.ts';

const requestsPerRound = 50;
const request = 'Find the cheapest flight from Paris to Rome on Friday and convert its price to dollars';
const plan = JSON.stringify({
  steps: [
    { name: 'flights', component: 'flight-tool-0', action: 'find_flight', inputs: { place: 'Rome' }, depends_on: [] },
    {
      name: 'convert',
      component: 'currency-tool-1',
      action: 'convert_currency',
      inputs: { place: '${steps.flights.output.name}' },
      depends_on: ['flights'],
    },
  ],
});

export const benchCase: BenchCase = {
  summary: `${String(requestsPerRound)} requests to a proved plan with a scripted model; the time promised for one request is 3 ms, so 150 ms a round`,
  run: async (): Promise<readonly BenchRow[]> => {
    const offers = new Map<string, Planned>();
    for (const count of [50, 100, 200, 10_000]) offers.set(String(count), await planned(count));
    for (const [count, { promptCharacters, everythingCharacters }] of offers) {
      const share = Math.round((100 * promptCharacters) / everythingCharacters);
      console.log(
        `prompt with ${count} capabilities: ${String(promptCharacters)} characters, ${String(share)} % of offering all`,
      );
    }
    const variants: Record<string, Variant> = {
      '200 capabilities': offers.get('200')?.run ?? (() => undefined),
      '10,000 capabilities': offers.get('10000')?.run ?? (() => undefined),
      '200 capabilities, basic router': routed(200),
    };
    const rows = await measure(variants, { baseline: '200 capabilities', rounds: 15, warmupRounds: 3 });
    for (const { name, medianMs } of rows)
      console.log(`one request with ${name}: ${(medianMs / requestsPerRound).toFixed(3)} ms`);
    return rows.map((row) =>
      row.name === '200 capabilities' ? { ...row, time: { boundMs: 3, per: requestsPerRound } } : row,
    );
  },
};

/** The same request planned without a model, over everything that is on offer. */
function routed(capabilities: number): Variant {
  const offered = componentsOf(capabilities / 5);
  return () => {
    for (let count = 0; count < requestsPerRound; count++) {
      if (!basicRouter(request, offered).ok) throw new Error('The basic router finds no plan');
    }
  };
}

interface Planned {
  readonly run: Variant;
  readonly promptCharacters: number;
  readonly everythingCharacters: number;
}

async function planned(capabilities: number): Promise<Planned> {
  let last: AIRequest | undefined;
  const aiClient: AIClient = {
    ...unconfiguredAIClient,
    isConfigured: true,
    generate: (asked) => {
      last = asked;
      return Promise.resolve({
        content: plan,
        model: 'scripted',
        provider: 'scripted',
        usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
        finishReason: 'stop',
      });
    },
  };
  const discovery = new LocalDiscovery();
  for (const component of componentsOf(capabilities / 5)) await discovery.register(component);
  const catalog = new ComponentCatalog({ discovery });
  await catalog.start();
  const components = catalog.components();
  await catalog.close();
  const provider = createSearchCapabilityProvider({ components });
  // As in an orchestrator: what the search left out is found by its name.
  const byName = new Map(components.map((component) => [component.name, component]));
  const planner = createPlanner({ aiClient, lookup: (name) => byName.get(name) });
  const once = async (offered: readonly ComponentInfo[]): Promise<number> => {
    const result = await planner.plan(request, offered);
    if (!result.ok) throw new Error(result.reason);
    return (last?.messages ?? []).reduce((sum, { content }) => sum + content.length, 0);
  };
  return {
    promptCharacters: await once(await provider.offer(request)),
    everythingCharacters: await once(components),
    run: async () => {
      for (let count = 0; count < requestsPerRound; count++) await once(await provider.offer(request));
    },
  };
}

const words = ['flight', 'currency', 'hotel', 'weather', 'stock', 'news', 'recipe', 'map', 'music', 'movie'];
const verbs = ['get', 'find', 'convert', 'compare', 'list'];

function componentsOf(count: number): ComponentInfo[] {
  return Array.from({ length: count }, (_, at) => {
    const word = words[at % words.length] ?? '';
    return {
      id: `${word}-${String(at)}`,
      name: `${word}-tool-${String(at)}`,
      type: 'tool',
      description: `Everything about ${word} in region ${String(at)}`,
      address: '127.0.0.1',
      port: 1,
      capabilities: verbs.map((verb) => ({
        name: `${verb}_${word}`,
        description: `${verb} the ${word} that was asked for in region ${String(at)}. It needs a place, and a day for the price.`,
        inputSchema: {
          type: 'object',
          properties: {
            place: { type: 'string', description: `Where the ${word} is looked for, as a city or an address` },
            day: { type: 'string', format: 'date', description: 'The day, in the local time of the place' },
            limit: { type: 'integer', minimum: 1, maximum: 100, description: 'How many results at most' },
          },
          required: ['place'],
          additionalProperties: false,
        },
        outputSchema: {
          type: 'object',
          properties: { name: { type: 'string' }, price: { type: 'number' }, currency: { type: 'string' } },
          required: ['name', 'price', 'currency'],
        },
      })),
    };
  });
}
