import { createAIClient } from '@gomind/ai';
import { defineTool, GomindError, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { type OpenAIWireServer, startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AIOrchestrator } from '../orchestrator/ai-orchestrator.ts';
import { foldRun } from '../plan/events/fold-run.ts';
import type { RunEvent } from '../plan/events/run-event.ts';
import type { RequestMetadata } from '../orchestrator/orchestrator-response.ts';
import { createOrchestrator } from './create-orchestrator.ts';

/** Actions in the order of their calls. */
let calls: string[] = [];

const capability = (name: string, effect: 'pure' | 'irreversible', fault?: () => GomindError) => ({
  description: `Do ${name}`,
  effect,
  input: z.object({ value: z.number() }),
  output: z.object({ value: z.number() }),
  handler: ({ value }: { value: number }) => {
    calls.push(name);
    if (fault !== undefined) throw fault();
    return { value: value + 1 };
  },
});
const broken = () => new GomindError({ code: 'BROKEN', message: 'it broke' });

const tool = defineTool({
  name: 'work-tool',
  description: 'Works',
  capabilities: {
    look: capability('look', 'pure'),
    count: capability('count', 'pure', broken),
    recount: capability('recount', 'pure'),
    pay: capability('pay', 'irreversible'),
    book: capability('book', 'irreversible', broken),
    wire: capability('wire', 'irreversible'),
  },
});

const step = (name: string, action: string, value: unknown, ...dependsOn: string[]) => ({
  name,
  component: 'work-tool',
  action,
  inputs: { value },
  depends_on: dependsOn,
});
const plan = (...steps: unknown[]): WireReply => ({ text: JSON.stringify({ steps }) });
const answer: WireReply = { text: 'Done.' };

let discovery: LocalDiscovery;
let served: ServedComponent;
let orchestrator: AIOrchestrator | undefined;
let server: OpenAIWireServer | undefined;

beforeEach(async () => {
  calls = [];
  discovery = new LocalDiscovery();
  served = await serve(tool, { registry: discovery, port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  await orchestrator?.close();
  await served.close();
  await server?.close();
});

async function ask(replies: readonly WireReply[], metadata: RequestMetadata = {}) {
  server = await startOpenAIWireServer({ reply: replies });
  const aiClient = createAIClient({ provider: 'openai', apiKey: 'test', baseUrl: server.baseUrl, model: 'test-model' });
  orchestrator = createOrchestrator(
    { discovery, aiClient },
    { logLevel: 'error', replanEnabled: true, maxPlanRepairs: 0, basicRouterEnabled: false },
  );
  const events: RunEvent[] = [];
  const response = await orchestrator.processRequest('Do it', metadata, { onEvent: (event) => events.push(event) });
  return { response, events, server };
}

const firstPlan = plan(
  step('a', 'look', 1),
  step('b', 'count', '${steps.a.output.value}', 'a'),
  step('c', 'pay', 5, 'b'),
);

describe('a request whose plan failed on the way', () => {
  it('keeps what is finished and goes another way, which the stream tells', async () => {
    const rest = plan(step('d', 'recount', '${steps.a.output.value}', 'a'), step('c', 'pay', 5, 'd'));
    const { response, events, server } = await ask([firstPlan, rest, answer]);

    expect(response).toMatchObject({ status: 'completed', errors: [] });
    expect(calls).toEqual(['look', 'count', 'recount', 'pay']);
    expect(Object.keys(response.steps)).toEqual(['a', 'd', 'c']);
    expect(response.steps['d']).toMatchObject({ inputs: { value: 2 }, output: { value: 3 } });
    const plans = events.filter((event) => event.type === 'plan.created');
    expect(plans).toMatchObject([
      { source: 'ai' },
      { source: 'ai', reason: expect.stringContaining('it broke') as string },
    ]);
    expect(foldRun(events).progress).toEqual({ settled: 3, total: 3, running: 0 });
    expect(JSON.stringify(server.requests[1]?.body)).toContain('it broke');
  });

  it.each<readonly [string, WireReply]>([
    ['that the first one did not have', plan(step('d', 'wire', 5))],
    ['twice', plan(step('c', 'pay', 5), step('e', 'pay', 5))],
    ['while the plan calls it pure', plan({ ...step('d', 'wire', 5), effect: 'pure' })],
  ])('never has an effect %s', async (_name, rest) => {
    const { response, events } = await ask([firstPlan, rest, answer]);
    expect(response).toMatchObject({ status: 'partial', errors: [{ step: 'b' }] });
    expect(calls).toEqual(['look', 'count']);
    expect(events.some((event) => event.type === 'plan.rejected')).toBe(true);
  });

  it('repeats no effect that may have happened', async () => {
    const { response } = await ask([
      plan(step('a', 'look', 1), step('b', 'book', 1, 'a')),
      plan(step('b', 'book', 1)),
      answer,
    ]);
    expect(response).toMatchObject({ status: 'partial', errors: [{ step: 'b' }] });
    expect(calls).toEqual(['look', 'book']);
  });

  it('is planned again only once', async () => {
    const { response } = await ask([firstPlan, plan(step('d', 'count', 1)), answer]);
    expect(response).toMatchObject({ status: 'partial', errors: [{ step: 'd' }] });
    expect(calls).toEqual(['look', 'count', 'count']);
  });

  it.each<readonly [string, readonly WireReply[], RequestMetadata]>([
    ['there is no other way', [{ text: '{"steps": [], "reason": "Nothing else can count."}' }], {}],
    ['a name of a finished step is used again', [plan(step('a', 'recount', 1))], {}],
    ['the budget allows no further question', [], { budget: { model_calls: 1 } }],
  ])('stays as it is when %s', async (_name, replies, metadata) => {
    const { response } = await ask([firstPlan, ...replies, answer], metadata);
    expect(response.status).toBe('partial');
    expect(response.errors).toContainEqual(expect.objectContaining({ step: 'b' }));
    expect(calls).toEqual(['look', 'count']);
  });
});
