import type { DiscoveryEvent } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import type { Redis } from 'ioredis';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import {
  aComponent,
  bareClient,
  failureOf,
  freshNamespace,
  keysOf,
  silentLogger,
  until,
} from '../../test/redis-fixture.ts';
import { RedisDiscovery, type RedisDiscoveryOptions } from './redis-discovery.ts';

const url = inject('redisUrl');
const ttlMs = 600;
let namespace = '';
let bare: Redis;

beforeEach(() => {
  namespace = freshNamespace();
  const client = bareClient(url);
  bare = client;
  return () => {
    client.disconnect();
  };
});

function discover(options: RedisDiscoveryOptions = {}): RedisDiscovery {
  const discovery = new RedisDiscovery({ url, namespace, ttlMs, logger: silentLogger, ...options });
  onTestFinished(() => discovery.close());
  return discovery;
}

const record = (id: string): string => `${namespace}:services:${id}`;

describe('the heartbeat', () => {
  it('keeps a record alive for longer than its time to live and moves last_seen', async () => {
    const discovery = discover();
    await discovery.register(aComponent('w1'));
    const first = (await discovery.discover())[0]?.lastSeen ?? '';
    const deadline = performance.now() + 3 * ttlMs;
    while (performance.now() < deadline) {
      expect(await bare.exists(record('w1'))).toBe(1);
      await wait(50);
    }
    const last = (await discovery.discover())[0]?.lastSeen ?? '';
    expect(Date.parse(last)).toBeGreaterThan(Date.parse(first));
  });

  it('stops with close: the record is left and expires by itself', async () => {
    const discovery = discover();
    await discovery.register(aComponent('w1'));
    await discovery.close();
    const leftMs = await bare.pttl(record('w1'));
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(ttlMs);
    await until(async () => (await bare.exists(record('w1'))) === 0);
    expect(await discover().discover()).toEqual([]);
  });

  it('does not bring back what was unregistered', async () => {
    const discovery = discover();
    await discovery.register(aComponent('w1'));
    await discovery.register(aComponent('w2'));
    await discovery.unregister('w1');
    await wait(ttlMs);
    expect((await discovery.discover()).map(({ id }) => id)).toEqual(['w2']);
  });

  it('registers again by itself when the registry was emptied', async () => {
    const logger = createRecordingLogger();
    const discovery = discover({ logger });
    const component = aComponent('w1', { metadata: { region: 'eu' }, health: 'healthy' });
    await discovery.register(component);
    await bare.del(...(await keysOf(bare, namespace)));
    expect(await discovery.discover()).toEqual([]);
    const afterMs = await until(async () => (await discovery.discover()).length === 1);
    expect(afterMs).toBeLessThanOrEqual(ttlMs / 2 + 200);
    expect((await discovery.findByCapability('forecast'))[0]).toMatchObject(component);
    expect(logger.records.map(({ message }) => message)).toEqual([
      'Components that the registry had lost are registered again',
    ]);
  });

  it('carries the health that was reported last', async () => {
    const discovery = discover();
    await discovery.register(aComponent('w1', { health: 'healthy' }));
    await discovery.updateHealth('w1', 'degraded');
    await wait(ttlMs);
    expect((await discovery.discover())[0]?.health).toBe('degraded');
  });

  it('keeps 250 components alive from one process', async () => {
    const discovery = discover();
    await Promise.all(Array.from({ length: 250 }, (_, index) => discovery.register(aComponent(`w${String(index)}`))));
    await wait(2 * ttlMs);
    expect(await discovery.findService('weather-tool')).toHaveLength(250);
  });
});

