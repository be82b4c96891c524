/**
 * What a dependency that is down costs, once its circuit is open: the time of the first call after it opened until the fallback
 * has answered, and what ten thousand circuits cost a process that does nothing.
 *
 * @module
 */
import { createChainClient } from '@gomind/ai';
import { type AIClient, defineTool, LocalDiscovery, MemoryStorage, noopLogger, serve } from '@gomind/core';
import { createOrchestrator, type RunEvent } from '@gomind/orchestration';
import { createCircuitBreaker, createFleetCircuitBreaker } from '@gomind/resilience';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { BenchCase } from '../bench-case.ts';
import { type BenchRow, median } from '../measure.ts';

const rounds = 50;
const boundMs = 5;
const breakers = 10_000;
const watchMs = 2_000;

export const benchCase: BenchCase = {
  summary: `${String(rounds)} times: a dependency dies, its circuit opens, the next call gets the fallback (x 1 = ${String(boundMs)} ms); the event loop with ${String(breakers)} circuits`,
  run: async (): Promise<readonly BenchRow[]> => [await nextProvider(), await basicRouter(), ...(await idle())],
};

const down = (): Promise<never> => Promise.reject(Object.assign(new Error('The provider is down'), { status: 503 }));

function clientOf(provider: string, generate: AIClient['generate']): AIClient {
  return {
    provider,
    isConfigured: true,
    generate,
    stream: async function* () {
      yield { type: 'finish', response: await generate({ messages: [] }) } as const;
    },
    embed: down,
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A chain under circuits that a fleet shares: the second provider answers. */
async function nextProvider(): Promise<BenchRow> {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const store = new MemoryStorage();
    const breaker = (name: string) => createFleetCircuitBreaker({ name, store, volumeThreshold: 5 });
    const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
    const answer = { content: 'well', model: 'm', provider: 'second', usage, finishReason: 'stop' } as const;
    const chain = createChainClient([clientOf('first', down), clientOf('second', () => Promise.resolve(answer))], {
      breaker,
    });
    const ask = (): Promise<unknown> => chain.generate({ messages: [{ role: 'user', content: 'Hi' }] });
    while (chain.circuits?.[0]?.state === 'closed') await ask();
    samples.push(await timed(ask));
    await chain.close();
  }
  return rowOf('chain: the next provider answers', samples);
}

/** An orchestrator whose only model is down: how long until the basic router has planned instead. */
async function basicRouter(): Promise<BenchRow> {
  await using discovery = new LocalDiscovery();
  const tool = defineTool({
    name: 'currency-tool',
    description: 'Money',
    capabilities: {
      convert: {
        description: 'Convert an amount of money from one currency to another',
        effect: 'pure',
        input: {
          type: 'object',
          properties: { amount: { type: 'number' }, from: { type: 'string' }, to: { type: 'string' } },
          required: ['amount', 'from', 'to'],
        },
        handler: () => ({ amount: 125 }),
      },
    },
  });
  await using _served = await serve(tool, { registry: discovery, handleSignals: false, logger: noopLogger });
  const samples: number[] = [];
  for (let round = -5; round < rounds; round++) {
    const aiClient = clientOf('only', down);
    await using orchestrator = createOrchestrator(
      { discovery, aiClient, logger: noopLogger },
      { cacheEnabled: false, synthesis: 'template' },
    );
    let plannedMs = 0;
    const onEvent = ({ type }: RunEvent): void => {
      if (type === 'plan.created') plannedMs = performance.now();
    };
    const ask = (): Promise<unknown> => orchestrator.processRequest('Convert 250 USD to EUR', {}, { onEvent });
    while (!orchestrator.health().reasons.some((reason) => reason.includes('model:only'))) await ask();
    const startedMs = performance.now();
    await ask();
    if (round >= 0) samples.push(plannedMs - startedMs);
  }
  return rowOf('orchestrator: the basic router has planned', samples);
}

/** Circuits that nobody uses have no timers, and the event loop does not notice them. */
async function idle(): Promise<readonly BenchRow[]> {
  const before = timers();
  const withoutMs = await loopDelayMs();
  const all = Array.from({ length: breakers }, (_unused, index) =>
    createCircuitBreaker({ name: `dependency-${String(index)}` }),
  );
  await Promise.all(all.map((breaker) => breaker.execute(() => Promise.resolve(1))));
  const withMs = await loopDelayMs();
  const added = Math.max(0, timers() - before);
  await Promise.all(all.map((breaker) => breaker.close()));
  return [
    { name: 'event loop delay, p50, without circuits', medianMs: withoutMs, ratio: 1 },
    {
      name: `event loop delay, p50, with ${String(breakers)}`,
      medianMs: withMs,
      ratio: withMs / withoutMs,
      bound: 1.1,
    },
    { name: `timers of ${String(breakers)} circuits (a count)`, medianMs: added, ratio: added, bound: 0 },
  ];
}

async function loopDelayMs(): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await wait(watchMs);
  delay.disable();
  return delay.percentile(50) / 1e6;
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

async function timed(call: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await call();
  return performance.now() - startedMs;
}

function rowOf(name: string, samples: readonly number[]): BenchRow {
  const medianMs = median(samples);
  return { name, medianMs, ratio: medianMs / boundMs, bound: 1 };
}
