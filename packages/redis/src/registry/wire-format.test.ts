import type { ComponentInfo } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import type { Redis } from 'ioredis';
import { beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { aComponent, bareClient, freshNamespace, keysOf, silentLogger, until } from '../../test/redis-fixture.ts';
import { RedisDiscovery, type RedisDiscoveryOptions } from './redis-discovery.ts';
import { replaceScript, sweepScript } from './registry-scripts.ts';

const url = inject('redisUrl');
let namespace = '';
let bare: Redis;

beforeEach(() => {
  namespace = freshNamespace();
  const client = bareClient(url);
  bare = client;
  return async () => {
    const keys = await keysOf(client, namespace);
    if (keys.length > 0) await client.del(...keys);
    client.disconnect();
  };
});

function discover(options: RedisDiscoveryOptions = {}): RedisDiscovery {
  const discovery = new RedisDiscovery({ url, namespace, logger: silentLogger, ...options });
  onTestFinished(() => discovery.close());
  return discovery;
}

/** A record as the Go original writes it: no schemas, nanoseconds, a time zone, lists that may be null. */
function goRecord(id: string, overrides: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    id,
    name: 'stock-service',
    type: 'tool',
    description: '',
    address: 'stock-service.default.svc.cluster.local',
    port: 80,
    capabilities: [
      {
        name: 'stock_quote',
        description: 'Price of a share right now',
        endpoint: '/api/capabilities/stock_quote',
        input_types: ['json'],
        output_types: ['json'],
        input_summary: {
          required: [{ name: 'symbol', type: 'string', example: 'AAPL', description: 'Ticker symbol' }],
          optional: [{ name: 'days', type: 'number' }],
        },
        schema_endpoint: '/api/capabilities/stock_quote/schema',
      },
      { name: 'selfcheck', description: 'For operators', endpoint: '/internal/selfcheck', internal: true },
    ],
    metadata: { namespace: 'default', container_port: '8080', replicas: 3, note: null },
    health: 'healthy',
    last_seen: '2026-03-04T10:20:30.123456789+02:00',
    ...overrides,
  });
}

async function writeAsGo(id: string, text: string, name = 'stock-service', capability = 'stock_quote'): Promise<void> {
  await bare.set(`${namespace}:services:${id}`, text, 'EX', 30);
  for (const index of [`types:tool`, `names:${name}`, `capabilities:${capability}`]) {
    await bare.sadd(`${namespace}:${index}`, id);
    await bare.expire(`${namespace}:${index}`, 60);
  }
}

