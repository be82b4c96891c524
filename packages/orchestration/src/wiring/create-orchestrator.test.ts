import { type AIClient, defineTool, GomindError, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { createRecordingLogger, createScriptedAIClient } from '@gomind/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AIOrchestrator } from '../orchestrator/ai-orchestrator.ts';
import type { RunEvent } from '../plan/events/run-event.ts';
import { createOrchestrator, createSimpleOrchestrator } from './create-orchestrator.ts';
import type { OrchestratorConfig } from './orchestrator-config.ts';

const stockTool = defineTool({
  name: 'stock-tool',
  description: 'Share prices',
  capabilities: {
    get_quote: {
      description: 'Get the price of one share of a company',
      effect: 'pure',
      input: z.object({ symbol: z.string() }),
      output: z.object({ price: z.number(), currency: z.string() }),
      handler: () => ({ price: 468.285, currency: 'USD' }),
    },
  },
});

const currencyTool = defineTool({
  name: 'currency-tool',
  description: 'Money',
  capabilities: {
    convert: {
      description: 'Convert an amount of money from one currency to another',
      effect: 'pure',
      input: z.object({ amount: z.number(), from: z.string(), to: z.string() }),
      output: z.object({ amount: z.number() }),
      handler: ({ amount }) => {
        if (amount <= 0) throw new GomindError({ code: 'INPUT_ERROR', message: 'amount must be greater than 0' });
        return { amount: amount * 0.5 };
      },
    },
  },
});

let hangingCalls = 0;
const hangingTool = defineTool({
  name: 'hanging-tool',
  description: 'Waits',
  capabilities: {
    wait_forever: {
      description: 'Wait for ever and a day',
      effect: 'pure',
      input: z.object({}),
      handler: (_input, { signal }) => {
        hangingCalls++;
        return new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
        });
      },
    },
  },
});

const quoteStep = {
  name: 'quote',
  component: 'stock-tool',
  action: 'get_quote',
  inputs: { symbol: 'TSLA' },
  depends_on: [],
};
const convertStep = (amount: unknown) => ({
  name: 'convert',
  component: 'currency-tool',
  action: 'convert',
  inputs: { amount, from: 'USD', to: 'EUR' },
  depends_on: ['quote'],
});
/** What the model says when it sees no better inputs for a refused call. */
const noWay = '{"should_retry": false, "analysis": "Nothing to sell."}';
const noPlan = '{"steps": [], "reason": "There is no other way."}';
const planOf = (...steps: unknown[]): string => JSON.stringify({ steps });
const sellAndConvert = planOf(quoteStep, convertStep('${steps.quote.output.price * 100}'));
const waitPlan = planOf({
  name: 'wait',
  component: 'hanging-tool',
  action: 'wait_forever',
  inputs: {},
  depends_on: [],
});

let discovery: LocalDiscovery;
let served: ServedComponent[];
const open: AIOrchestrator[] = [];

beforeEach(async () => {
  discovery = new LocalDiscovery();
  served = await Promise.all(
    [stockTool, currencyTool, hangingTool].map((tool) => serve(tool, { registry: discovery, handleSignals: false })),
  );
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((orchestrator) => orchestrator.close()));
  await Promise.all(served.map((component) => component.close()));
  await discovery.close();
});

function orchestrate(aiClient?: AIClient, config: Partial<OrchestratorConfig> = {}): AIOrchestrator {
  const logger = createRecordingLogger();
  const orchestrator = createOrchestrator(
    { discovery, logger, ...(aiClient === undefined ? {} : { aiClient }) },
    config,
  );
  open.push(orchestrator);
  return orchestrator;
}