describe('two processes', () => {
  it('see two instances of one name', async () => {
    const [one, other] = [discover(), discover()];
    await one.register(aComponent('w1', { port: 1 }));
    await other.register(aComponent('w2', { port: 2 }));
    expect((await one.findService('weather-tool')).map(({ port }) => port)).toEqual([1, 2]);
    await one.unregister('w1');
    expect((await other.findService('weather-tool')).map(({ port }) => port)).toEqual([2]);
  });

  it('may both say how a component is, at the same time', async () => {
    const [one, other] = [discover(), discover()];
    await one.register(aComponent('w1', { health: 'healthy' }));
    await Promise.all(Array.from({ length: 10 }, () => other.updateHealth('w1', 'degraded')));
    expect((await one.discover())[0]?.health).toBe('degraded');
  });

  it('tell NOT_FOUND for an id that nobody registered', async () => {
    const { error } = await failureOf(discover().updateHealth('nobody', 'healthy'));
    expect(error.code).toBe('NOT_FOUND');
    expect(error.message).toContain('"nobody"');
  });
});

describe('watch', () => {
  it('tells what other processes do, also what expires, and not what was there before', async () => {
    const [watcher, other] = [discover({ watchIntervalMs: 20 }), discover()];
    await other.register(aComponent('before'));
    const events: string[] = [];
    const abort = new AbortController();
    const watching = (async () => {
      for await (const { type, component } of watcher.watch({ signal: abort.signal }))
        events.push(`${type} ${component.id}`);
    })();
    await watcher.ping();
    await wait(50);
    await other.register(aComponent('w1'));
    await until(() => events.includes('component.up w1'));
    await other.updateHealth('w1', 'unhealthy');
    await until(() => events.includes('component.changed w1'));
    await other.close();
    await until(() => events.includes('component.down w1') && events.includes('component.down before'));
    abort.abort();
    await watching;
    expect(events.slice(0, 2)).toEqual(['component.up w1', 'component.changed w1']);
    expect(events).toHaveLength(4);
  });

  it('takes a heartbeat for no change', async () => {
    const [watcher, other] = [discover({ watchIntervalMs: 20 }), discover()];
    await other.register(aComponent('w1'));
    const abort = new AbortController();
    const watching = Array.fromAsync<DiscoveryEvent>(watcher.watch({ signal: abort.signal }));
    await wait(2 * ttlMs);
    abort.abort();
    expect(await watching).toEqual([]);
  });

  it('reads nothing while nobody watches', async () => {
    const watcher = discover({ watchIntervalMs: 10 });
    const abort = new AbortController();
    const watching = Array.fromAsync<DiscoveryEvent>(watcher.watch({ signal: abort.signal }));
    await wait(50);
    abort.abort();
    await watching;
    await wait(30);
    const monitor = await bare.monitor();
    const seen: string[] = [];
    monitor.on('monitor', (_time: string, parameters: string[]) => seen.push(parameters.join(' ')));
    await wait(100);
    monitor.disconnect();
    expect(seen.filter((command) => command.includes(namespace))).toEqual([]);
  });

  it('starts anew for whoever watches after nobody did', async () => {
    const [watcher, other] = [discover({ watchIntervalMs: 20 }), discover()];
    const first = new AbortController();
    const watching = Array.fromAsync<DiscoveryEvent>(watcher.watch({ signal: first.signal }));
    await wait(50);
    first.abort();
    expect(await watching).toEqual([]);
    await other.register(aComponent('meanwhile'));
    const second = watcher.watch()[Symbol.asyncIterator]();
    await wait(50);
    await other.register(aComponent('afterwards'));
    expect((await second.next()).value).toMatchObject({ type: 'component.up', component: { id: 'afterwards' } });
    await second.return?.();
  });

  it('serves several watchers with one look each time', async () => {
    const watcher = discover({ watchIntervalMs: 20 });
    const watchers = [watcher.watch(), watcher.watch(), watcher.watch()].map(async (events) => {
      for await (const { component } of events) return component.id;
      return undefined;
    });
    await watcher.register(aComponent('w1'));
    expect(await Promise.all(watchers)).toEqual(['w1', 'w1', 'w1']);
  });
});
