import { createAIClient } from '@gomind/ai';
import { defineTool, GomindError, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { type OpenAIWireServer, startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { AIOrchestrator } from '../orchestrator/ai-orchestrator.ts';
import { foldRun } from '../plan/events/fold-run.ts';
import type { RunEvent } from '../plan/events/run-event.ts';
import { createOrchestrator } from './create-orchestrator.ts';
import type { OrchestratorConfig } from './orchestrator-config.ts';

const request = 'Sell 100 Tesla shares and convert the proceeds to EUR';

const stockTool = defineTool({
  name: 'stock-tool',
  description: 'Share prices',
  capabilities: {
    get_quote: {
      description: 'Get the price of one share',
      effect: 'pure',
      input: z.object({ symbol: z.string() }),
      output: z.object({ price: z.number() }),
      handler: () => ({ price: 468.285 }),
    },
  },
});

/** Amounts that were converted. */
let converted: number[] = [];
/** What the currency tool does instead of converting. */
let currencyFault: GomindError | undefined;

const currencyToolNamed = (name: string, effect: 'pure' | 'irreversible' = 'irreversible') =>
  defineTool({
    name,
    description: 'Money',
    capabilities: {
      convert: {
        description: 'Convert an amount of money',
        effect,
        input: z.object({ amount: z.number(), from: z.string(), to: z.string() }),
        output: z.object({ amount: z.number(), by: z.string() }),
        handler: ({ amount }) => {
          if (currencyFault !== undefined && name === 'currency-tool') throw currencyFault;
          if (amount <= 0) throw new GomindError({ code: 'INPUT_ERROR', message: 'amount must be greater than 0' });
          converted.push(amount);
          return { amount: amount / 2, by: name };
        },
      },
    },
  });

const quote = {
  name: 'quote',
  component: 'stock-tool',
  action: 'get_quote',
  inputs: { symbol: 'TSLA' },
  depends_on: [],
};
const convert = (amount: number, ...dependsOn: string[]) => ({
  name: 'convert',
  component: 'currency-tool',
  action: 'convert',
  inputs: { amount, from: 'USD', to: 'EUR' },
  depends_on: dependsOn,
});
const reply = (value: unknown): WireReply => ({ text: JSON.stringify(value) });
const plan = reply({ steps: [quote, convert(0, 'quote')] });
const correction = reply({
  should_retry: true,
  analysis: '100 shares at 468.285 each are 46828.5',
  corrected_parameters: { amount: 46828.5 },
});
const answer: WireReply = { text: 'Your shares are sold.' };

let discovery: LocalDiscovery;
let served: ServedComponent[];
let orchestrator: AIOrchestrator | undefined;
let server: OpenAIWireServer | undefined;

const serveTool = async (tool: Parameters<typeof serve>[0]): Promise<ServedComponent> => {
  const one = await serve(tool, { registry: discovery, port: 0, host: '127.0.0.1' });
  served.push(one);
  return one;
};

beforeEach(async () => {
  converted = [];
  currencyFault = undefined;
  discovery = new LocalDiscovery();
  served = [];
  await serveTool(stockTool);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await orchestrator?.close();
  await Promise.all(served.map((one) => one.close()));
  await server?.close();
});

async function ask(replies: readonly WireReply[], config: Partial<OrchestratorConfig> = {}) {
  server = await startOpenAIWireServer({ reply: replies });
  const aiClient = createAIClient({ provider: 'openai', apiKey: 'test', baseUrl: server.baseUrl, model: 'test-model' });
  orchestrator = createOrchestrator({ discovery, aiClient }, { logLevel: 'error', replanEnabled: false, ...config });
  const events: RunEvent[] = [];
  const response = await orchestrator.processRequest(request, {}, { onEvent: (event) => events.push(event) });
  return { response, events, questions: server.requests.length, server };
}

describe('the Tesla scenario of the reference', () => {
  it('ends with 46828.5 converted and the correction visible', async () => {
    await serveTool(currencyToolNamed('currency-tool'));
    const { response, events, questions } = await ask([plan, correction, answer]);

    expect(response).toMatchObject({ status: 'completed', errors: [], confidence: 1 });
    expect(response.steps['convert']).toMatchObject({
      status: 'completed',
      attempts: 2,
      inputs: { amount: 46828.5, from: 'USD', to: 'EUR' },
      output: { amount: 23414.25 },
    });
    expect(converted).toEqual([46828.5]);
    expect(questions).toBe(3);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'step.inputs.corrected',
        step: 'convert',
        inputs: { amount: 46828.5, from: 'USD', to: 'EUR' },
        reason: '100 shares at 468.285 each are 46828.5',
      }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'step.attempt.failed', step: 'convert', attempt: 1, delayMs: 0 }),
    );
    expect(foldRun(events).steps['convert']).toEqual(response.steps['convert']);
  });

  it('shows the model the request, the quote, what was tried and what the tool said', async () => {
    await serveTool(currencyToolNamed('currency-tool'));
    const { server } = await ask([plan, correction, answer]);
    const asked = JSON.stringify(server.requests[1]?.body);
    for (const part of [request, '468.285', 'amount must be greater than 0', 'USD']) expect(asked).toContain(part);
  });

  it('works for a step that depends on nothing', async () => {
    await serveTool(currencyToolNamed('currency-tool'));
    const { response } = await ask([reply({ steps: [convert(0)] }), correction, answer]);
    expect(response.status).toBe('completed');
    expect(converted).toEqual([46828.5]);
  });

  it('asks at most twice for one step, and fails with the tool’s own words', async () => {
    await serveTool(currencyToolNamed('currency-tool'));
    const wrong = (amount: number) => reply({ should_retry: true, analysis: 'x', corrected_parameters: { amount } });
    const { response, questions } = await ask([plan, wrong(-1), wrong(-2), answer]);
    expect(response).toMatchObject({ status: 'partial', errors: [{ step: 'convert', code: 'INPUT_ERROR' }] });
    expect(response.steps['convert']).toMatchObject({ attempts: 3, inputs: { amount: -2 } });
    expect(questions).toBe(4);
    expect(converted).toEqual([]);
  });

  it.each<readonly [string, Partial<OrchestratorConfig>, Readonly<Record<string, string>>]>([
    ['the configuration', { semanticRetry: { enabled: false, maxAttempts: 2 } }, {}],
    ['GOMIND_SEMANTIC_RETRY_ENABLED', {}, { GOMIND_SEMANTIC_RETRY_ENABLED: 'false' }],
    ['GOMIND_SEMANTIC_RETRY_MAX_ATTEMPTS', {}, { GOMIND_SEMANTIC_RETRY_MAX_ATTEMPTS: '0' }],
  ])('is not corrected when %s says so', async (_who, config, environment) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    await serveTool(currencyToolNamed('currency-tool'));
    const { response, questions } = await ask([plan, answer], config);
    expect(response.status).toBe('partial');
    expect(questions).toBe(2);
  });
});