async function collect(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const collected: RunEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

describe('processRequest with a model', () => {
  it('plans, runs the plan over real HTTP components and lets the model answer', async () => {
    const aiClient = createScriptedAIClient([sellAndConvert, 'You get 23,414.25 EUR.']);
    const response = await orchestrate(aiClient).processRequest('Sell 100 Tesla shares and convert to EUR', {
      tenant: 'a',
    });
    expect(response).toMatchObject({
      status: 'completed',
      mode: 'ai',
      response: 'You get 23,414.25 EUR.',
      agentsInvolved: ['stock-tool', 'currency-tool'],
      errors: [],
      confidence: 1,
      metadata: { tenant: 'a' },
      steps: { convert: { status: 'completed', output: { amount: 23414.25 }, inputs: { amount: 46828.5 } } },
    });
    expect(response.usage.totalTokens).toBeGreaterThan(0);
    aiClient.assertComplete();
  });

  it("fails clearly with the tool's own message and the step's name when a tool refuses the values", async () => {
    const aiClient = createScriptedAIClient([
      planOf(quoteStep, convertStep(0)),
      noWay,
      noPlan,
      'The conversion failed.',
    ]);
    const response = await orchestrate(aiClient).processRequest('Sell 100 Tesla shares and convert to EUR');
    expect(response.status).toBe('partial');
    expect(response.errors).toHaveLength(1);
    expect(response.errors[0]).toMatchObject({
      step: 'convert',
      component: 'currency-tool',
      code: 'INPUT_ERROR',
      isRetryable: false,
    });
    expect(response.errors[0]?.message).toContain('convert');
    expect(response.errors[0]?.message).toContain('amount must be greater than 0');
    expect(response.steps['convert']).toMatchObject({ status: 'failed', attempts: 1 });
  });

  it('does not pay a model to say that every step failed', async () => {
    const aiClient = createScriptedAIClient([planOf({ ...convertStep(0), depends_on: [] }), noWay, noPlan]);
    const response = await orchestrate(aiClient).processRequest('Convert nothing');
    expect(response).toMatchObject({ status: 'failed', mode: 'ai' });
    expect(response.response).toContain('amount must be greater than 0');
    aiClient.assertComplete();
  });

  it('passes on that no component can do what is asked', async () => {
    const aiClient = createScriptedAIClient(['{"steps": [], "reason": "No component books hotels."}']);
    const response = await orchestrate(aiClient).processRequest('Book a hotel');
    expect(response).toMatchObject({ status: 'failed', mode: 'ai', errors: [{ code: 'NO_PLAN' }], confidence: 0 });
    expect(response.response).toContain('No component books hotels.');
    expect(response.response).toContain('stock-tool');
  });

  it('answers with the template when the model fails while writing, and says that it did', async () => {
    const down = new GomindError({ code: 'MODEL_UNAVAILABLE', message: 'The model is down' });
    const response = await orchestrate(createScriptedAIClient([sellAndConvert, down])).processRequest(
      'Sell 100 Tesla shares',
    );
    expect(response).toMatchObject({ status: 'degraded', mode: 'ai', errors: [{ code: 'MODEL_UNAVAILABLE' }] });
    expect(response.response).toContain('23414.25');
  });
});

describe('processRequest without a model', () => {
  it('plans with the basic router and says so', async () => {
    const response = await orchestrate().processRequest('Convert 250 USD to EUR');
    expect(response).toMatchObject({
      status: 'degraded',
      mode: 'basic-router',
      errors: [],
      agentsInvolved: ['currency-tool'],
    });
    expect(response.response).toContain('125');
    expect(response.usage.totalTokens).toBe(0);
  });

  it('steps down to the basic router when the model is down, naming the cause', async () => {
    const down = new GomindError({ code: 'MODEL_AUTH', message: 'The key is not accepted' });
    const orchestrator = orchestrate(createScriptedAIClient([down]));
    const response = await orchestrator.processRequest('Convert 250 USD to EUR');
    expect(response).toMatchObject({ status: 'degraded', mode: 'basic-router', errors: [{ code: 'MODEL_AUTH' }] });
    await expect(orchestrator.healthCheck()).resolves.toMatchObject({
      status: 'degraded',
      checks: { ai: false, discovery: true },
    });
  });

  it('refuses honestly what it cannot plan', async () => {
    const response = await orchestrate().processRequest('Write me a poem about the sea');
    expect(response).toMatchObject({
      status: 'degraded',
      mode: 'basic-router',
      steps: {},
      errors: [{ code: 'NO_PLAN' }],
    });
    expect(response.response).toContain('Available components: ');
  });

  it('refuses in the language of the request, with the reason behind', async () => {
    const response = await orchestrate().processRequest('Schreibe mir bitte ein Gedicht über das Meer');
    expect(response.errors).toMatchObject([{ code: 'NO_PLAN' }]);
    const [opening, reason] = response.response.split('\n');
    expect(opening).toBe('Das lässt sich mit den vorhandenen Komponenten nicht erledigen.');
    expect(reason).toBe(response.errors[0]?.message);
    expect(response.response).toContain('Verfügbare Komponenten: ');
  });

  it('rejects with AI_CLIENT_NOT_CONFIGURED, naming the variable, when the basic router is switched off', async () => {
    const orchestrator = orchestrate(undefined, { basicRouterEnabled: false });
    await expect(orchestrator.processRequest('Convert 250 USD to EUR')).rejects.toMatchObject({
      code: 'AI_CLIENT_NOT_CONFIGURED',
      message: expect.stringContaining('OPENAI_API_KEY') as string,
    });
  });
});

describe('bad input', () => {
  it.each(['', '   \n'])('refuses the empty request %j', async (request) => {
    await expect(orchestrate().processRequest(request)).rejects.toMatchObject({ code: 'EMPTY_REQUEST' });
  });

  it('refuses a request of 1 MB before anything is called', async () => {
    const aiClient = createScriptedAIClient([]);
    await expect(orchestrate(aiClient).processRequest('x'.repeat(1_000_000))).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { limit: 16_384 },
    });
    expect(aiClient.calls).toHaveLength(0);
  });

  it('names what to start when no component is registered', async () => {
    const orchestrator = createSimpleOrchestrator(new LocalDiscovery());
    open.push(orchestrator);
    await expect(orchestrator.processRequest('Hello')).rejects.toMatchObject({
      code: 'NO_COMPONENTS',
      message: expect.stringContaining('REDIS_URL') as string,
    });
  });

  it.each([
    [
      'a request that is no string',
      (orchestrator: AIOrchestrator) => orchestrator.processRequest(42 as unknown as string),
    ],
    ['metadata that is no object', (orchestrator: AIOrchestrator) => orchestrator.processRequest('Hi', [] as never)],
    [
      'a timeout that cannot be read',
      (orchestrator: AIOrchestrator) => orchestrator.processRequest('Hi', { timeout: 'soon' }),
    ],
  ])('refuses %s with CONFIG_INVALID', async (_what, act) => {
    await expect((async () => act(orchestrate()))()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('refuses settings that cannot be used, naming each', () => {
    expect(() => createOrchestrator({ discovery }, { maxConcurrency: 0, historySize: -1 })).toThrow(
      /maxConcurrency.*historySize/s,
    );
    expect(() => createOrchestrator({ discovery }, { maxConcurency: 5 } as never)).toThrow(/maxConcurency/);
  });

  it('explains the order of arguments to callers who give the configuration first', () => {
    expect(() => createOrchestrator({ maxConcurrency: 5 } as never, { discovery } as never)).toThrow(/first argument/);
  });
});

describe('stream', () => {
  it('tells the same story as processRequest, in order, and ends with the response', async () => {
    const events = await collect(
      orchestrate(createScriptedAIClient([sellAndConvert, 'Done.'])).stream('Sell 100 Tesla shares'),
    );
    expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1));
    const types = events.map((event) => event.type);
    expect(types[0]).toBe('run.started');
    expect(types.indexOf('plan.created')).toBeLessThan(types.indexOf('step.started'));
    expect(types.filter((type) => type === 'step.completed')).toHaveLength(2);
    expect(types.indexOf('synthesis.started')).toBeGreaterThan(types.lastIndexOf('step.completed'));
    expect(types.at(-1)).toBe('run.completed');
    expect(events.at(-1)).toMatchObject({ response: { status: 'completed', response: 'Done.' } });
  });

  it('ends with run.failed instead of throwing', async () => {
    const events = await collect(orchestrate().stream(''));
    expect(events.map((event) => event.type)).toEqual(['run.started', 'run.failed']);
    expect(events.at(-1)).toMatchObject({ error: { code: 'EMPTY_REQUEST' } });
  });

  it('cancels the run when the reader leaves', async () => {
    const orchestrator = orchestrate(createScriptedAIClient([waitPlan]));
    for await (const event of orchestrator.stream('Wait')) {
      if (event.type === 'step.started') break;
    }
    await expect.poll(() => orchestrator.getExecutionHistory().at(-1)?.status).toBe('cancelled');
  });
});