describe('what a registration writes', () => {
  it('is the record and the three kinds of sets, byte for byte, and nothing else', async () => {
    const discovery = discover();
    const before = Date.now();
    await discovery.register(
      aComponent('w1', {
        capabilities: [
          {
            name: 'forecast',
            description: 'Tell the weather',
            inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
            effect: 'pure',
            tags: ['rain'],
          },
        ],
        metadata: { region: 'eu' },
        health: 'healthy',
      }),
    );
    expect(await keysOf(bare, namespace)).toEqual([
      `${namespace}:capabilities:forecast`,
      `${namespace}:names:weather-tool`,
      `${namespace}:services:w1`,
      `${namespace}:types:tool`,
    ]);
    const text = (await bare.get(`${namespace}:services:w1`)) ?? '';
    const lastSeen = (JSON.parse(text) as { last_seen: string }).last_seen;
    expect(text).toBe(
      '{"id":"w1","name":"weather-tool","type":"tool","description":"Weather of today","address":"127.0.0.1","port":8080,' +
        '"capabilities":[{"name":"forecast","description":"Tell the weather","endpoint":"/api/capabilities/forecast",' +
        '"input_types":[],"output_types":[],"input_summary":{"required":[{"name":"city","type":"string"}],"optional":[]},' +
        '"schema_endpoint":"/api/capabilities/forecast/schema",' +
        '"input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"effect":"pure","tags":["rain"]}],' +
        `"metadata":{"region":"eu"},"health":"healthy","last_seen":"${lastSeen}"}`,
    );
    expect(lastSeen).toBe(new Date(lastSeen).toISOString());
    expect(Date.parse(lastSeen)).toBeGreaterThanOrEqual(before);
    for (const index of ['capabilities:forecast', 'names:weather-tool', 'types:tool']) {
      expect(await bare.smembers(`${namespace}:${index}`)).toEqual(['w1']);
      expect(await bare.pttl(`${namespace}:${index}`)).toBeGreaterThan(55_000);
    }
    const ttl = await bare.pttl(`${namespace}:services:w1`);
    expect(ttl).toBeGreaterThan(25_000);
    expect(ttl).toBeLessThanOrEqual(30_000);
  });

  it('lives under the namespace gomind unless told otherwise', async () => {
    const keys = new Set<string>();
    const discovery = new RedisDiscovery({ url, logger: silentLogger });
    onTestFinished(() => discovery.close());
    const id = `default-namespace-${freshNamespace()}`;
    await discovery.register(aComponent(id, { name: id, capabilities: [] }));
    for (const key of [`gomind:services:${id}`, `gomind:names:${id}`])
      if ((await bare.exists(key)) === 1) keys.add(key);
    await discovery.unregister(id);
    expect([...keys]).toEqual([`gomind:services:${id}`, `gomind:names:${id}`]);
    expect(await bare.exists(...keys)).toBe(0);
  });

  it('never shortens the life of a set that others are in', async () => {
    await discover({ ttlMs: 30_000 }).register(aComponent('long'));
    await discover({ ttlMs: 200 }).register(aComponent('short'));
    expect(await bare.pttl(`${namespace}:types:tool`)).toBeGreaterThan(50_000);
  });

  it('leaves the sets of a capability, name or type that the new record no longer has', async () => {
    const discovery = discover();
    await discovery.register(aComponent('w1'));
    await discovery.register(aComponent('w1', { name: 'planner', type: 'agent', capabilities: [] }));
    expect(await keysOf(bare, namespace)).toEqual([
      `${namespace}:names:planner`,
      `${namespace}:services:w1`,
      `${namespace}:types:agent`,
    ]);
  });

  it('is gone without a trace after unregistering, also by another process', async () => {
    const [one, other] = [discover(), discover()];
    await one.register(aComponent('w1'));
    await other.unregister('w1');
    expect(await keysOf(bare, namespace)).toEqual([]);
  });
});

