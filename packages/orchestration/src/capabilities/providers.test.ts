import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ComponentInfo, GomindError, LocalDiscovery } from '@gomind/core';
import {
  createFakeClock,
  createRecordingLogger,
  createRecordingTelemetry,
  createScriptedAIClient,
} from '@gomind/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEventBody } from '../plan/events/run-event.ts';
import {
  type CapabilityProvider,
  createAutomaticCapabilityProvider,
  createDefaultCapabilityProvider,
} from './capability-provider.ts';
import { ComponentCatalog } from './component-catalog.ts';
import { createSearchCapabilityProvider } from './search-capability-provider.ts';
import { createServiceCapabilityProvider } from './service-capability-provider.ts';
import { createTieredCapabilityProvider } from './tiered-capability-provider.ts';

const words = ['weather', 'currency', 'flight', 'hotel', 'stock', 'news', 'recipe', 'map', 'music', 'movie'];

/** Components of five capabilities each, the last one internal. */
function componentsOf(count: number): ComponentInfo[] {
  return Array.from({ length: count }, (_, at) => {
    const word = `${words[at % words.length] ?? ''}${at < words.length ? '' : String(at)}`;
    return {
      id: `${word}-1`,
      name: `${word}-tool`,
      type: 'tool',
      description: `Everything about ${word}`,
      address: '127.0.0.1',
      port: 1,
      capabilities: ['get', 'list', 'find', 'compare', 'purge'].map((verb) => ({
        name: `${verb}_${word}`,
        description: `${verb} the ${word} that was asked for. It needs a place and a day. It never fails.`,
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
          properties: {
            results: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
          },
        },
        ...(verb === 'purge' ? { internal: true } : {}),
      })),
    };
  });
}

const idsOf = (offered: readonly ComponentInfo[]): string[] =>
  offered.flatMap(({ name, capabilities }) => capabilities.map((capability) => `${name}/${capability.name}`));

async function catalogOf(components: readonly ComponentInfo[]): Promise<ComponentCatalog> {
  const discovery = new LocalDiscovery();
  for (const component of components) await discovery.register(component);
  const catalog = new ComponentCatalog({ discovery, refreshIntervalMs: 3_600_000 });
  await catalog.start();
  return catalog;
}

interface Service {
  readonly url: string;
  readonly questions: { readonly path: string; readonly body: Record<string, unknown> }[];
  reply: (index: number) => { readonly status?: number; readonly body: string };
}

let server: Server;
let service: Service;
let catalog: ComponentCatalog;

beforeEach(async () => {
  catalog = await catalogOf(componentsOf(10));
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      service.questions.push({ path: request.url ?? '', body: JSON.parse(text) as Record<string, unknown> });
      const { status = 200, body } = service.reply(service.questions.length - 1);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  service = {
    url: `http://127.0.0.1:${String(port)}`,
    questions: [],
    reply: () => ({ body: answer('currency-tool', 'get_currency') }),
  };
});

