import type { JsonValue } from '@gomind/core';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { bareClient, failureOf, freshNamespace, keysOf, silentLogger } from '../../test/redis-fixture.ts';
import { escapeGlob } from './escape-glob.ts';
import { RedisStorage } from './redis-storage.ts';

const url = inject('redisUrl');

function storeIn(namespace: string): RedisStorage {
  const storage = new RedisStorage({ url, namespace, logger: silentLogger });
  onTestFinished(() => storage.close());
  return storage;
}

describe('RedisStorage', () => {
  it('writes canonical JSON under {namespace}:values:{key}, with a time to live in milliseconds', async () => {
    const namespace = freshNamespace();
    await storeIn(namespace).set('a:b', { z: 1, a: [true, null] }, { ttlMs: 4_999.5 });
    await using bare = bareClient(url);
    expect(await keysOf(bare, namespace)).toEqual([`${namespace}:values:a:b`]);
    expect(await bare.get(`${namespace}:values:a:b`)).toBe('{"a":[true,null],"z":1}');
    const ttl = await bare.pttl(`${namespace}:values:a:b`);
    expect(ttl).toBeGreaterThan(4_000);
    expect(ttl).toBeLessThanOrEqual(5_000);
  });

  it('replaces a value together with its time to live', async () => {
    const namespace = freshNamespace();
    const storage = storeIn(namespace);
    await using bare = bareClient(url);
    await storage.set('key', 1, { ttlMs: 60_000 });
    await storage.compareAndSet('key', 1, 2);
    expect(await bare.pttl(`${namespace}:values:key`)).toBe(-1);
    await storage.compareAndSet('key', 2, 3, { ttlMs: 60_000 });
    expect(await bare.pttl(`${namespace}:values:key`)).toBeGreaterThan(50_000);
  });

  it('tells null from nothing', async () => {
    const storage = storeIn(freshNamespace());
    expect(await storage.compareAndSet('key', null, 1)).toBe(false);
    expect(await storage.set('key', null)).toBe(true);
    expect(await storage.compareAndSet('key', undefined, 1)).toBe(false);
    expect(await storage.compareAndSet('key', null, 1)).toBe(true);
  });

  it('keeps namespaces apart', async () => {
    const [one, other] = [storeIn(freshNamespace()), storeIn(freshNamespace())];
    await one.set('key', 1);
    expect(await other.get('key')).toBeUndefined();
    expect(await Array.fromAsync(other.keys(''))).toEqual([]);
  });

  it.each([[0], [-1], [Number.NaN], [Number.POSITIVE_INFINITY]])('refuses a time to live of %d', async (ttlMs) => {
    const { error } = await failureOf(storeIn(freshNamespace()).set('key', 1, { ttlMs }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain('ttlMs');
  });

  it('says so when something else wrote what is no JSON', async () => {
    const namespace = freshNamespace();
    await using bare = bareClient(url);
    await bare.set(`${namespace}:values:key`, 'not json', 'EX', 10);
    const { error } = await failureOf(storeIn(namespace).get('key'));
    expect(error.code).toBe('STORE_VALUE_INVALID');
    expect(error.message).toContain('"key"');
  });

  it('refuses work after close, also a listing that has begun', async () => {
    const storage = storeIn(freshNamespace());
    await storage.ping();
    await storage.close();
    await storage.close();
    const calls = [storage.ping(), storage.get('key'), storage.set('key', 1), Array.fromAsync(storage.keys(''))];
    for (const call of calls) expect((await failureOf(call)).error.code).toBe('CLOSED');
  });

  it('counts right when many add at once with compareAndSet', async () => {
    const storage = storeIn(freshNamespace());
    const add = async (): Promise<void> => {
      for (;;) {
        const count = await storage.get('count');
        if (await storage.compareAndSet('count', count, ((count as number | undefined) ?? 0) + 1)) return;
      }
    };
    await Promise.all(Array.from({ length: 20 }, add));
    expect(await storage.get('count')).toBe(20);
  });

  it('holds a large value', async () => {
    const storage = storeIn(freshNamespace());
    const value: JsonValue = Array.from({ length: 50_000 }, (_, index) => ({ index, text: 'ä☂'.repeat(5) }));
    await storage.set('large', value, { ttlMs: 30_000 });
    expect(await storage.get('large')).toEqual(value);
  });
});

describe('escapeGlob', () => {
  it('puts a backslash before what a pattern would understand', () => {
    expect(escapeGlob('a*b?c[d]e\\f^g-h')).toBe('a\\*b\\?c\\[d\\]e\\\\f^g-h');
  });
});