describe('short forms', () => {
  it('become JSON Schema when a component is registered with them', async () => {
    const discovery = discover();
    const capabilities = [
      { name: 'weather', description: 'd', inputSchema: { location: 'string' } },
      { name: 'go_like', description: 'd', input_summary: { required: [{ name: 'city', type: 'string' }] } },
    ];
    await discovery.register(
      aComponent('w1', { capabilities: capabilities as unknown as ComponentInfo['capabilities'] }),
    );
    const [found] = await discovery.discover();
    expect(found?.capabilities.map(({ inputSchema }) => inputSchema)).toEqual([
      { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
      { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    ]);
  });

  it('become JSON Schema when somebody else wrote them', async () => {
    const capabilities = [{ name: 'stock_quote', description: 'd', parameters: { location: 'string' } }];
    await writeAsGo('go-1', goRecord('go-1', { capabilities }));
    const [found] = await discover().findByCapability('stock_quote');
    expect(found?.capabilities[0]?.inputSchema).toEqual({
      type: 'object',
      properties: { location: { type: 'string' } },
      required: ['location'],
    });
  });
});

describe('an entry of the Go original', () => {
  it('is found by type, name and capability, with its hints as a schema', async () => {
    await writeAsGo('go-1', goRecord('go-1'));
    const discovery = discover();
    const [found] = await discovery.discover();
    expect(found).toEqual({
      id: 'go-1',
      name: 'stock-service',
      type: 'tool',
      description: '',
      address: 'stock-service.default.svc.cluster.local',
      port: 80,
      capabilities: [
        {
          name: 'stock_quote',
          description: 'Price of a share right now',
          inputSchema: {
            type: 'object',
            properties: {
              symbol: { type: 'string', description: 'Ticker symbol', examples: ['AAPL'] },
              days: { type: 'number' },
            },
            required: ['symbol'],
          },
        },
        { name: 'selfcheck', description: 'For operators', internal: true, endpoint: '/internal/selfcheck' },
      ],
      metadata: { namespace: 'default', container_port: '8080', replicas: '3' },
      health: 'healthy',
      lastSeen: '2026-03-04T08:20:30.123Z',
    });
    expect(await discovery.findService('stock-service')).toEqual([found]);
    expect(await discovery.findByCapability('stock_quote')).toEqual([found]);
  });

  it('may have null for an empty list', async () => {
    await writeAsGo('go-1', goRecord('go-1', { capabilities: null, metadata: null }));
    expect(await discover().discover()).toMatchObject([{ id: 'go-1', capabilities: [] }]);
  });

  it('keeps its other fields and its time to live when its health is updated', async () => {
    await writeAsGo('go-1', goRecord('go-1'));
    await bare.expire(`${namespace}:services:go-1`, 20);
    await discover().updateHealth('go-1', 'unhealthy');
    const text = (await bare.get(`${namespace}:services:go-1`)) ?? '';
    expect(JSON.parse(text)).toEqual({ ...(JSON.parse(goRecord('go-1')) as object), health: 'unhealthy' });
    const ttl = await bare.pttl(`${namespace}:services:go-1`);
    expect(ttl).toBeGreaterThan(15_000);
    expect(ttl).toBeLessThanOrEqual(20_000);
  });
});

describe('malformed and hostile entries', () => {
  it('are left out with one warning each, and the rest is found', async () => {
    const logger = createRecordingLogger();
    const bad: Readonly<Record<string, string>> = {
      text: 'hello',
      list: '[1]',
      null: 'null',
      empty: '{}',
      other: goRecord('somebody-else'),
      robot: goRecord('robot', { type: 'robot' }),
      port: goRecord('port', { port: '80' }),
      capability: goRecord('capability', { capabilities: [{ description: 'no name' }] }),
      control: goRecord('control', { name: 'a\u0000b' }),
      deep: `{"id":"deep","metadata":${'['.repeat(100_000)}`,
    };
    for (const [id, text] of Object.entries(bad)) await writeAsGo(id, text);
    await writeAsGo('good', goRecord('good'));
    const discovery = discover({ logger });
    for (let look = 1; look <= 3; look++) {
      expect((await discovery.discover()).map(({ id }) => id)).toEqual(['good']);
    }
    const warnings = logger.records.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ fields }) => fields['id']).sort()).toEqual(Object.keys(bad).sort());
    expect(JSON.stringify(warnings)).not.toContain('hello');
  });

  it('do not reach a prototype', async () => {
    const metadata = JSON.parse('{"__proto__":"polluted","constructor":"c"}') as object;
    await writeAsGo('p', goRecord('p').replace(/"metadata":\{[^}]*\}/, `"metadata":${JSON.stringify(metadata)}`));
    const [found] = await discover().discover();
    expect(Object.getPrototypeOf(found?.metadata)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('may be keys of another kind: they are ignored with a warning', async () => {
    const logger = createRecordingLogger();
    await writeAsGo('good', goRecord('good'));
    await bare.set(`${namespace}:types:agent`, 'no set');
    await bare.hset(`${namespace}:services:hash`, 'a', 'b');
    await bare.sadd(`${namespace}:types:tool`, 'hash');
    const discovery = discover({ logger });
    expect((await discovery.discover()).map(({ id }) => id)).toEqual(['good']);
    expect(logger.records.map(({ message }) => message).join()).toContain(`${namespace}:types:agent`);
  });

  it('have names that are kept as they are, and mean nothing to Redis', async () => {
    const discovery = discover();
    const names = [
      '*',
      '[a-z]?',
      'a:b:c',
      '../../etc',
      '"; return 1 --',
      'Kölner ☂',
      `${namespace}:types:tool`,
      '{slot}',
      '-1',
    ];
    for (const [index, name] of names.entries()) {
      await discovery.register(
        aComponent(`id ${name}`, { name, port: index, capabilities: [{ name, description: 'd' }] }),
      );
    }
    for (const [index, name] of names.entries()) {
      expect((await discovery.findService(name)).map(({ port }) => port)).toEqual([index]);
      expect((await discovery.findByCapability(name)).map(({ port }) => port)).toEqual([index]);
      await discovery.unregister(`id ${name}`);
    }
    expect(await keysOf(bare, namespace)).toEqual([]);
  });

  it('may be more than anybody wants to read', async () => {
    const logger = createRecordingLogger();
    const discovery = discover({ logger, maxComponents: 3 });
    for (let index = 0; index < 5; index++) await discovery.register(aComponent(`w${String(index)}`));
    expect(await discovery.discover()).toHaveLength(3);
    expect(logger.records[0]?.message).toContain('maxComponents');
  });
});

