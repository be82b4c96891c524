/** A minute of requests whose traces and metrics nobody takes: the collector's address is closed. */
import { type AddressInfo, createServer } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { defineTool, LocalDiscovery, noopLogger, serve } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { setupTelemetry } from '@gomind/telemetry/node';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createOrchestrator } from '../src/index.ts';

const converter = defineTool({
  name: 'currency-tool',
  description: 'Money',
  capabilities: {
    convert: {
      description: 'Convert an amount of money from one currency to another',
      effect: 'pure',
      input: z.object({ amount: z.number(), from: z.string(), to: z.string() }),
      handler: ({ amount, to }) => ({ amount: amount * 0.5, currency: to }),
    },
  },
});

const seconds = 60;
/** Queues and caches are full by then. */
const settledAfter = 20;
const lookEverySeconds = 10;
/** Each request has several spans of more than a kilobyte: some 4,000 requests that kept theirs would be five times this. */
const maxGrowthBytes = 4 * 1_048_576;
const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;

async function usedHeap(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('Run with --expose-gc: pnpm test:soak');
  for (let round = 0; round < 5; round++) {
    await nextTurn();
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}

/** An address at which nobody listens any more. */
async function emptyAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${String(port)}`;
}

describe(`${String(seconds)} s without a collector`, () => {
  it('grow no heap and throw nothing into the application', async () => {
    const failures: unknown[] = [];
    const onFailure = (error: unknown): void => void failures.push(error);
    process.on('unhandledRejection', onFailure).on('uncaughtExceptionMonitor', onFailure);
    const logger = createRecordingLogger();
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: await emptyAddress(), OTEL_METRIC_EXPORT_INTERVAL: '5000' };
    const collected = await setupTelemetry({ environment, logger, shutdownTimeoutMs: 2_000 });
    const { telemetry } = collected;
    await using discovery = new LocalDiscovery();
    const options = { registry: discovery, handleSignals: false, idempotencyTtlMs: 1_000, telemetry };
    await using _served = await serve(converter, options);
    await using orchestrator = createOrchestrator(
      { discovery, telemetry, logger: noopLogger },
      // Full long before the first look that counts.
      { cacheMaxEntries: 100 },
    );

    const startedAt = performance.now();
    const elapsed = (): number => (performance.now() - startedAt) / 1_000;
    let requests = 0;
    const ask = async (untilSeconds: number): Promise<void> => {
      while (elapsed() < untilSeconds) {
        const { response } = await orchestrator.processRequest(`Convert ${String(2 * requests++)} USD to EUR`);
        expect(response).toContain('EUR');
        await sleep(1);
      }
    };
    const heaps: { readonly second: number; readonly bytes: number }[] = [];
    for (let second = lookEverySeconds; second <= seconds; second += lookEverySeconds) {
      await Promise.all([ask(second), ask(second), ask(second), ask(second)]);
      heaps.push({ second, bytes: await usedHeap() });
    }
    const figures = heaps.map(({ second, bytes }) => `${String(second)} s ${mebibytes(bytes)}`).join(', ');
    process.stdout.write(`${String(requests)} requests; heap: ${figures}\n`);
    await collected.shutdown();
    process.off('unhandledRejection', onFailure).off('uncaughtExceptionMonitor', onFailure);

    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(1_000);
    const settled = Math.max(...heaps.filter(({ second }) => second <= settledAfter).map(({ bytes }) => bytes));
    // A batch on its way may be in the heap at any one look; what is kept is there at every one.
    const last = Math.min(...heaps.slice(-2).map(({ bytes }) => bytes));
    expect(last - settled, figures).toBeLessThan(maxGrowthBytes);
    expect(logger.records.filter(({ level }) => level === 'warn').length).toBeLessThanOrEqual(2);
  });
});
