import { createAIClient, createChainClient } from '@gomind/ai';
import { type AIClient, defineTool, LocalDiscovery, serve } from '@gomind/core';
import { createFakeClock, createRecordingLogger, type FakeClock } from '@gomind/core/testing';
import { type OpenAIWireServer, startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AIOrchestrator } from '../orchestrator/ai-orchestrator.ts';
import { createOrchestrator } from './create-orchestrator.ts';
import type { OrchestratorConfig } from './orchestrator-config.ts';

const converter = defineTool({
  name: 'currency-tool',
  description: 'Money',
  capabilities: {
    convert: {
      description: 'Convert an amount of money from one currency to another',
      effect: 'pure',
      input: z.object({ amount: z.number(), from: z.string(), to: z.string() }),
      output: z.object({ amount: z.number() }),
      handler: ({ amount }) => ({ amount: amount * 0.5 }),
    },
  },
});

const request = 'Convert 250 USD to EUR';
const inputs = { amount: 250, from: 'USD', to: 'EUR' };
const plan = {
  steps: [{ name: 'convert', component: 'currency-tool', action: 'convert', inputs, depends_on: [] }],
};
const planned: WireReply = { text: JSON.stringify(plan) };

let clock: FakeClock;
const open: AsyncDisposable[] = [];
/** What the servers answer, the first one's first. */
let replies: [WireReply, WireReply];
let servers: [OpenAIWireServer, OpenAIWireServer];

function use<T extends AsyncDisposable>(resource: T): T {
  open.push(resource);
  return resource;
}

async function startServer(which: 0 | 1): Promise<OpenAIWireServer> {
  return use(await startOpenAIWireServer({ reply: () => replies[which] }));
}

function clientOf({ baseUrl }: OpenAIWireServer): AIClient {
  return use(createAIClient({ provider: 'openai', apiKey: 'test', baseUrl }));
}

async function orchestrate(
  aiClient: AIClient = clientOf(servers[0]),
  config: Partial<OrchestratorConfig> = {},
): Promise<AIOrchestrator> {
  const discovery = use(new LocalDiscovery());
  use(await serve(converter, { registry: discovery, handleSignals: false, clock }));
  const logger = createRecordingLogger();
  return use(createOrchestrator({ discovery, aiClient, clock, logger }, { synthesis: 'template', ...config }));
}

beforeEach(async () => {
  clock = createFakeClock();
  replies = [planned, planned];
  servers = [await startServer(0), await startServer(1)];
});

afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

/** Failures that no second attempt can mend, so that nothing waits. */
const failures: readonly (readonly [string, WireReply, string])[] = [
  ['a wrong key', { status: 401, message: 'Incorrect API key provided' }, 'MODEL_AUTH'],
  ['an empty account', { status: 429, code: 'insufficient_quota', message: 'You exceeded your quota' }, 'MODEL_QUOTA'],
  ['a refusal', { refusal: 'I cannot help with that.' }, 'MODEL_REFUSED'],
  ['an answer without a plan', { text: 'I would rather not.' }, 'PLAN_REJECTED'],
  ['an answer that was cut off', { text: '{"steps": [', finishReason: 'length' }, 'PLAN_REJECTED'],
];

describe.each(failures)('after %s', (_what, failure, code) => {
  it('a plan beyond its lifetime is used, whose request came before', async () => {
    const orchestrator = await orchestrate(undefined, { cacheTtlMs: 1_000 });
    await orchestrator.processRequest(request);
    await clock.advance(2_000);
    replies[0] = failure;
    await expect(orchestrator.processRequest(request)).resolves.toMatchObject({
      mode: 'cached-plan',
      status: 'degraded',
      errors: [{ code }],
      steps: { convert: { output: { amount: 125 } } },
    });
  });

  it('the basic router plans what nobody asked before', async () => {
    replies[0] = failure;
    await expect((await orchestrate()).processRequest(request)).resolves.toMatchObject({
      mode: 'basic-router',
      status: 'degraded',
      errors: [{ code }],
      steps: { convert: { output: { amount: 125 } } },
    });
  });
});

describe('a chain', () => {
  it('is asked before anything kept is', async () => {
    replies[0] = { status: 401, message: 'Incorrect API key provided' };
    const orchestrator = await orchestrate(createChainClient(servers.map(clientOf)));
    await expect(orchestrator.processRequest(request)).resolves.toMatchObject({
      mode: 'ai',
      status: 'completed',
      errors: [],
    });
    expect(servers.map(({ requests }) => requests.length)).toEqual([1, 1]);
  });

  it('that fails as a whole is stepped down from, with its reason', async () => {
    replies = [
      { status: 401, message: 'Incorrect API key provided' },
      { status: 401, message: 'Incorrect API key provided' },
    ];
    const orchestrator = await orchestrate(createChainClient(servers.map(clientOf)));
    const response = await orchestrator.processRequest(request);
    expect(response).toMatchObject({ mode: 'basic-router', status: 'degraded' });
    expect(response.errors).toHaveLength(1);
  });
});

describe('a kept plan', () => {
  it('spares the model over the wire, for other values too', async () => {
    const orchestrator = await orchestrate();
    await orchestrator.processRequest(request);
    await expect(orchestrator.processRequest(request)).resolves.toMatchObject({ mode: 'cached-plan' });
    await expect(orchestrator.processRequest('convert 1,000 GBP to JPY, please')).resolves.toMatchObject({
      mode: 'cached-plan',
      status: 'completed',
      steps: { convert: { inputs: { amount: 1_000, from: 'GBP', to: 'JPY' } } },
    });
    expect(servers[0].requests).toHaveLength(1);
  });

  it('repeats for a while that no component can do it', async () => {
    replies[0] = { text: '{"steps": [], "reason": "Nothing books hotels."}' };
    const orchestrator = await orchestrate();
    for (const mode of ['ai', 'cached-plan']) {
      await expect(orchestrator.processRequest('Book a hotel')).resolves.toMatchObject({
        mode,
        status: 'failed',
        errors: [{ code: 'NO_PLAN' }],
      });
    }
    expect(servers[0].requests).toHaveLength(1);
  });
});
