/**
 * What every discovery promises.
 *
 * @module
 */
import assert from 'node:assert/strict';
import type { ComponentInfo } from '../../contracts/component.ts';
import type { Discovery, DiscoveryEvent } from '../../contracts/discovery.ts';
import { casesFor, type Cleanup, type ContractCase, rejectsWith } from './contract-case.ts';

/** A discovery with an empty registry of its own. */
export interface DiscoverySubject {
  readonly discovery: Discovery;
  readonly cleanup?: Cleanup;
}

function component(id: string, overrides: Partial<ComponentInfo> = {}): ComponentInfo {
  return {
    id,
    name: 'weather-tool',
    type: 'tool',
    description: 'Weather of today',
    address: '127.0.0.1',
    port: 8080,
    capabilities: [
      {
        name: 'forecast',
        description: 'Tell the weather',
        inputSchema: {
          type: 'object',
          properties: { city: { type: 'string', description: 'Where' } },
          required: ['city'],
        },
        outputSchema: { type: 'object', properties: { degrees: { type: 'number' } } },
        effect: 'pure',
        tags: ['rain', 'sun'],
      },
      { name: 'calibrate', description: 'Only for its owner', internal: true, effect: 'irreversible' },
    ],
    metadata: { region: 'eu', tier: 'gold' },
    health: 'healthy',
    ...overrides,
  };
}

const idsOf = (components: readonly ComponentInfo[]): string[] => components.map(({ id }) => id).sort();

/** The cases of the discovery contract. */
export function discoveryContract(make: () => Promise<DiscoverySubject> | DiscoverySubject): ContractCase[] {
  return [...registryCases(make), ...lookupCases(make), ...watchCases(make)];
}

function registryCases(make: () => Promise<DiscoverySubject> | DiscoverySubject): ContractCase[] {
  return casesFor(make, {
    'gives back what was registered, schemas, effects and metadata included': async ({ discovery }) => {
      await discovery.register(component('w1'));
      const [found] = await discovery.discover();
      assert.ok(found !== undefined);
      const { lastSeen: _lastSeen, ...record } = found;
      assert.deepEqual(record, component('w1'));
    },
    'makes JSON Schema of short forms and of hints': async ({ discovery }) => {
      const capabilities = [
        { name: 'forecast', description: '', parameters: { location: 'string', days: 'number' } },
        { name: 'history', description: '', input_summary: { required: [{ name: 'location', type: 'string' }] } },
      ];
      await discovery.register(component('w1', { capabilities }));
      const [found] = await discovery.discover();
      const [forecast, history] = found?.capabilities ?? [];
      assert.deepEqual(forecast?.inputSchema, {
        type: 'object',
        properties: { location: { type: 'string' }, days: { type: 'number' } },
        required: ['location', 'days'],
      });
      assert.deepEqual(history?.inputSchema?.required, ['location']);
    },
    'replaces the record with the same id': async ({ discovery }) => {
      await discovery.register(component('w1'));
      await discovery.register(component('w1', { description: 'Weather of tomorrow', port: 8081 }));
      const found = await discovery.discover();
      assert.equal(found.length, 1);
      assert.equal(found[0]?.description, 'Weather of tomorrow');
      assert.equal(found[0].port, 8081);
    },
    'hands out copies: changing one changes nothing': async ({ discovery }) => {
      await discovery.register(component('w1'));
      const [found] = await discovery.discover();
      (found as { name: string }).name = 'hacked';
      assert.equal((await discovery.discover())[0]?.name, 'weather-tool');
    },
    'forgets what is unregistered; forgetting an unknown id is no error': async ({ discovery }) => {
      await discovery.register(component('w1'));
      await discovery.register(component('w2'));
      await discovery.unregister('w1');
      await discovery.unregister('never-there');
      assert.deepEqual(idsOf(await discovery.discover()), ['w2']);
    },
    'records health, and says NOT_FOUND for an unknown id': async ({ discovery }) => {
      await discovery.register(component('w1'));
      await discovery.updateHealth('w1', 'degraded');
      assert.equal((await discovery.discover())[0]?.health, 'degraded');
      await rejectsWith(discovery.updateHealth('never-there', 'healthy'), 'NOT_FOUND');
    },
    'refuses a record that breaks the contract, naming the field': async ({ discovery }) => {
      const broken: readonly [string, Partial<Record<keyof ComponentInfo, unknown>>][] = [
        ['id', { id: '' }],
        ['name', { name: 42 }],
        ['type', { type: 'robot' }],
        ['address', { address: ' ' }],
        ['port', { port: 70_000 }],
        ['capabilities', { capabilities: 'all' }],
      ];
      for (const [field, values] of broken) {
        const error = await rejectsWith(
          discovery.register({ ...component('bad'), ...values } as ComponentInfo),
          'CONFIG_INVALID',
        );
        assert.ok(error.message.includes(field), `"${error.message}" names ${field}`);
      }
      assert.deepEqual(await discovery.discover(), []);
    },
    'takes names of other systems as they are': async ({ discovery }) => {
      const name = 'Wetter / Köln: *[0-9]? "heute" \\ ☂';
      await discovery.register(component('odd:id*1', { name, capabilities: [{ name, description: 'd' }] }));
      assert.equal((await discovery.findService(name))[0]?.id, 'odd:id*1');
      assert.equal((await discovery.findByCapability(name))[0]?.id, 'odd:id*1');
      await discovery.unregister('odd:id*1');
      assert.deepEqual(await discovery.findService(name), []);
    },
    'answers a ping, and refuses work after close; closing twice is no error': async ({ discovery }) => {
      await discovery.ping();
      await discovery.close();
      await discovery.close();
      await rejectsWith(discovery.discover(), 'CLOSED');
      await rejectsWith(discovery.register(component('w1')), 'CLOSED');
    },
  });
}