afterEach(async () => {
  await catalog.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const answer = (component: string, capability: string): string =>
  JSON.stringify({ capabilities: [{ component, capability, score: 0.9 }], total: 1 });
const choice = (...ids: string[]): string => JSON.stringify({ capabilities: ids });

type Makes = (components: ComponentCatalog) => CapabilityProvider;
const search: Makes = (components) => createSearchCapabilityProvider({ components });
const serviceProvider: Makes = (components) =>
  createServiceCapabilityProvider({ url: service.url, components, fallback: search(components) });

describe.each<[string, Makes]>([
  ['all', (components) => createDefaultCapabilityProvider(components)],
  ['search', search],
  [
    'search with vectors',
    (components) =>
      createSearchCapabilityProvider({
        components,
        threshold: 0.1,
        embed: async (texts) => (await createScriptedAIClient([]).embed({ values: texts })).embeddings,
      }),
  ],
  [
    'tiered',
    (components) =>
      createTieredCapabilityProvider({
        components,
        aiClient: createScriptedAIClient(choice('currency-tool/get_currency')),
      }),
  ],
  ['service', serviceProvider],
  [
    'automatic',
    (components) => createAutomaticCapabilityProvider(components, { minTools: 20, many: search(components) }),
  ],
])('every provider: %s', (_name, make) => {
  it('offers what fits, from what is registered, without internal capabilities and without changing a record', async () => {
    const before = structuredClone(catalog.components());
    const offered = await make(catalog).offer('get the currency rate');
    expect(idsOf(offered)).toContain('currency-tool/get_currency');
    for (const component of offered) {
      const registered = catalog.instances(component.name)[0];
      for (const capability of component.capabilities) {
        expect(capability.internal).not.toBe(true);
        expect(registered?.capabilities).toContainEqual(capability);
      }
    }
    expect(new Set(idsOf(offered)).size).toBe(idsOf(offered).length);
    expect(catalog.components()).toEqual(before);
  });

  it('offers something for words that nothing has, so that a planner can say that it does not fit', async () => {
    service.reply = () => ({ body: '{"capabilities": [], "total": 0}' });
    expect((await make(catalog).offer('xyzzy')).length).toBeGreaterThan(0);
  });

  it('offers nothing when nothing is registered', async () => {
    const empty = await catalogOf([]);
    expect(await make(empty).offer('anything')).toEqual([]);
    await empty.close();
  });

  it('has a name for metrics', () => {
    expect(make(catalog).name).toMatch(/^[a-z]+$/);
  });
});

describe('the tiered provider', () => {
  it('offers all, without asking, while there are few', async () => {
    const aiClient = createScriptedAIClient([]);
    const provider = createTieredCapabilityProvider({ components: componentsOf(4), aiClient });
    expect(idsOf(await provider.offer('anything'))).toHaveLength(16);
    expect(aiClient.calls).toHaveLength(0);
  });

  it('shows summaries, not schemas, and offers what was chosen in full', async () => {
    const ids = ['weather-tool/get_weather', 'invented/thing', 'MAP-tool/find_map', 'map-tool/purge_map'];
    const aiClient = createScriptedAIClient(`\`\`\`json\n${JSON.stringify(ids)}\n\`\`\``);
    const events: RunEventBody[] = [];
    const offered = await createTieredCapabilityProvider({ components: catalog, aiClient }).offer(
      'Weather on the way',
      {
        emit: (event) => events.push(event),
      },
    );
    expect(idsOf(offered)).toEqual(['weather-tool/get_weather', 'map-tool/find_map']);
    expect(offered[0]?.capabilities[0]?.inputSchema).toBeDefined();
    expect(JSON.stringify(aiClient.calls[0]?.messages)).not.toMatch(/additionalProperties|purge_|never fails/);
    expect(events).toMatchObject([{ type: 'tokens', purpose: 'selection' }]);
  });

  it('saves at least 60 % of the tokens at 50 tools, and records how many', async () => {
    const telemetry = createRecordingTelemetry();
    const components = componentsOf(13).slice(0, 13);
    const aiClient = createScriptedAIClient(
      choice('weather-tool/get_weather', 'hotel-tool/get_hotel', 'flight-tool/find_flight'),
    );
    const provider = createTieredCapabilityProvider({ components, aiClient, telemetry });
    const offered = await provider.offer('A weekend by the sea');
    const everything = JSON.stringify(
      await createTieredCapabilityProvider({ components, aiClient, minTools: 1_000 }).offer(''),
    );
    const asked = JSON.stringify(aiClient.calls[0]?.messages).length;
    expect((asked + JSON.stringify(offered).length) / everything.length).toBeLessThan(0.4);
    const saved = telemetry.metrics.find(({ name }) => name === 'orchestrator.capabilities.tokens_saved');
    expect(saved?.value).toBeGreaterThan(1_000);
  });

  it('asks about the same number of tools at 100 and at 10,000', async () => {
    const sizes: number[] = [];
    for (const count of [25, 2_500]) {
      const aiClient = createScriptedAIClient(choice('weather-tool/get_weather'));
      await createTieredCapabilityProvider({ components: componentsOf(count), aiClient }).offer('weather');
      sizes.push(JSON.stringify(aiClient.calls[0]?.messages).length);
    }
    expect((sizes[1] ?? 0) / (sizes[0] ?? 1)).toBeLessThan(1.2);
  });

  it.each<[string, Parameters<typeof createScriptedAIClient>[0]]>([
    ['nothing', '{"capabilities": []}'],
    ['only what does not exist', choice('invented/thing')],
    ['no JSON', 'I would take the weather tool.'],
    ['a cut-off answer', { content: choice('weather-tool/get_weather'), finishReason: 'length' }],
    ['an error', new GomindError({ code: 'MODEL_AUTH', message: 'denied' })],
  ])('lets a search choose when the model says %s', async (_what, reply) => {
    const aiClient = createScriptedAIClient(reply);
    const offered = await createTieredCapabilityProvider({ components: catalog, aiClient }).offer('find music');
    expect(idsOf(offered)[0]).toBe('music-tool/find_music');
    expect(aiClient.calls).toHaveLength(1);
  });

  it('passes on a cancellation', async () => {
    const provider = createTieredCapabilityProvider({ components: catalog, aiClient: createScriptedAIClient('{}') });
    await expect(provider.offer('weather', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('the search with vectors', () => {
  const embed = async (texts: readonly string[]): Promise<readonly (readonly number[])[]> =>
    Promise.resolve(
      texts.map((text) => (/music|tune/i.test(text) ? [1, 0, 0] : /news/i.test(text) ? [0, 1, 0] : [0, 0, 1])),
    );

  it('finds what is meant beside what is said, and cuts by cosine what only the vectors find', async () => {
    const provider = createSearchCapabilityProvider({ components: catalog, embed });
    const found = await provider.search('a tune about the weather', { topK: 40 });
    const components = new Set(found.map(({ component }) => component));
    expect(components).toEqual(new Set(['music-tool', 'weather-tool']));
    const close = await provider.search('a tune', { topK: 3, threshold: 0.99 });
    expect(close.map(({ component }) => component)).toEqual(['music-tool', 'music-tool', 'music-tool']);
    await expect(provider.search('a tune', { threshold: 7 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('makes each vector once, also for searches at the same time and after the catalog grew', async () => {
    const embedded: string[] = [];
    const discovery = new LocalDiscovery();
    for (const component of componentsOf(3)) await discovery.register(component);
    const growing = new ComponentCatalog({ discovery });
    await growing.start();
    const provider = createSearchCapabilityProvider({
      components: growing,
      embed: (texts) => {
        embedded.push(...texts);
        return embed(texts);
      },
    });
    await Promise.all([provider.search('one'), provider.search('two')]);
    for (const component of componentsOf(4)) await discovery.register(component);
    await growing.refresh();
    await provider.search('three');
    const counts = embedded.filter((text) => text.includes(':'));
    expect(counts).toHaveLength(16);
    expect(new Set(counts).size).toBe(16);
    await growing.close();
  });

  it.each<[string, () => Promise<number[][]>]>([
    ['fails', () => Promise.reject(new Error('no embedding model'))],
    ['returns too few vectors', () => Promise.resolve([])],
  ])('searches by words when the model %s', async (_what, broken) => {
    const logger = createRecordingLogger();
    const provider = createSearchCapabilityProvider({ components: catalog, embed: broken, logger });
    expect(idsOf(await provider.offer('find music'))[0]).toBe('music-tool/find_music');
    expect(logger.records).toMatchObject([{ level: 'warn' }]);
  });
});

describe('the service provider', () => {
  it('asks as the contract says', async () => {
    await createServiceCapabilityProvider({
      url: `${service.url}/`,
      components: catalog,
      fallback: search(catalog),
      topK: 7,
      threshold: 0.5,
    }).offer('rates', { metadata: { tenant: 'a', priority: 'high', api_key: 'k-123456' } });
    expect(service.questions).toEqual([
      {
        path: '/search',
        body: {
          query: 'rates',
          top_k: 7,
          threshold: 0.5,
          metadata: { tenant: 'a', priority: 'high', api_key: '[redacted]' },
        },
      },
    ]);
  });

  it('reads the text that the Go original answers with', async () => {
    const provider = createServiceCapabilityProvider({
      url: service.url,
      path: '/capabilities',
      components: catalog,
      fallback: search(catalog),
    });
    service.reply = () => ({
      body: JSON.stringify({
        capabilities: 'Agent: Map-Tool\n  - find_map',
        agent_names: ['Map-Tool'],
        agents_found: 1,
      }),
    });
    expect(idsOf(await provider.offer('maps'))).toEqual(
      ['get', 'list', 'find', 'compare'].map((verb) => `map-tool/${verb}_map`),
    );
    service.reply = () => ({ body: JSON.stringify({ capabilities: 'Use news-tool for this' }) });
    expect((await provider.offer('news')).map(({ name }) => name)).toEqual(['news-tool']);
    expect(service.questions[0]?.path).toBe('/capabilities');
  });

  it('tries four times in all, then falls back, and counts that as one failure of five', async () => {
    const clock = createFakeClock();
    const logger = createRecordingLogger();
    const telemetry = createRecordingTelemetry();
    const provider = createServiceCapabilityProvider({
      url: service.url,
      components: catalog,
      fallback: search(catalog),
      ...{ clock, logger, telemetry },
    });
    service.reply = () => ({ status: 503, body: 'busy' });
    const offer = async (): Promise<string | undefined> => {
      let ids: string[] | undefined;
      const done = provider.offer('find music').then((offered) => (ids = idsOf(offered)));
      await expect
        .poll(async () => {
          await clock.advance(10_000);
          return ids;
        })
        .toBeDefined();
      await done;
      return ids?.[0];
    };
    for (let request = 1; request <= 5; request++) {
      expect(await offer()).toBe('music-tool/find_music');
      expect(service.questions).toHaveLength(4 * request);
    }
    // The breaker is open now: the service is left alone.
    expect(idsOf(await provider.offer('find music'))[0]).toBe('music-tool/find_music');
    expect(service.questions).toHaveLength(20);
    const refused = telemetry.metrics.filter(({ name }) => name === 'gomind.circuit_breaker.rejections');
    expect(refused).toMatchObject([{ value: 1, attributes: { name: 'capability-service' } }]);
    service.reply = () => ({ body: answer('news-tool', 'get_news') });
    await clock.advance(30_000);
    expect(idsOf(await provider.offer('find music'))).toEqual(['news-tool/get_news']);
  });

  it.each([
    ['refuses', 400, '{"error": "bad"}'],
    ['answers with something else', 404, 'not found'],
  ])('does not ask again when the service %s', async (_what, status, body) => {
    service.reply = () => ({ status, body });
    expect(idsOf(await serviceProvider(catalog).offer('find music'))[0]).toBe('music-tool/find_music');
    expect(service.questions).toHaveLength(1);
  });

  it('offers nothing that is not registered, whatever the service says', async () => {
    service.reply = () => ({ body: answer('evil-tool', 'steal') });
    const offered = await serviceProvider(catalog).offer('find music');
    expect(offered.map(({ name }) => name)).not.toContain('evil-tool');
    service.reply = () => ({ body: answer('music-tool', 'purge_music') });
    expect(idsOf(await serviceProvider(catalog).offer('find music'))).not.toContain('music-tool/purge_music');
  });

  it('refuses an address that is none', () => {
    const options = { components: catalog, fallback: search(catalog) };
    for (const url of ['', 'capabilities:8080', 'file:///etc/passwd']) {
      expect(() => createServiceCapabilityProvider({ ...options, url })).toThrow(/GOMIND_CAPABILITY_SERVICE_URL/);
    }
  });
});
