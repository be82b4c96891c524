import { type ComponentInfo, type Discovery, GomindError, LocalDiscovery } from '@gomind/core';
import { createFakeClock, createRecordingLogger, type FakeClock, type RecordingLogger } from '@gomind/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ComponentCatalog, type ComponentCatalogOptions } from './component-catalog.ts';

let clock: FakeClock;
let logger: RecordingLogger;
let registered: ComponentInfo[];
let isAway: boolean;
let looks: number;
let catalog: ComponentCatalog;

const component = (id: string, more: Partial<ComponentInfo> = {}): ComponentInfo => ({
  id,
  name: `tool-${id}`,
  type: 'tool',
  description: 'A tool',
  address: '127.0.0.1',
  port: 1,
  capabilities: [{ name: 'do', description: 'Do it' }],
  ...more,
});

function makeCatalog(options: Partial<ComponentCatalogOptions> = {}): ComponentCatalog {
  const local = new LocalDiscovery();
  const discovery = Object.assign(Object.create(local) as Discovery, {
    discover: () => {
      looks++;
      return isAway
        ? Promise.reject(
            new GomindError({ code: 'STORE_UNAVAILABLE', message: 'The registry is away', isRetryable: true }),
          )
        : Promise.resolve(structuredClone(registered));
    },
    watch: () => local.watch(),
  });
  return new ComponentCatalog({ discovery, clock, logger, ...options });
}

beforeEach(() => {
  clock = createFakeClock();
  logger = createRecordingLogger();
  registered = [component('a'), component('b')];
  isAway = false;
  looks = 0;
  catalog = makeCatalog();
});

afterEach(async () => {
  await catalog.close();
  expect(clock.pendingTimers).toBe(0);
});

const names = (): string[] => catalog.components().map(({ name }) => name);

