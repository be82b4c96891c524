import { createAIClient } from '@gomind/ai';
import { type ComponentInfo, LocalDiscovery } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { startOpenAIWireServer, type WireReply, type WireRequest } from '@gomind/openai-wire-server';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../plan/events/run-event.ts';
import { createOrchestrator } from './create-orchestrator.ts';
import type { OrchestratorConfig } from './orchestrator-config.ts';

/** Tools that nobody has to call: the plans below are looked at, not run to an end. */
const tools = Array.from({ length: 30 }, (_, at): ComponentInfo => ({
  id: `tool-${String(at)}`,
  name: at === 0 ? 'weather-tool' : `tool-${String(at)}`,
  type: 'tool',
  description: at === 0 ? 'Weather' : `Machine ${String(at)}`,
  address: '127.0.0.1',
  port: 1,
  capabilities: [
    { name: at === 0 ? 'get_weather' : `run_${String(at)}`, description: at === 0 ? 'The weather' : 'Runs a machine' },
  ],
}));

const plan = (component: string, action: string): string =>
  JSON.stringify({ steps: [{ name: 'a', component, action, inputs: {}, depends_on: [] }] });
const weather = plan('weather-tool', 'get_weather');

interface Outcome {
  readonly events: readonly RunEvent[];
  readonly requests: readonly WireRequest[];
  readonly tierMisses: number;
}

async function ask(replies: readonly WireReply[], config: Partial<OrchestratorConfig> = {}): Promise<Outcome> {
  await using server = await startOpenAIWireServer({ reply: replies });
  await using aiClient = createAIClient({ provider: 'openai', apiKey: 'test', baseUrl: server.baseUrl });
  await using discovery = new LocalDiscovery();
  for (const tool of tools) await discovery.register(tool);
  const logger = createRecordingLogger();
  await using orchestrator = createOrchestrator(
    { discovery, aiClient, logger },
    { synthesis: 'template', basicRouterEnabled: false, replanEnabled: false, ...config },
  );
  const events: RunEvent[] = [];
  for await (const event of orchestrator.stream('What is the weather like?')) events.push(event);
  return { events, requests: server.requests, tierMisses: orchestrator.getMetrics().tierMisses };
}

const typesOf = ({ events }: Outcome): string[] =>
  events.map(({ type }) => type).filter((type) => type.startsWith('plan.') || type === 'step.started');

describe('planning with a model over the wire', () => {
  it.each<[string, WireReply]>([
    [
      'behind thinking, in a fence, with Python in it',
      { text: `<think>{"steps": []}</think>\n\`\`\`json\n${weather.replaceAll('"', "'")}\n\`\`\`` },
    ],
    ['in pieces', { chunks: [weather.slice(0, 20), weather.slice(20)] }],
    ['with a comment and a trailing comma', { text: weather.replace(/\]\}$/, ',]} // done') }],
  ])('takes a plan %s', async (_how, reply) => {
    const outcome = await ask([reply]);
    expect(typesOf(outcome)).toEqual(['plan.created', 'step.started']);
    expect(outcome.requests).toHaveLength(1);
  });

  it.each<[string, WireReply, string]>([
    ['that was cut off', { text: weather, finishReason: 'length' }, 'PLAN_TRUNCATED'],
    ['that is half a plan', { text: weather.slice(0, -3) }, 'PLAN_TRUNCATED'],
    ['without JSON', { text: 'I would look out of the window.' }, 'MODEL_INVALID_JSON'],
    ['with an invented tool', { text: plan('crystal-ball', 'look') }, 'UNKNOWN_COMPONENT'],
  ])('asks again about an answer %s', async (_how, reply, code) => {
    const outcome = await ask([reply, { text: weather }]);
    expect(typesOf(outcome)).toEqual(['plan.rejected', 'plan.repaired', 'plan.created', 'step.started']);
    expect(outcome.events.find(({ type }) => type === 'plan.rejected')).toMatchObject({ diagnostics: [{ code }] });
  });

  it('runs the plan inside a step, waits, and gathers, without anything to switch on', async () => {
    const steps = [
      { name: 'pause', kind: 'wait', config: { duration: 1 } },
      {
        name: 'inside',
        kind: 'plan',
        depends_on: ['pause'],
        config: { plan: { steps: [{ name: 'p', kind: 'wait', config: { duration: 1 } }] } },
      },
      { name: 'all', kind: 'join', depends_on: ['inside'] },
    ];
    const outcome = await ask([{ text: JSON.stringify({ steps }) }]);
    const ended = outcome.events.flatMap((event) => (event.type === 'step.completed' ? [event.step] : []));
    expect(ended).toEqual(['pause', 'inside/p', 'inside', 'all']);
    expect(outcome.events.at(-1)?.type).toBe('run.completed');
  });

  it.each([
    [
      'an invented tool inside a step',
      { kind: 'plan', config: { plan: JSON.parse(plan('crystal-ball', 'look')) as unknown } },
    ],
    ['an approval', { kind: 'approval', config: {} }],
    ['further planning', { kind: 'ai-routing', config: { prompt: 'Do what you like' } }],
  ])('refuses %s in a plan of a model', async (_what, step) => {
    const outcome = await ask([{ text: JSON.stringify({ steps: [{ name: 'x', ...step }] }) }, { text: weather }]);
    expect(typesOf(outcome).slice(0, 2)).toEqual(['plan.rejected', 'plan.repaired']);
  });

  it('does not ask a third time about the same mistake, and runs nothing', async () => {
    const outcome = await ask([{ text: plan('crystal-ball', 'look') }, { text: plan('crystal-ball', 'look') }]);
    expect(outcome.requests).toHaveLength(2);
    expect(typesOf(outcome)).toEqual(['plan.rejected', 'plan.rejected']);
    expect(outcome.events.at(-1)).toMatchObject({ type: 'run.failed', error: { code: 'PLAN_REJECTED' } });
  });

  it('offers 20 of 30 tools, and takes one that it left out when the model names it', async () => {
    const outcome = await ask([{ text: plan('tool-29', 'run_29') }]);
    const [system, user] = outcome.requests[0]?.body['messages'] as { role: string; content: string }[];
    const data = JSON.parse(user?.content ?? '') as { components: unknown[] };
    expect(data.components.length).toBeLessThanOrEqual(20);
    expect(system?.content).not.toContain('Weather');
    expect(typesOf(outcome)).toEqual(['plan.repaired', 'plan.created', 'step.started']);
    expect(outcome.tierMisses).toBe(1);
  });

  it('lets the model choose first when tiers are on', async () => {
    const outcome = await ask([{ text: '{"capabilities": ["weather-tool/get_weather"]}' }, { text: weather }], {
      tieredResolutionEnabled: true,
    });
    const [choice, planning] = outcome.requests.map(({ body }) => JSON.stringify(body['messages']));
    expect(choice).toContain('run_29');
    expect(planning).not.toContain('run_29');
    expect(outcome.events.filter(({ type }) => type === 'tokens')).toMatchObject([
      { purpose: 'selection' },
      { purpose: 'planning' },
    ]);
    expect(typesOf(outcome)).toEqual(['plan.created', 'step.started']);
  });
});
