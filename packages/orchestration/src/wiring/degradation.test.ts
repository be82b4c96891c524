import { type AIClient, defineTool, GomindError, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import {
  createFakeClock,
  createRecordingLogger,
  createScriptedAIClient,
  type FakeClock,
  type ScriptedReply,
} from '@gomind/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AIOrchestrator } from '../orchestrator/ai-orchestrator.ts';
import type { RunEvent } from '../plan/events/run-event.ts';
import { createOrchestrator } from './create-orchestrator.ts';
import type { OrchestratorConfig } from './orchestrator-config.ts';

let toolTrouble: { readonly code: string; readonly isRetryable: boolean } | undefined;
const unavailable = { code: 'SERVICE_ERROR', isRetryable: true };

const moneyTool = (effect: 'pure' | 'idempotent') =>
  defineTool({
    name: 'currency-tool',
    description: 'Money',
    capabilities: {
      convert: {
        description: 'Convert an amount of money from one currency to another',
        effect,
        input: z.object({ amount: z.number(), from: z.string(), to: z.string() }),
        output: z.object({ amount: z.number() }),
        handler: ({ amount }) => {
          if (toolTrouble !== undefined) throw new GomindError({ message: 'There are no rates', ...toolTrouble });
          return { amount: amount * 0.5 };
        },
      },
    },
  });

const request = 'Convert 250 USD to EUR';
const plan = JSON.stringify({
  steps: [
    {
      name: 'convert',
      component: 'currency-tool',
      action: 'convert',
      inputs: { amount: 250, from: 'USD', to: 'EUR' },
      depends_on: [],
    },
  ],
});
const down = new GomindError({ code: 'MODEL_AUTH', message: 'The key is not accepted' });

let clock: FakeClock;
let discovery: LocalDiscovery;
let served: ServedComponent;
let orchestrator: AIOrchestrator;
let isModelDown: boolean;
let calls: string[];

/** Plans, and writes "Answer 1", "Answer 2", ... while it is up. */
function model(): AIClient {
  return createScriptedAIClient((asked): ScriptedReply => {
    const isPlanning = asked.responseFormat !== undefined;
    calls.push(isPlanning ? 'plan' : 'write');
    if (isModelDown) return down;
    return isPlanning ? plan : `Answer ${String(calls.filter((call) => call === 'write').length)}`;
  });
}

async function start(config: Partial<OrchestratorConfig> = {}, effect: 'pure' | 'idempotent' = 'pure'): Promise<void> {
  served = await serve(moneyTool(effect), { registry: discovery, handleSignals: false, clock });
  orchestrator = createOrchestrator({ discovery, aiClient: model(), clock, logger: createRecordingLogger() }, config);
}

beforeEach(() => {
  clock = createFakeClock();
  discovery = new LocalDiscovery();
  isModelDown = false;
  toolTrouble = undefined;
  calls = [];
});

afterEach(async () => {
  await orchestrator.close();
  await served.close();
  await discovery.close();
});

/** Lets retries come to their turn. */
async function whileTimePasses<T>(work: Promise<T>): Promise<T> {
  const state = { isOver: false };
  const end = (): void => {
    state.isOver = true;
  };
  work.then(end, end);
  while (!state.isOver) await clock.advance(50);
  return work;
}

async function collect(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const collected: RunEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

describe('a plan that is kept', () => {
  it('spares the planning but not the writing, and is as good as a new one', async () => {
    await start();
    await expect(orchestrator.processRequest(request)).resolves.toMatchObject({ mode: 'ai', response: 'Answer 1' });
    const again = await orchestrator.processRequest(request);
    expect(again).toMatchObject({ mode: 'cached-plan', status: 'completed', response: 'Answer 2', confidence: 1 });
    expect(again.steps['convert']).toMatchObject({ output: { amount: 125 } });
    expect(calls).toEqual(['plan', 'write', 'write']);
    expect(orchestrator.getMetrics()).toMatchObject({ cacheHits: 1, cacheMisses: 1, cacheHitRate: 0.5, cacheSize: 1 });
    expect(orchestrator.getMetrics().savedTokens).toBeGreaterThan(0);
  });

  it('stands in the stream as what it is', async () => {
    await start();
    await orchestrator.processRequest(request);
    const events = await collect(orchestrator.stream(request));
    expect(events.find(({ type }) => type === 'plan.created')).toMatchObject({ source: 'cached-plan' });
    expect(events.at(-1)).toMatchObject({ type: 'run.completed', response: { mode: 'cached-plan' } });
  });

  it.each<[string, Partial<OrchestratorConfig>, { readonly cache?: boolean; readonly tenant?: string }]>([
    ['the request says so', {}, { cache: false }],
    ['the configuration says so', { cacheEnabled: false }, {}],
    ['its time is over', { cacheTtlMs: 1 }, {}],
    ['another tenant asks', {}, { tenant: 'other' }],
  ])('is not used when %s', async (_why, config, metadata) => {
    await start(config);
    await orchestrator.processRequest(request);
    await clock.advance(2);
    await expect(orchestrator.processRequest(request, metadata)).resolves.toMatchObject({ mode: 'ai' });
  });

  it('is forgotten when its component goes', async () => {
    await start();
    await orchestrator.processRequest(request);
    expect(orchestrator.getMetrics().cacheSize).toBe(1);
    await served.close();
    await expect.poll(async () => (await clock.advance(10_000), orchestrator.getMetrics().cacheSize)).toBe(0);
  });

  it('is forgotten when a component refuses it for good', async () => {
    await start();
    toolTrouble = { code: 'NOT_FOUND', isRetryable: false };
    await whileTimePasses(orchestrator.processRequest(request));
    toolTrouble = undefined;
    await expect(orchestrator.processRequest(request)).resolves.toMatchObject({ mode: 'ai', status: 'completed' });
  });

  it('is made once for all who ask at the same time', { timeout: 60_000 }, async () => {
    await start({ synthesis: 'template' });
    const responses = await Promise.all(Array.from({ length: 500 }, () => orchestrator.processRequest(request)));
    expect(responses.every(({ status }) => status === 'completed')).toBe(true);
    expect(calls).toEqual(['plan']);
    expect(orchestrator.getMetrics()).toMatchObject({ cacheMisses: 1, cacheHits: 499, cacheSharedHits: 499 });
    const tokens = responses.map(({ usage }) => usage.totalTokens);
    expect(tokens.filter((count) => count > 0)).toHaveLength(1);
  });
});

describe('when the model fails', () => {
  it('a plan beyond its lifetime is used, and the response says why', async () => {
    await start({ cacheTtlMs: 1_000 });
    await orchestrator.processRequest(request);
    await clock.advance(2_000);
    isModelDown = true;
    const response = await orchestrator.processRequest(request);
    expect(response).toMatchObject({
      mode: 'cached-plan',
      status: 'degraded',
      errors: [{ code: 'MODEL_AUTH' }],
      steps: { convert: { status: 'completed' } },
    });
    expect(response.response).toContain('125');
    expect(orchestrator.getMetrics().cacheStaleHits).toBe(1);
  });

  it('the basic router plans when nothing is kept', async () => {
    await start();
    isModelDown = true;
    await expect(orchestrator.processRequest(request)).resolves.toMatchObject({
      mode: 'basic-router',
      status: 'degraded',
      errors: [{ code: 'MODEL_AUTH' }],
    });
  });

  it('the answer helps when nobody can plan', async () => {
    await start();
    isModelDown = true;
    const response = await orchestrator.processRequest('Write me a poem about the sea');
    expect(response).toMatchObject({ mode: 'basic-router', status: 'degraded', steps: {} });
    expect(response.errors.map(({ code }) => code)).toEqual(['MODEL_AUTH', 'NO_PLAN']);
    expect(response.response).toContain('currency-tool');
  });
});

describe('when every step fails', () => {
  it('an earlier answer is repeated, marked as stale, with the causes', async () => {
    await start();
    const first = await orchestrator.processRequest(request);
    toolTrouble = unavailable;
    const events = await whileTimePasses(collect(orchestrator.stream(request)));
    expect(events.find(({ type }) => type === 'synthesis.delta')).toMatchObject({ text: first.response });
    expect(events.at(-1)).toMatchObject({
      type: 'run.completed',
      response: {
        mode: 'cached-answer',
        status: 'degraded',
        response: first.response,
        isStale: true,
        answeredAt: '2026-01-01T00:00:00.000Z',
        confidence: 0.5,
        errors: [{ step: 'convert', isRetryable: true }],
        steps: { convert: { status: 'failed' } },
      },
    });
    expect(orchestrator.getMetrics().successfulRequests).toBe(2);
  });

  it.each<[string, { readonly user: string; readonly cache?: boolean }]>([
    ['another user', { user: 'b' }],
    ['who wants no cache', { user: 'a', cache: false }],
  ])('is not repeated for %s', async (_who, metadata) => {
    await start();
    await orchestrator.processRequest(request, { user: 'a' });
    toolTrouble = unavailable;
    const response = await whileTimePasses(orchestrator.processRequest(request, metadata));
    expect(response.status).toBe('failed');
  });

  it('is not repeated when the component did answer, and said no', async () => {
    await start();
    await orchestrator.processRequest(request);
    toolTrouble = { code: 'NOT_FOUND', isRetryable: false };
    const response = await whileTimePasses(orchestrator.processRequest(request));
    expect(response).toMatchObject({ status: 'failed', errors: [{ code: 'NOT_FOUND' }] });
  });

  it('is not repeated when its time is over', async () => {
    await start({ cacheTtlMs: 1_000 });
    await orchestrator.processRequest(request);
    await clock.advance(2_000);
    toolTrouble = unavailable;
    const response = await whileTimePasses(orchestrator.processRequest(request));
    expect(response.status).toBe('failed');
  });

  it('is not repeated when the plan did something: "done" would be a lie', async () => {
    await start({}, 'idempotent');
    await orchestrator.processRequest(request);
    toolTrouble = unavailable;
    const response = await whileTimePasses(orchestrator.processRequest(request));
    expect(response.status).toBe('failed');
  });
});

describe('the cache setting of a request', () => {
  it('is refused when it is neither true nor false', async () => {
    await start();
    await expect((async () => orchestrator.processRequest(request, { cache: 'no' as never }))()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

describe('planning ahead', () => {
  const other = 'Convert 70 USD into EUR';
  /** A habit: one request, then the other, each time after what was kept is too old. */
  async function habit(config: Partial<OrchestratorConfig>): Promise<void> {
    await start({ cacheTtlMs: 1_000, cacheTemplatesEnabled: false, synthesis: 'template', ...config });
    for (const asked of [request, other, request, other]) {
      await orchestrator.processRequest(asked);
      await clock.advance(1_001);
    }
  }

  it('has the plan of the likely next request ready', async () => {
    await habit({ cachePrefetchPerHour: 5 });
    await orchestrator.processRequest(request);
    await expect.poll(() => orchestrator.getMetrics().cacheSize).toBe(2);
    const before = calls.length;
    await expect(orchestrator.processRequest(other)).resolves.toMatchObject({ mode: 'cached-plan' });
    expect(calls).toHaveLength(before);
    expect(orchestrator.getMetrics()).toMatchObject({ cachePrefetches: 1, cachePrefetchHitRate: 1 });
  });

  it('is off by default', async () => {
    await habit({});
    await orchestrator.processRequest(request);
    await expect(orchestrator.processRequest(other)).resolves.toMatchObject({ mode: 'ai' });
    expect(orchestrator.getMetrics().cachePrefetches).toBe(0);
  });

  it('stays within its number of plannings an hour, and touches nobody when it fails', async () => {
    await habit({ cachePrefetchPerHour: 1 });
    isModelDown = true;
    await orchestrator.processRequest(request);
    isModelDown = false;
    await clock.advance(1_001);
    for (const asked of [other, request, other]) {
      await expect(orchestrator.processRequest(asked)).resolves.toMatchObject({ status: 'completed' });
      await clock.advance(1_001);
    }
    expect(orchestrator.getMetrics().cachePrefetches).toBe(1);
  });
});