describe('dead members', () => {
  it('are ignored and cleaned out of the sets that were read', async () => {
    const discovery = discover();
    await discovery.register(aComponent('alive'));
    for (const index of ['types:tool', 'names:weather-tool', 'capabilities:forecast']) {
      await bare.sadd(`${namespace}:${index}`, 'dead-1', 'dead-2');
    }
    expect((await discovery.discover()).map(({ id }) => id)).toEqual(['alive']);
    await until(async () => (await bare.scard(`${namespace}:types:tool`)) === 1);
    expect(await bare.scard(`${namespace}:names:weather-tool`)).toBe(3);
    await discovery.findService('weather-tool');
    await discovery.findByCapability('forecast');
    await until(async () => (await bare.scard(`${namespace}:names:weather-tool`)) === 1);
    await until(async () => (await bare.scard(`${namespace}:capabilities:forecast`)) === 1);
  });
  it('that came back since they were found dead stay', async () => {
    const discovery = discover();
    await discovery.register(aComponent('back'));
    const [set, record] = [`${namespace}:types:tool`, `${namespace}:services:back`];
    expect(await bare.eval(sweepScript, 2, set, record, 'back')).toBe(0);
    expect(await bare.smembers(set)).toEqual(['back']);
  });
});

describe('the health of a component of another process', () => {
  it('is not written over a record that changed since it was read', async () => {
    await writeAsGo('go-1', goRecord('go-1', { port: 81 }));
    const record = `${namespace}:services:go-1`;
    expect(await bare.eval(replaceScript, 1, record, goRecord('go-1'), 'stale')).toBe(0);
    expect(await bare.get(record)).toBe(goRecord('go-1', { port: 81 }));
  });
});

describe('calls about one component at the same time', () => {
  it('take effect in the order in which they were made', async () => {
    const discovery = discover();
    await discovery.register(aComponent('w1', { capabilities: [{ name: 'one', description: 'd' }] }));
    await Promise.all([
      discovery.register(aComponent('w1', { capabilities: [{ name: 'two', description: 'd' }] })),
      discovery.register(aComponent('w1', { capabilities: [{ name: 'three', description: 'd' }] })),
      discovery.updateHealth('w1', 'degraded'),
    ]);
    expect(await discovery.discover()).toMatchObject([{ capabilities: [{ name: 'three' }], health: 'degraded' }]);
    expect(await keysOf(bare, namespace)).toEqual([
      `${namespace}:capabilities:three`,
      `${namespace}:names:weather-tool`,
      `${namespace}:services:w1`,
      `${namespace}:types:tool`,
    ]);
  });
});