describe('a call that fails for another reason', () => {
  it.each<readonly [string, GomindError]>([
    ['rate limit', new GomindError({ code: 'RATE_LIMITED', message: 'later', details: { retryAfterMs: 0 } })],
    ['server error', new GomindError({ code: 'BROKEN', message: 'amount must be greater than 0' })],
    ['missing credentials', new GomindError({ code: 'NOT_AUTHORIZED', message: 'who are you' })],
  ])('of a %s never costs a model call', async (_name, fault) => {
    await serveTool(currencyToolNamed('currency-tool'));
    currencyFault = fault;
    const { response, questions } = await ask([plan, answer]);
    expect(response.steps['convert']?.status).toBe('failed');
    expect(questions).toBe(2);
  });

  it('because nobody answers goes to another component that can do the same', async () => {
    const gone = await serveTool(currencyToolNamed('currency-tool'));
    await serveTool(currencyToolNamed('money-tool'));
    // It dies without a word: its registration stays.
    const [record] = await discovery.findService('currency-tool');
    await gone.close();
    if (record !== undefined) await discovery.register(record);
    const { response, events, questions } = await ask([reply({ steps: [quote, convert(5, 'quote')] }), answer]);

    expect(response.status).toBe('completed');
    expect(response.steps['convert']).toMatchObject({ component: 'money-tool', output: { by: 'money-tool' } });
    expect(response.agentsInvolved).toEqual(['stock-tool', 'money-tool']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'step.rerouted', component: 'money-tool' }));
    expect(foldRun(events).steps['convert']).toEqual(response.steps['convert']);
    expect(questions).toBe(2);
  });

  it('does not go to a component that does more to the world', async () => {
    const gone = await serveTool(currencyToolNamed('currency-tool', 'pure'));
    await serveTool(currencyToolNamed('money-tool', 'irreversible'));
    const [record] = await discovery.findService('currency-tool');
    await gone.close();
    if (record !== undefined) await discovery.register(record);
    const { response } = await ask([reply({ steps: [quote, convert(5, 'quote')] }), answer]);
    expect(response.errors).toMatchObject([{ step: 'convert', code: 'COMPONENT_UNAVAILABLE' }]);
    expect(converted).toEqual([]);
  });
});
