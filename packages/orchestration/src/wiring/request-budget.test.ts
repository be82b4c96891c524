import { createAIClient } from '@gomind/ai';
import { defineTool, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { type OpenAIWireServer, startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AIOrchestrator } from '../orchestrator/ai-orchestrator.ts';
import type { RunEvent } from '../plan/events/run-event.ts';
import { createOrchestrator } from './create-orchestrator.ts';
import type { OrchestratorConfig } from './orchestrator-config.ts';

let toolCalls = 0;
const counterTool = defineTool({
  name: 'counter-tool',
  description: 'Counts',
  capabilities: {
    count: {
      description: 'Count one further',
      effect: 'pure',
      input: z.object({ from: z.number() }),
      output: z.object({ next: z.number() }),
      handler: ({ from }) => {
        toolCalls++;
        return { next: from + 1 };
      },
    },
  },
});

const step = (name: string, from: unknown, ...dependsOn: string[]) => ({
  name,
  component: 'counter-tool',
  action: 'count',
  inputs: { from },
  depends_on: dependsOn,
});
const plan: WireReply = {
  text: JSON.stringify({
    steps: [step('one', 1), step('two', '${steps.one.output.next}', 'one'), step('three', 1, 'two')],
  }),
};
const answer: WireReply = { text: 'Three.' };

let discovery: LocalDiscovery;
let served: ServedComponent;
let orchestrator: AIOrchestrator | undefined;
let server: OpenAIWireServer | undefined;

beforeEach(async () => {
  toolCalls = 0;
  discovery = new LocalDiscovery();
  served = await serve(counterTool, { registry: discovery, port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  await orchestrator?.close();
  await served.close();
  await server?.close();
});

async function orchestratorWith(
  reply: readonly WireReply[],
  config: Partial<OrchestratorConfig> = {},
): Promise<{ readonly orchestrator: AIOrchestrator; readonly server: OpenAIWireServer }> {
  server = await startOpenAIWireServer({ reply });
  const aiClient = createAIClient({ provider: 'openai', apiKey: 'test', baseUrl: server.baseUrl, model: 'test-model' });
  orchestrator = createOrchestrator({ discovery, aiClient }, { logLevel: 'error', ...config });
  return { orchestrator, server };
}

describe('the budget of a request', () => {
  it('ends it with what was finished when the tool calls are used up', async () => {
    const { orchestrator } = await orchestratorWith([plan, answer]);
    const events: RunEvent[] = [];
    const response = await orchestrator.processRequest(
      'Count to three',
      { budget: { tool_calls: 2 } },
      { onEvent: (event) => events.push(event) },
    );
    expect(response).toMatchObject({
      status: 'partial',
      steps: { one: { status: 'completed' }, two: { status: 'completed' }, three: { status: 'failed', attempts: 0 } },
      errors: [{ code: 'BUDGET_EXCEEDED', step: 'three' }],
    });
    expect(toolCalls).toBe(2);
    expect(events).toContainEqual(expect.objectContaining({ type: 'budget.refused', limit: 'toolCalls', allowed: 2 }));
  });

  it('answers in plain words when no model call is left for it', async () => {
    const { orchestrator, server } = await orchestratorWith([plan]);
    const response = await orchestrator.processRequest('Count to three', { budget: { model_calls: 1 } });
    expect(response).toMatchObject({ status: 'partial', mode: 'ai', errors: [{ code: 'BUDGET_EXCEEDED' }] });
    expect(Object.values(response.steps).every(({ status }) => status === 'completed')).toBe(true);
    expect(response.response).not.toBe('');
    expect(server.requests).toHaveLength(1);
  });

  it('asks no model at all when its tokens do not suffice for one question', async () => {
    const { orchestrator, server } = await orchestratorWith([]);
    const response = await orchestrator.processRequest('Count one further from 4', { budget: { tokens: 100 } });
    expect(server.requests).toHaveLength(0);
    expect(response.errors).toContainEqual(expect.objectContaining({ code: 'BUDGET_EXCEEDED' }));
    expect(response.mode).toBe('basic-router');
    expect(await orchestrator.healthCheck()).not.toMatchObject({ reasons: [expect.stringContaining('model')] });
  });

  it('counts every question that goes over the wire, repeated ones too', async () => {
    const busy: WireReply = { status: 429, message: 'slow down', retryAfter: '0' };
    const { orchestrator, server } = await orchestratorWith([busy, busy, busy, busy], { budget: { modelCalls: 2 } });
    const response = await orchestrator.processRequest('Count one further from 4');
    expect(server.requests).toHaveLength(2);
    expect(response.errors).toContainEqual(expect.objectContaining({ code: 'BUDGET_EXCEEDED' }));
  });

  it('tells the model how much it may write and settles with what it used', async () => {
    const usage = { prompt_tokens: 900, completion_tokens: 100, total_tokens: 1_000 };
    const { orchestrator } = await orchestratorWith([
      { ...plan, usage },
      { ...answer, usage },
    ]);
    const events: RunEvent[] = [];
    const response = await orchestrator.processRequest(
      'Count to three',
      { budget: { tokens: 50_000 } },
      { onEvent: (event) => events.push(event) },
    );
    expect(response.status).toBe('completed');
    const settled = events.filter((event) => event.type === 'budget.settled' && event.used.modelCalls === 1);
    expect(settled).toMatchObject([
      { purpose: 'planning', used: { tokens: 1_000 } },
      { purpose: 'synthesis', used: { tokens: 1_000 } },
    ]);
    for (const event of settled) {
      if (event.type === 'budget.settled') expect(event.reserved.tokens).toBeGreaterThan(1_000);
    }
  });

  it('may be narrowed by the request and never widened', async () => {
    const { orchestrator } = await orchestratorWith([plan, answer], { budget: { toolCalls: 1 } });
    const response = await orchestrator.processRequest('Count to three', { budget: { toolCalls: 100 } });
    expect(response.status).toBe('partial');
    expect(toolCalls).toBe(1);
  });

  it.each([
    [{ tokens: -1 }, 'metadata.budget.tokens'],
    [{ time: 'soon' }, 'metadata.budget.time'],
    [{ calls: 3 }, 'metadata.budget.calls'],
    [{ step: { tool_calls: 1.5 } }, 'metadata.budget.step.tool_calls'],
    [7, 'metadata.budget'],
  ])('cannot be %j, and the error says where', async (budget, path) => {
    const { orchestrator } = await orchestratorWith([]);
    await expect(orchestrator.processRequest('Count', { budget })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(path) as string,
    });
  });
});
