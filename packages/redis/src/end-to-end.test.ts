import { defineTool, type Registry, serve } from '@gomind/core';
import { createSimpleOrchestrator } from '@gomind/orchestration';
import { startRedis } from '@gomind/redis-launcher';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, expectTypeOf, inject, it } from 'vitest';
import { z } from 'zod';
import { aComponent, bareClient, freshNamespace, silentLogger } from '../test/redis-fixture.ts';
import { createRedisRegistry, RedisDiscovery } from './index.ts';

const url = inject('redisUrl');

/** Runs a module in a Node process of its own, which has to end by itself. */
async function run(
  code: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string; stderr: string }> {
  const parameters = ['--input-type=module', '--eval', code];
  const options = { cwd: import.meta.dirname, timeout: 15_000, env: { ...process.env, ...environment } };
  return promisify(execFile)(process.execPath, parameters, options);
}

const converter = defineTool({
  name: 'currency-tool',
  description: 'Money',
  capabilities: {
    convert: {
      description: 'Convert an amount of money from one currency to another',
      effect: 'pure',
      input: z.object({ amount: z.number(), from: z.string(), to: z.string() }),
      output: z.object({ amount: z.number(), currency: z.string() }),
      handler: ({ amount, to }) => ({ amount: amount * 0.5, currency: to }),
    },
  },
});

describe('a tool and an orchestrator that know nothing but the same Redis', () => {
  it('find each other, and the orchestrator calls the tool', async () => {
    const namespace = freshNamespace();
    await using registry = createRedisRegistry({ url, namespace, logger: silentLogger });
    await using discovery = new RedisDiscovery({ url, namespace, logger: silentLogger });
    await using served = await serve(converter, { registry, handleSignals: false, logger: silentLogger });
    const orchestrator = createSimpleOrchestrator(discovery);
    const answer = await orchestrator.processRequest('Convert 250 USD to EUR');
    expect(answer).toMatchObject({ status: 'degraded', mode: 'basic-router', agentsInvolved: ['currency-tool'] });
    expect(answer.response).toContain('125');
    await orchestrator.close();
    await served.close();
    expect(await discovery.discover()).toEqual([]);
  });
});

describe('a registry for tools', () => {
  it('cannot discover, neither by its type nor at run time', async () => {
    await using registry = createRedisRegistry({ url, namespace: freshNamespace() });
    expectTypeOf(registry).toEqualTypeOf<Registry>();
    expectTypeOf(registry).not.toHaveProperty('discover');
    for (const method of ['discover', 'findService', 'findByCapability', 'watch'])
      expect(method in registry).toBe(false);
  });
});

describe('1,000 components', () => {
  it('are found in four commands, without KEYS and SCAN', async () => {
    await using redis = await startRedis({ isolated: true });
    await using discovery = new RedisDiscovery({ url: redis.url, logger: silentLogger });
    await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        discovery.register(
          aComponent(`w${String(index)}`, {
            name: `tool-${String(index % 200)}`,
            capabilities: [{ name: `c${String(index % 50)}`, description: 'd' }],
          }),
        ),
      ),
    );
    await using bare = bareClient(redis.url);
    await bare.config('RESETSTAT');
    await bare.config('SET', 'slowlog-log-slower-than', '10000');
    await bare.slowlog('RESET');
    expect(await discovery.discover()).toHaveLength(1_000);
    // Few commands, each for many components: that is what makes it quick, on a busy machine too.
    expect(await bare.info('commandstats')).toMatch(
      /cmdstat_smembers:calls=2,[^]*cmdstat_mget:calls=2,|cmdstat_mget:calls=2,[^]*cmdstat_smembers:calls=2,/,
    );
    expect(await discovery.findService('tool-7')).toHaveLength(5);
    expect(await discovery.findByCapability('c3')).toHaveLength(20);
    const stats = await bare.info('commandstats');
    expect(stats).not.toMatch(/cmdstat_(keys|scan|sscan)/);
    expect(stats).toMatch(/cmdstat_smembers:calls=4,/);
    expect(stats).toMatch(/cmdstat_mget:calls=4,/);
    expect(await bare.slowlog('GET', 10)).toEqual([]);
  });
});

describe('a process of its own', () => {
  it('ends by itself after it registered and closed', async () => {
    const code = `import { RedisDiscovery, RedisStorage } from '@gomind/redis';
      const discovery = new RedisDiscovery();
      const storage = new RedisStorage();
      await discovery.register(${JSON.stringify(aComponent('child'))});
      const watching = Array.fromAsync(discovery.watch());
      await storage.set('child', 1, { ttlMs: 1000 });
      console.log((await discovery.discover()).length);
      await discovery.unregister('child');
      await Promise.all([discovery.close(), storage.close()]);
      await watching;`;
    const { stdout, stderr } = await run(code, { REDIS_URL: url, GOMIND_NAMESPACE: freshNamespace() });
    expect(stdout.trim()).toBe('1');
    expect(stderr).toBe('');
  });

  it('ends by itself when Redis is away, with a line on stderr and no unhandled error', async () => {
    const code = `import { RedisDiscovery } from '@gomind/redis';
      const discovery = new RedisDiscovery({ url: 'redis://:canary-secret@127.0.0.1:1', commandTimeoutMs: 200 });
      await discovery.ping().catch((error) => console.log(error.code));
      await discovery.close();`;
    const { stdout, stderr } = await run(code);
    expect(stdout.trim()).toBe('STORE_UNAVAILABLE');
    expect(JSON.parse(stderr)).toMatchObject({
      level: 'warn',
      url: expect.stringMatching(/^redis:\/\/\S+@127\.0\.0\.1:1$/) as string,
    });
    expect(stderr).not.toContain('canary-secret');
  });

  it('loads the Redis client with the first command and not before', async () => {
    const code = `import { createRequire } from 'node:module';
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('ioredis')).length;
      const { RedisDiscovery, createRedisRegistry } = await import('@gomind/redis');
      const discovery = new RedisDiscovery();
      const before = loaded();
      await discovery.ping();
      console.log(before, loaded() > 0);
      await discovery.close();`;
    const { stdout } = await run(code, { REDIS_URL: url });
    expect(stdout.trim()).toBe('0 true');
  });
});