describe('the catalog', () => {
  it('reads the registry when it starts, once for all who start it at the same time, and then every 10 seconds', async () => {
    await Promise.all([catalog.start(), catalog.start(), catalog.refresh()]);
    expect(looks).toBe(1);
    expect(names()).toEqual(['tool-a', 'tool-b']);
    registered.push(component('c'));
    await clock.advance(10_000);
    expect(names()).toEqual(['tool-a', 'tool-b', 'tool-c']);
    await clock.advance(30_000);
    expect(looks).toBe(5);
  });

  it('keeps what it knows while the registry is away, says so, and catches up', async () => {
    await catalog.start();
    isAway = true;
    await clock.advance(60_000);
    expect(names()).toEqual(['tool-a', 'tool-b']);
    expect(catalog.status()).toMatchObject({ lastError: 'The registry is away' });
    expect(logger.records.some(({ level, message }) => level === 'warn' && message.includes('kept'))).toBe(true);
    isAway = false;
    registered = [component('b')];
    await clock.advance(10_000);
    expect(names()).toEqual(['tool-b']);
    expect(catalog.status().lastError).toBeUndefined();
  });

  it('does not start on a registry that is away, and starts when it is back', async () => {
    isAway = true;
    await expect(catalog.start()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    isAway = false;
    await catalog.start();
    expect(names()).toHaveLength(2);
  });

  it('gives up a look that takes too long', async () => {
    const hanging = Object.assign(Object.create(new LocalDiscovery()) as Discovery, {
      discover: () => new Promise(() => undefined),
    });
    const slow = new ComponentCatalog({ discovery: hanging, clock, logger, refreshTimeoutMs: 100 });
    const started = expect(slow.start()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('100 ms') as string,
    });
    await clock.advance(100);
    await started;
    await slow.close();
  });

  it('keeps components that vanish all at once for a while, and lets go of them when they stay away', async () => {
    registered = ['a', 'b', 'c', 'd'].map((id) => component(id));
    await catalog.start();
    registered = [];
    await clock.advance(10_000);
    expect(names()).toHaveLength(4);
    expect(catalog.status().suspects).toBe(4);
    registered = [component('b')];
    await clock.advance(10_000);
    expect(catalog.status().suspects).toBe(3);
    await clock.advance(60_000);
    expect(names()).toEqual(['tool-b']);
  });

  it('lets go of few at once', async () => {
    registered = ['a', 'b', 'c', 'd', 'e'].map((id) => component(id));
    await catalog.start();
    registered = registered.slice(2);
    await clock.advance(10_000);
    expect(names()).toEqual(['tool-c', 'tool-d', 'tool-e']);
  });

  it('hands out the same list while nothing changes but heartbeats', async () => {
    await catalog.start();
    const before = catalog.components();
    registered = registered.map((record) => ({ ...record, lastSeen: new Date(clock.now()).toISOString() }));
    await catalog.refresh();
    expect(catalog.components()).toBe(before);
  });

  it('leaves out malformed and unhealthy records, and hides what hides in descriptions', async () => {
    registered = [
      component('a', {
        description: 'Fine\u202E txt.exe\u0007',
        capabilities: [{ name: 'do', description: 'Do\u200B it' }],
      }),
      component('b', { port: 99_999 }),
      component('c', { health: 'unhealthy' }),
    ];
    await catalog.start();
    expect(names()).toEqual(['tool-a']);
    expect(JSON.stringify(catalog.components())).not.toMatch(/[\u202E\u0007\u200B]/);
    expect(logger.records).toMatchObject([{ level: 'warn', fields: { id: 'b' } }]);
  });

  it('does not let a second component with other capabilities take a name', async () => {
    registered = [component('a', { name: 'bank' })];
    await catalog.start();
    const impostor = component('x', { name: 'bank', capabilities: [{ name: 'steal', description: 'Steal' }] });
    registered = [impostor, component('a', { name: 'bank' }), component('a2', { name: 'bank' })];
    await catalog.refresh();
    expect(catalog.instances('bank').map(({ id }) => id)).toEqual(['a', 'a2']);
    registered = [impostor];
    await catalog.refresh();
    expect(catalog.instances('bank').map(({ id }) => id)).toEqual(['x']);
  });

  it('looks at once when the registry announces a change', async () => {
    const discovery = new LocalDiscovery();
    const live = new ComponentCatalog({ discovery, clock, logger });
    await live.start();
    expect(live.components()).toEqual([]);
    await discovery.register(component('a'));
    await clock.advance(100);
    expect(live.instances('tool-a')).toHaveLength(1);
    await live.close();
    await live.close();
  });

  it('tells who listens what came, went or offers something else, and nothing of heartbeats and twins', async () => {
    const heard: string[] = [];
    const listen = (): (() => void) =>
      catalog.onChange(({ type, component: name }) => {
        const isThere = catalog.components().some((known) => known.name === name);
        heard.push(`${type} ${name} ${isThere ? 'shown' : 'gone'}`);
      });
    const stop = listen();
    await catalog.start();
    expect(heard.splice(0)).toEqual(['component.up tool-a shown', 'component.up tool-b shown']);

    registered = [component('a', { lastSeen: new Date(clock.now()).toISOString() }), component('b')];
    registered.push(component('a2', { name: 'tool-a' }));
    await catalog.refresh();
    expect(heard).toEqual([]);

    registered = [
      component('a2', { name: 'tool-a', port: 2 }),
      component('c'),
      component('b', { capabilities: [{ name: 'do', description: 'Do it', inputSchema: { type: 'object' } }] }),
    ];
    await catalog.refresh();
    expect(heard.splice(0)).toEqual(['component.changed tool-b shown', 'component.up tool-c shown']);

    registered = registered.slice(0, 1);
    isAway = true;
    await catalog.refresh().catch(() => undefined);
    expect(heard).toEqual([]);
    isAway = false;
    await catalog.refresh();
    expect(heard.splice(0)).toEqual(['component.down tool-b gone', 'component.down tool-c gone']);

    stop();
    stop();
    registered = [];
    await catalog.refresh();
    expect(heard).toEqual([]);
  });

  it('tells of each new instance, also beside and in place of equal ones', async () => {
    const heard: string[] = [];
    const stop = catalog.onInstance((name) => heard.push(name));
    catalog.onInstance(() => {
      throw new Error('broken');
    });
    await catalog.start();
    expect(heard.splice(0)).toEqual(['tool-a', 'tool-b']);
    registered = [component('a', { lastSeen: new Date(clock.now()).toISOString() }), component('b')];
    await catalog.refresh();
    expect(heard).toEqual([]);
    // It was killed and has come back: its record of before is still there.
    registered = [component('a'), component('a2', { name: 'tool-a' }), component('b')];
    await catalog.refresh();
    expect(heard.splice(0)).toEqual(['tool-a']);
    registered = [component('a2', { name: 'tool-a' }), component('b2', { name: 'tool-b' })];
    await catalog.refresh();
    expect(heard.splice(0)).toEqual(['tool-b']);
    stop();
    registered.push(component('c'));
    await catalog.refresh();
    expect(heard).toEqual([]);
    expect(logger.records.filter(({ level }) => level === 'error').length).toBeGreaterThan(0);
  });

  it('does not let a listener that throws keep a change from the others', async () => {
    const heard: string[] = [];
    catalog.onChange(() => {
      throw new Error('broken');
    });
    catalog.onChange(({ component: name }) => heard.push(name));
    await catalog.start();
    expect(heard).toEqual(['tool-a', 'tool-b']);
    expect(logger.records.filter(({ level }) => level === 'error')).toHaveLength(2);
    expect(names()).toEqual(['tool-a', 'tool-b']);
  });
});
