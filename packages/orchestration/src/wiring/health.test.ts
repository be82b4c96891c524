import { defineAgent, defineTool, GomindError, LocalDiscovery, serve } from '@gomind/core';
import { createFakeClock, createRecordingLogger, createScriptedAIClient, type FakeClock } from '@gomind/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createOrchestrator } from './create-orchestrator.ts';
import type { AIOrchestrator } from '../orchestrator/ai-orchestrator.ts';
import { createHealthHandler } from '../orchestrator/health-handler.ts';
import type { HealthStatus } from '../orchestrator/health.ts';

const tool = defineTool({
  name: 'clock-tool',
  description: 'Tells the time',
  capabilities: {
    now: { description: 'Get the time', effect: 'pure', input: z.object({}), handler: () => ({ time: 'noon' }) },
  },
});

let clock: FakeClock;
let discovery: LocalDiscovery;
/** What the registry does when it is pinged. */
let ping: () => Promise<void>;
let pings: number;
let orchestrator: AIOrchestrator;
const aiClient = createScriptedAIClient([]);
const open: AsyncDisposable[] = [];

beforeEach(async () => {
  clock = createFakeClock();
  discovery = new LocalDiscovery();
  pings = 0;
  ping = () => Promise.resolve();
  discovery.ping = () => {
    pings++;
    return ping();
  };
  const logger = createRecordingLogger();
  open.push(discovery, await serve(tool, { registry: discovery, handleSignals: false, logger, clock }));
  orchestrator = createOrchestrator({ discovery, aiClient, clock, logger });
  open.push(orchestrator);
});

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function probe(path: string, method = 'GET') {
  const response = createHealthHandler(orchestrator)(new Request(`http://localhost${path}`, { method }));
  const text = await response?.text();
  const body = (text === undefined || text === '' ? undefined : JSON.parse(text)) as HealthStatus | undefined;
  return { status: response?.status, body };
}

const healthy = {
  status: 'healthy',
  checks: { discovery: true, ai: true, capabilities: true },
  reasons: [],
  since: '2026-01-01T00:00:00.000Z',
};

describe('the probes of an orchestrator', () => {
  it('are ready with the first catalog, and stay so when the registry is lost later', async () => {
    expect(await probe('/ready')).toMatchObject({ status: 503, body: { status: 'not ready' } });
    expect(await probe('/health')).toMatchObject({ status: 200, body: { status: 'degraded' } });
    await orchestrator.start();
    expect(await probe('/ready')).toEqual({ status: 200, body: { status: 'ready' } });
    expect(await probe('/health')).toEqual({ status: 200, body: healthy });

    await clock.advance(60_000);
    ping = () => Promise.reject(new GomindError({ code: 'STORE_UNAVAILABLE', message: 'Redis is away' }));
    // The answer is what is known; the registry is asked for the next one.
    await probe('/health');
    expect(await probe('/health')).toMatchObject({
      status: 200,
      body: {
        status: 'degraded',
        checks: { discovery: false, ai: true, capabilities: true },
        reasons: ['The registry does not answer: Redis is away'],
        since: '2026-01-01T00:01:00.000Z',
      },
    });
    expect(await probe('/ready')).toMatchObject({ status: 200 });
  });

  it('never wait for a registry that hangs, and ask it once at a time', async () => {
    await orchestrator.start();
    ping = () => new Promise(() => undefined);
    // The clock stands still.
    for (let count = 0; count < 100; count++) expect((await probe('/health')).body?.status).toBe('healthy');
    expect(pings).toBe(1);
    await clock.advance(2_000);
    expect((await probe('/health')).body).toMatchObject({
      checks: { discovery: false },
      reasons: [expect.stringContaining('took longer than 2000 ms')],
    });
  });

  it('repeat no secret', async () => {
    await orchestrator.start();
    ping = () =>
      Promise.reject(
        new Error('redis://user:password=hunter2hunter2@host refused; key sk-proj-abcdefghijklmnop123456'),
      );
    const { reasons } = await orchestrator.healthCheck();
    expect(reasons[0]).toContain('The registry does not answer');
    expect(reasons[0]).not.toMatch(/hunter2hunter2|abcdefghijklmnop/);
  });

  it('share a ping, and the next look asks again', async () => {
    await orchestrator.start();
    await Promise.all(Array.from({ length: 20 }, () => orchestrator.healthCheck()));
    expect(pings).toBe(1);
    await orchestrator.healthCheck();
    expect(pings).toBe(2);
  });

  it('are no longer ready when it closes', async () => {
    await orchestrator.start();
    const closing = orchestrator.close();
    expect(await probe('/ready')).toMatchObject({ status: 503 });
    await closing;
    expect(await probe('/health')).toMatchObject({ status: 200 });
  });

  it('are those of the agent that it answers in, over HTTP', async () => {
    await orchestrator.start();
    const agent = defineAgent({
      name: 'assistant',
      description: 'Answers',
      capabilities: {
        ask: { description: 'Ask something', input: z.object({}), handler: () => 'an answer' },
      },
    });
    const health = (): HealthStatus => orchestrator.health();
    const served = await serve(agent, {
      discovery,
      handleSignals: false,
      logger: createRecordingLogger(),
      clock,
      health,
    });
    open.push(served);
    const read = async (): Promise<unknown> => (await fetch(`${served.url}/health`)).json();
    expect(await read()).toMatchObject({
      status: 'healthy',
      checks: { registry: true, discovery: true, ai: true, capabilities: true },
    });
    ping = () => Promise.reject(new Error('away'));
    await orchestrator.healthCheck();
    expect(await read()).toMatchObject({ status: 'degraded', checks: { discovery: false } });
  });

  it('answer GET and HEAD, leave other paths alone, and never call a model', async () => {
    await orchestrator.start();
    expect(await probe('/health', 'HEAD')).toMatchObject({ status: 200 });
    expect(await probe('/health', 'POST')).toMatchObject({ status: 405 });
    expect(await probe('/healthy')).toEqual({ status: undefined, body: undefined });
    expect(aiClient.calls).toEqual([]);
  });
});
