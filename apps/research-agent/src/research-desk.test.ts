import { createAIClient } from '@gomind/ai';
import { LocalDiscovery, serve } from '@gomind/core';
import { startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import type { OrchestratorResponse } from '@gomind/orchestration';
import { describe, expect, it } from 'vitest';
import { createResearchAgent, report } from './research-agent.ts';
import { startResearchDesk } from './research-desk.ts';
import { toolsOnly } from './tools-only.ts';
import { planetsTool } from './tools/planets-tool.ts';

const step = (name: string, component: string, action: string, inputs: Record<string, unknown>) => ({
  name,
  component,
  action,
  inputs,
  depends_on: [],
});
const plan = (...steps: unknown[]): WireReply => ({ text: JSON.stringify({ steps }) });
const delegate = plan(step('look-up', 'research-agent', 'research', { question: 'How heavy are 10 kg on Mars?' }));

async function ask(request: string, replies?: readonly WireReply[]): Promise<OrchestratorResponse> {
  await using server = await startOpenAIWireServer({ reply: replies ?? [] });
  await using aiClient = createAIClient({ baseUrl: server.baseUrl, apiKey: 'test', model: 'test-model' });
  await using desk = await startResearchDesk(replies === undefined ? undefined : aiClient);
  return await desk.orchestrator.processRequest(request);
}

describe('the research desk', () => {
  it('delegates to an agent that finds and asks the tools by itself, without a model', async () => {
    const response = await ask(
      'Research this question and write a report: "Tell the figures of the planet Mars; how many minutes does sunlight travel to Mars?"',
    );
    expect(response.agentsInvolved).toEqual(['research-agent']);
    expect(response.response).toContain('2 known moons');
    const inner = report.parse(Object.values(response.steps)[0]?.output);
    expect(inner).toMatchObject({ is_complete: true });
    expect(inner.steps.map(({ tool }) => tool).toSorted()).toEqual([
      'light-tool.sunlight_time',
      'planets-tool.planet_figures',
    ]);
    expect(inner.run_id).not.toBe(response.requestId);
  });

  it('lets models plan and write in both orchestrators', async () => {
    const response = await ask('How heavy are 10 kg on Mars?', [
      delegate,
      plan(step('weigh', 'weight-tool', 'weight_on', { planet: 'Mars', kilograms: 10 })),
      { text: '10 kg weigh 37 N on Mars [[step: weigh]].' },
      { text: 'The agent says: 37 N [[step: look-up]].' },
    ]);
    expect(response).toMatchObject({
      status: 'completed',
      response: 'The agent says: 37 N.',
      steps: { 'look-up': { output: { findings: '10 kg weigh 37 N on Mars.', confidence: 1 } } },
    });
    expect(response.metadata.citations).toMatchObject([{ steps: ['look-up'] }]);
  });

  it('never lets the agent call itself, whatever its model plans', async () => {
    const response = await ask('How heavy are 10 kg on Mars?', [
      delegate,
      delegate,
      delegate,
      delegate,
      { text: 'Nothing came of it [[step: look-up]].' },
    ]);
    const output = response.steps['look-up']?.output;
    const asked = output === undefined ? [] : report.parse(output).steps.map(({ tool }) => tool);
    expect(asked).not.toContain('research-agent.research');
  });

  it('says so when the tools can tell nothing', async () => {
    const response = await ask('Research this question and write a report: "Tell the figures of the planet Vulcan"');
    expect(response.status).toBe('failed');
    expect(response.errors[0]).toMatchObject({ step: expect.any(String) as string, component: 'research-agent' });
  });
});

describe('toolsOnly', () => {
  it('hides agents in every way to look', async () => {
    await using discovery = new LocalDiscovery();
    await using tool = await serve(planetsTool, { registry: discovery, handleSignals: false });
    const { agent } = createResearchAgent();
    await using served = await serve(agent, { discovery, handleSignals: false });
    const view = toolsOnly(discovery);
    expect((await view.discover()).map(({ name }) => name)).toEqual([tool.info.name]);
    expect(await view.findService(served.info.name)).toEqual([]);
    expect(await view.findByCapability('research')).toEqual([]);
    expect(await view.findByCapability('planet_figures')).toHaveLength(1);
  });
});
