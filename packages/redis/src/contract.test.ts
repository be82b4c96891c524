import { discoveryContract, keyValueStoreContract } from '@gomind/core/testing';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, inject, it } from 'vitest';
import { freshNamespace, silentLogger } from '../test/redis-fixture.ts';
import { RedisDiscovery, RedisStorage } from './index.ts';

const url = inject('redisUrl');

describe('RedisDiscovery keeps the discovery contract', () => {
  const make = (): Promise<{ discovery: RedisDiscovery; cleanup: () => Promise<void> }> => {
    const discovery = new RedisDiscovery({
      url,
      namespace: freshNamespace(),
      watchIntervalMs: 50,
      logger: silentLogger,
    });
    return Promise.resolve({ discovery, cleanup: () => discovery.close() });
  };
  for (const { name, run } of discoveryContract(make)) it(name, run);
});

describe('RedisStorage keeps the key-value contract', () => {
  const make = (): Promise<{
    store: RedisStorage;
    advance: (ms: number) => Promise<void>;
    cleanup: () => Promise<void>;
  }> => {
    const store = new RedisStorage({ url, namespace: freshNamespace(), logger: silentLogger });
    return Promise.resolve({ store, advance: async (ms) => wait(ms), cleanup: () => store.close() });
  };
  for (const { name, run } of keyValueStoreContract(make)) it(name, run);
});
