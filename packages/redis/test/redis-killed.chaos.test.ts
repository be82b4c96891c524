import { defineTool, serve } from '@gomind/core';
import { createOrchestrator } from '@gomind/orchestration';
import { startRedis } from '@gomind/redis-launcher';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRedisRegistry, RedisDiscovery } from '../src/index.ts';
import { aComponent, freshNamespace, silentLogger, until } from './redis-fixture.ts';

const logger = silentLogger;

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

const greeter = defineTool({
  name: 'greeter',
  description: 'Greets people',
  capabilities: {
    greet: {
      description: 'Greet a person by name',
      effect: 'pure',
      input: z.object({ name: z.string().describe('Name of the person') }),
      handler: ({ name }) => ({ summary: `Hello, ${name}!` }),
    },
  },
});

describe('Redis killed and started again under an orchestrator', () => {
  it('keeps answering from the kept catalog, says that it is degraded, and catches up', async () => {
    const redis = await startRedis({ isolated: true });
    const { url, port } = redis;
    const namespace = freshNamespace();
    await using registry = createRedisRegistry({ url, namespace, logger, ttlMs: 3_000 });
    await using discovery = new RedisDiscovery({ url, namespace, logger });
    await using _converter = await serve(converter, { registry, handleSignals: false, logger });
    for (const id of ['other-1', 'other-2', 'other-3']) await registry.register(aComponent(id, { name: id }));
    await using orchestrator = createOrchestrator({ discovery, logger }, { catalogRefreshMs: 200 });
    const convert = async (): Promise<string> => (await orchestrator.processRequest('Convert 250 USD to EUR')).response;
    expect(await convert()).toContain('125');
    expect((await orchestrator.healthCheck()).checks).toMatchObject({ discovery: true });

    await redis.kill();
    await until(async () => !(await orchestrator.healthCheck()).checks['discovery']);
    const answers = await Promise.all(Array.from({ length: 20 }, convert));
    for (const answer of answers) expect(answer).toContain('125');

    await using _revived = await startRedis({ isolated: true, port });
    // It lost everything. What was there is not forgotten before it had time to come back; what starts now is found.
    await using _greeter = await serve(greeter, { registry, handleSignals: false, logger });
    const greet = async (): Promise<string> => (await orchestrator.processRequest('Greet "Ada"')).response;
    await until(async () => {
      expect(await convert()).toContain('125');
      return (await greet()).includes('Hello, Ada!');
    }, 15_000);
    await until(async () => (await discovery.findByCapability('convert')).length === 1, 15_000);
    expect(await convert()).toContain('125');
    expect((await orchestrator.healthCheck()).checks).toMatchObject({ discovery: true });
  });
});
