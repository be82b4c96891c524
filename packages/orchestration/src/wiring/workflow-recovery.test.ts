import { createAIClient } from '@gomind/ai';
import { defineTool, GomindError, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { type OpenAIWireServer, startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RunEvent } from '../plan/events/run-event.ts';
import type { WorkflowEngine } from '../workflow/engine/workflow-engine.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { createWorkflowEngine } from './create-workflow-engine.ts';
import type { OrchestratorConfig } from './orchestrator-config.ts';

/** Amounts that were converted, and by whom. */
let converted: (readonly [by: string, amount: number])[] = [];

const moneyTool = (name: string) =>
  defineTool({
    name,
    description: 'Money',
    capabilities: {
      convert: {
        description: 'Convert an amount of money',
        effect: 'pure',
        input: z.object({ amount: z.number(), key: z.string().optional() }),
        output: z.object({ euros: z.number() }),
        handler: ({ amount }) => {
          if (amount <= 0) throw new GomindError({ code: 'INPUT_ERROR', message: 'amount must be greater than 0' });
          converted.push([name, amount]);
          return { euros: amount / 2 };
        },
      },
    },
  });

const reply = (value: unknown): WireReply => ({ text: JSON.stringify(value) });
const correction = reply({ should_retry: true, analysis: 'The text says 40', corrected_parameters: { amount: 40 } });
const story = 'description: Converts the 40 dollars of the customer';

let discovery: LocalDiscovery;
let served: ServedComponent[];
let engine: WorkflowEngine | undefined;
let server: OpenAIWireServer | undefined;

const serveTool = async (name: string): Promise<ServedComponent> => {
  const one = await serve(moneyTool(name), { registry: discovery, port: 0, host: '127.0.0.1', handleSignals: false });
  served.push(one);
  return one;
};

beforeEach(() => {
  converted = [];
  discovery = new LocalDiscovery();
  served = [];
});

afterEach(async () => {
  await engine?.close();
  await Promise.all(served.map((one) => one.close()));
  await server?.close();
  await discovery.close();
});

async function run(yaml: string, replies: readonly WireReply[], config: Partial<OrchestratorConfig> = {}) {
  const { workflow, diagnostics } = parseWorkflow(`name: exchange\n${story}\n${yaml}\n`);
  await server?.close();
  server = await startOpenAIWireServer({ reply: replies });
  const aiClient = createAIClient({ provider: 'openai', apiKey: 'test', baseUrl: server.baseUrl, model: 'test-model' });
  const secrets = { get: () => 'sk-very-secret-value' };
  engine = createWorkflowEngine({ discovery, aiClient, secrets }, { logLevel: 'error', ...config });
  const events: RunEvent[] = [];
  const found = workflow ?? expect.fail(JSON.stringify(diagnostics));
  const result = await engine.execute(found, {}, { onEvent: (event) => events.push(event) });
  return { result, events, engine, questions: server.requests.map(({ body }) => JSON.stringify(body)) };
}

describe('a step of a workflow whose inputs a tool refuses', () => {
  it('is corrected by the model, visibly, knowing what the workflow is for', async () => {
    await serveTool('bank');
    const { result, events, questions } = await run(
      'steps: [{name: change, tool: bank, action: convert, inputs: {amount: 0}}]',
      [correction],
    );
    expect(result).toMatchObject({
      status: 'completed',
      steps: { change: { output: { euros: 20 }, inputs: { amount: 40 }, attempts: 2 } },
    });
    expect(converted).toEqual([['bank', 40]]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'step.inputs.corrected', step: 'change', reason: 'The text says 40' }),
    );
    expect(questions).toHaveLength(1);
    for (const part of ['the 40 dollars of the customer', 'amount must be greater than 0'])
      expect(questions[0]).toContain(part);
  });

  it('is asked about twice at the most', async () => {
    await serveTool('bank');
    const wrong = (amount: number) => reply({ should_retry: true, analysis: 'x', corrected_parameters: { amount } });
    const { result, questions } = await run(
      'steps: [{name: change, tool: bank, action: convert, inputs: {amount: 0}}]',
      [wrong(-1), wrong(-2), wrong(-3)],
    );
    expect(result).toMatchObject({ status: 'failed', errors: [{ step: 'change', code: 'INPUT_ERROR' }] });
    expect(questions).toHaveLength(2);
  });

  it.each<readonly [string, string, Partial<OrchestratorConfig>]>([
    ['the configuration says so', '', { semanticRetry: { enabled: false, maxAttempts: 2 } }],
    ['the file allows no model call', 'budget: {model_calls: 0}\n', {}],
    ['the engine allows no model call', '', { budget: { modelCalls: 0 } }],
  ])('is not corrected when %s', async (_why, head, config) => {
    await serveTool('bank');
    const { result, questions } = await run(
      `${head}steps: [{name: change, tool: bank, action: convert, inputs: {amount: 0}}]`,
      [correction],
      config,
    );
    expect(result).toMatchObject({ status: 'failed', errors: [{ step: 'change', code: 'INPUT_ERROR' }] });
    expect(questions).toEqual([]);
  });

  it('is corrected in a plan that an ai-routing step made, knowing the prompt of that step', async () => {
    await serveTool('bank');
    const plan = reply({
      steps: [{ name: 'now', component: 'bank', action: 'convert', inputs: { amount: -1 }, depends_on: [] }],
    });
    const { result, questions, events } = await run(
      'steps: [{name: think, type: ai-routing, prompt: "Change what Ada has, 40 dollars"}]',
      [plan, correction],
    );
    expect(result).toMatchObject({ status: 'completed', steps: { think: { output: { now: { euros: 20 } } } } });
    expect(events).toContainEqual(expect.objectContaining({ type: 'step.inputs.corrected', step: 'think/now' }));
    expect(questions[1]).toContain('Change what Ada has, 40 dollars');
    expect(questions[1]).not.toContain('dollars of the customer');
  });
});