describe('cancellation and deadlines', () => {
  it('reaches the running component when the caller aborts', async () => {
    const before = hangingCalls;
    const abort = new AbortController();
    const answer = orchestrate(createScriptedAIClient([waitPlan])).processRequest('Wait', {}, { signal: abort.signal });
    await expect.poll(() => hangingCalls).toBe(before + 1);
    abort.abort();
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('ends a request that takes longer than its own timeout', async () => {
    const orchestrator = orchestrate(createScriptedAIClient([waitPlan]));
    await expect(orchestrator.processRequest('Wait', { timeout: '150ms' })).rejects.toMatchObject({
      code: 'RUN_TIMEOUT',
    });
  });

  it('ends a step that takes longer than the step timeout and names it', async () => {
    const orchestrator = orchestrate(createScriptedAIClient([waitPlan]), { stepTimeoutMs: 100 });
    const response = await orchestrator.processRequest('Wait');
    expect(response.status).toBe('failed');
    expect(response.errors[0]).toMatchObject({ code: 'STEP_TIMEOUT', step: 'wait' });
  });

  it('cancels what runs on close, and refuses what comes later', async () => {
    const orchestrator = orchestrate(createScriptedAIClient([waitPlan]));
    const before = hangingCalls;
    const answer = orchestrator.processRequest('Wait');
    const outcome = expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect.poll(() => hangingCalls).toBe(before + 1);
    await orchestrator.close();
    await outcome;
    await expect((async () => orchestrator.processRequest('Hi'))()).rejects.toMatchObject({ code: 'CLOSED' });
    await orchestrator.close();
  });
});

describe('metrics, history and health', () => {
  it('count what happened and stay bounded', async () => {
    const orchestrator = orchestrate(undefined, { historySize: 2 });
    for (let count = 0; count < 3; count++) await orchestrator.processRequest('Convert 250 USD to EUR');
    await orchestrator.processRequest('').catch(() => undefined);
    const metrics = orchestrator.getMetrics();
    expect(metrics).toMatchObject({
      totalRequests: 4,
      successfulRequests: 3,
      failedRequests: 1,
      componentCalls: { 'currency-tool': 3 },
      historySize: 2,
    });
    expect(metrics.averageLatencyMs).toBeGreaterThan(0);
    const { p50LatencyMs, p95LatencyMs, p99LatencyMs } = metrics;
    expect([p50LatencyMs, p95LatencyMs, p99LatencyMs].toSorted((left, right) => left - right)).toEqual([
      p50LatencyMs,
      p95LatencyMs,
      p99LatencyMs,
    ]);
    expect(p99LatencyMs).toBeGreaterThan(0);
    expect(orchestrator.getExecutionHistory().map((record) => record.status)).toEqual(['degraded', 'failed']);
  });

  it('never calls the model for a health check', async () => {
    const aiClient = createScriptedAIClient([]);
    const orchestrator = orchestrate(aiClient);
    await orchestrator.start();
    for (let count = 0; count < 100; count++) await orchestrator.healthCheck();
    expect(aiClient.calls).toHaveLength(0);
    await expect(orchestrator.healthCheck()).resolves.toMatchObject({
      status: 'healthy',
      checks: { discovery: true, ai: true, capabilities: true },
      reasons: [],
    });
  });
});

describe('a component that answers nonsense', () => {
  it.each([
    ['HTML', { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Login</h1>' }],
    [
      'half a JSON document',
      { status: 200, headers: { 'content-type': 'application/json' }, body: '{"success":true,"da' },
    ],
    [
      'a failure behind status 200',
      {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"success":false,"error":{"code":"X","message":"no luck","category":"SERVICE_ERROR","retryable":false}}',
      },
    ],
  ])('fails the step when it is %s', async (_kind, answer) => {
    const { createServer } = await import('node:http');
    const server = createServer((_request, response) => {
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    await discovery.register({
      id: 'odd-1',
      name: 'odd-tool',
      type: 'tool',
      description: 'Odd',
      address: '127.0.0.1',
      port: address.port,
      capabilities: [{ name: 'act', description: 'Act oddly', effect: 'irreversible' }],
    });
    const plan = planOf({ name: 'odd', component: 'odd-tool', action: 'act', inputs: {}, depends_on: [] });
    const response = await orchestrate(createScriptedAIClient([plan])).processRequest('Act oddly');
    expect(response.status).toBe('failed');
    expect(response.errors[0]).toMatchObject({ step: 'odd', component: 'odd-tool' });
    server.close();
    server.closeAllConnections();
  });
});
