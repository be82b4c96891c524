import { defineTool, LocalDiscovery, noopLogger, serve } from '@gomind/core';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AIOrchestrator, createOrchestrator } from '../src/index.ts';

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

const concurrency = 20;
const warmUpRequests = 2_000;
const measuredRequests = 8_000;
/** A leak of only 130 bytes a request would exceed it. */
const maxGrowthBytes = 1_048_576;

async function ask(orchestrator: AIOrchestrator, count: number): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const { response } = await orchestrator.processRequest(`Convert ${String(2 * index + 2)} USD to EUR`);
      expect(response).toContain(String(index + 1));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** Bytes of the heap that are still in use when nothing is left to collect. */
async function usedHeap(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('Run with --expose-gc: pnpm test:soak');
  for (let round = 0; round < 5; round++) {
    await nextTurn();
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}

const openResources = (): number => process.getActiveResourcesInfo().length;

describe(`${String(measuredRequests)} requests through one orchestrator, over HTTP`, () => {
  it('leave no memory, timer or connection behind', async () => {
    await using discovery = new LocalDiscovery();
    // The component keeps answers for repetitions, up to 10,000 of them: not for long here, as they are no leak.
    const options = { registry: discovery, handleSignals: false, idempotencyTtlMs: 1_000 };
    await using _served = await serve(converter, options);
    await using orchestrator = createOrchestrator({ discovery, logger: noopLogger });
    await ask(orchestrator, warmUpRequests);
    const before = { heap: await usedHeap(), resources: openResources() };
    await ask(orchestrator, measuredRequests);
    const growth = (await usedHeap()) - before.heap;
    expect(growth, `heap grew by ${String(Math.round(growth / 1_024))} KiB`).toBeLessThan(maxGrowthBytes);
    expect(openResources()).toBeLessThanOrEqual(before.resources + concurrency);
    expect(orchestrator.getExecutionHistory()).toHaveLength(100);
    expect(orchestrator.getMetrics().totalRequests).toBe(warmUpRequests + measuredRequests);
  });
});