describe('a component of a workflow that nobody can reach', () => {
  const kill = async (name: string): Promise<void> => {
    const [record] = await discovery.findService(name);
    await served[0]?.close();
    if (record !== undefined) await discovery.register(record);
  };

  it.each([
    ['goes to another one where the file asks for a capability', 'capability: convert', 'completed'],
    ['fails where the file names the component', 'tool: bank, action: convert', 'failed'],
  ])('%s', async (_what, target, status) => {
    await serveTool('bank');
    await serveTool('broker');
    await kill('bank');
    const { result } = await run(`steps: [{name: change, ${target}, inputs: {amount: 4}}]`, []);
    expect(result.status).toBe(status);
    expect(converted).toEqual(status === 'completed' ? [['broker', 4]] : []);
  });
});

describe('the record of model calls of a workflow', () => {
  it('tells what was asked, answered and used, without secrets, and is off unless it is asked for', async () => {
    await serveTool('bank');
    const yaml = [
      'secrets: [bank_key]',
      'steps: [{name: change, tool: bank, action: convert, inputs: {amount: 0, key: "${secrets.bank_key}"}}]',
    ].join('\n');
    const { result, engine: made, events } = await run(yaml, [correction], { modelCalls: { enabled: true } });
    const calls = made.getModelCalls(result.runId);
    expect(calls).toMatchObject([
      { runId: result.runId, number: 1, purpose: 'recovery', model: 'test-model', usage: { totalTokens: 18 } },
    ]);
    expect(calls[0]?.answer).toContain('The text says 40');
    expect(events.flatMap((event) => (event.type === 'model.called' ? [event.call] : []))).toEqual(calls);
    expect(JSON.stringify([calls, events])).not.toContain('sk-very-secret-value');
    await made.close();

    const off = await run(yaml, [correction]);
    expect(off.engine.getModelCalls(off.result.runId)).toEqual([]);
  });
});

describe('an ai-routing step', () => {
  const planOf = (component: string) =>
    reply({ steps: [{ name: 'now', component, action: 'convert', inputs: { amount: 4 }, depends_on: [] }] });
  const think = 'steps: [{name: think, type: ai-routing, prompt: "Change 4 dollars", components: [bank]}]';

  it('plans with the components that it names and no others, whatever the model says', async () => {
    await serveTool('bank');
    await serveTool('broker');
    const { result, questions, events } = await run(think, [planOf('broker'), planOf('bank')]);
    expect(result.status).toBe('completed');
    expect(converted).toEqual([['bank', 4]]);
    expect(questions[0]).not.toContain('broker');
    expect(events).toContainEqual(expect.objectContaining({ type: 'plan.rejected' }));
  });

  it('holds a planner of the application to them too', async () => {
    await serveTool('bank');
    await serveTool('broker');
    const steps = [{ name: 'now', component: 'broker', action: 'convert', inputs: { amount: 4 }, dependsOn: [] }];
    engine = createWorkflowEngine(
      { discovery, planner: { plan: () => Promise.resolve({ ok: true, plan: { steps } }) } },
      { logLevel: 'error' },
    );
    const { workflow } = parseWorkflow(`name: exchange\n${think}\n`);
    const result = await engine.execute(workflow ?? expect.fail());
    expect(result.errors).toMatchObject([{ code: 'PLAN_REJECTED', step: 'think' }]);
    expect(converted).toEqual([]);
  });

  it('is planned without a model by the basic router', async () => {
    await serveTool('bank');
    engine = createWorkflowEngine({ discovery }, { logLevel: 'error' });
    const { workflow } = parseWorkflow(
      'name: exchange\nsteps: [{name: think, type: ai-routing, prompt: "Convert the amount 4 of money", components: [bank]}]\n',
    );
    const result = await engine.execute(workflow ?? expect.fail());
    expect(result.errors).toEqual([]);
    expect(converted).toEqual([['bank', 4]]);
  });
});