function lookupCases(make: () => Promise<DiscoverySubject> | DiscoverySubject): ContractCase[] {
  const fill = async (discovery: Discovery): Promise<void> => {
    await discovery.register(component('w1'));
    await discovery.register(component('w2', { metadata: { region: 'us', tier: 'gold' } }));
    await discovery.register(
      component('a1', { name: 'planner', type: 'agent', capabilities: [{ name: 'plan', description: 'Plan' }] }),
    );
  };
  return casesFor(make, {
    'finds nothing in an empty registry': async ({ discovery }) => {
      assert.deepEqual(await discovery.discover(), []);
      assert.deepEqual(await discovery.findService('weather-tool'), []);
      assert.deepEqual(await discovery.findByCapability('forecast'), []);
    },
    'finds all instances of a name': async ({ discovery }) => {
      await fill(discovery);
      assert.deepEqual(idsOf(await discovery.findService('weather-tool')), ['w1', 'w2']);
      assert.deepEqual(await discovery.findService('weather'), []);
    },
    'finds by capability': async ({ discovery }) => {
      await fill(discovery);
      assert.deepEqual(idsOf(await discovery.findByCapability('plan')), ['a1']);
      assert.deepEqual(idsOf(await discovery.findByCapability('forecast')), ['w1', 'w2']);
    },
    'filters by type, name, any of the capabilities and all of the metadata': async ({ discovery }) => {
      await fill(discovery);
      assert.deepEqual(idsOf(await discovery.discover({})), ['a1', 'w1', 'w2']);
      assert.deepEqual(idsOf(await discovery.discover({ type: 'agent' })), ['a1']);
      assert.deepEqual(idsOf(await discovery.discover({ name: 'weather-tool', type: 'tool' })), ['w1', 'w2']);
      assert.deepEqual(idsOf(await discovery.discover({ capabilities: ['plan', 'nothing'] })), ['a1']);
      assert.deepEqual(idsOf(await discovery.discover({ metadata: { tier: 'gold', region: 'us' } })), ['w2']);
      assert.deepEqual(idsOf(await discovery.discover({ type: 'agent', capabilities: ['forecast'] })), []);
    },
    'no longer finds a capability that a new record of the same id does not offer': async ({ discovery }) => {
      await discovery.register(component('w1'));
      await discovery.register(component('w1', { capabilities: [{ name: 'other', description: 'Other' }] }));
      assert.deepEqual(await discovery.findByCapability('forecast'), []);
      assert.deepEqual(idsOf(await discovery.findByCapability('other')), ['w1']);
    },
    'bears many at once': async ({ discovery }) => {
      await Promise.all(Array.from({ length: 50 }, (_, index) => discovery.register(component(`w${String(index)}`))));
      assert.equal((await discovery.findService('weather-tool')).length, 50);
    },
  });
}

function watchCases(make: () => Promise<DiscoverySubject> | DiscoverySubject): ContractCase[] {
  return casesFor(make, {
    'tells what comes, changes and goes, in that order': async ({ discovery }) => {
      const abort = new AbortController();
      const seen: string[] = [];
      const watching = (async () => {
        for await (const event of discovery.watch({ signal: abort.signal })) {
          seen.push(describe(event));
          if (event.type === 'component.up') await discovery.register(component('w1', { port: 9090 }));
          if (event.type === 'component.changed') await discovery.unregister('w1');
          if (event.type === 'component.down') abort.abort();
        }
      })();
      await discovery.register(component('w1'));
      await watching;
      assert.deepEqual(seen, ['component.up w1', 'component.changed w1', 'component.down w1']);
    },
    'ends without an error when its signal aborts, or was aborted before': async ({ discovery }) => {
      const abort = new AbortController();
      const watching = Array.fromAsync(discovery.watch({ signal: abort.signal }));
      abort.abort();
      assert.deepEqual(await watching, []);
      assert.deepEqual(await Array.fromAsync(discovery.watch({ signal: AbortSignal.abort() })), []);
    },
    'ends when the discovery closes': async ({ discovery }) => {
      const watching = Array.fromAsync(discovery.watch());
      await discovery.close();
      assert.deepEqual(await watching, []);
    },
  });
}

function describe(event: DiscoveryEvent): string {
  return `${event.type} ${event.component.id}`;
}
