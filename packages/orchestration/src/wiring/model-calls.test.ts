import { createAIClient } from '@gomind/ai';
import { type AIClient, defineTool, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { createFakeClock, createScriptedAIClient } from '@gomind/core/testing';
import { startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createModelCallStore } from '../llm/debug-store.ts';
import type { AIOrchestrator } from '../orchestrator/ai-orchestrator.ts';
import type { RunEvent, RunEventBody } from '../plan/events/run-event.ts';
import { createOrchestrator } from './create-orchestrator.ts';
import type { OrchestratorConfig } from './orchestrator-config.ts';

const accountTool = defineTool({
  name: 'account-tool',
  description: 'Accounts',
  capabilities: {
    open_account: {
      description: 'Tell about an account',
      effect: 'pure',
      input: z.object({ owner: z.string() }),
      handler: ({ owner }) => ({
        owner,
        password: 'hunter2-hunter2',
        salary: 1_234_567,
        note: 'key sk-live-0123456789',
      }),
    },
  },
});

const plan: WireReply = {
  text: JSON.stringify({
    steps: [
      { name: 'open', component: 'account-tool', action: 'open_account', inputs: { owner: 'Ada' }, depends_on: [] },
    ],
  }),
};

let discovery: LocalDiscovery;
let served: ServedComponent;

beforeEach(async () => {
  discovery = new LocalDiscovery();
  served = await serve(accountTool, { registry: discovery, handleSignals: false });
});

afterEach(async () => {
  await served.close();
  await discovery.close();
});

async function withModel(
  replies: readonly WireReply[],
  config: Partial<OrchestratorConfig>,
  use: (orchestrator: AIOrchestrator) => Promise<void>,
): Promise<void> {
  await using server = await startOpenAIWireServer({ reply: replies });
  await using aiClient = createAIClient({ baseUrl: server.baseUrl, apiKey: 'test', model: 'test-model' });
  await using orchestrator = createOrchestrator({ discovery, aiClient }, { logLevel: 'error', ...config });
  await use(orchestrator);
}

describe('the record of model calls', () => {
  it('tells what each call of a run asked, got and cost, with failures, through the API and as events', async () => {
    const replies: WireReply[] = [{ status: 429, retryAfter: '0' }, plan, { chunks: ['Ada has ', 'one.'] }];
    await withModel(replies, { modelCalls: { enabled: true } }, async (orchestrator) => {
      const events: RunEvent[] = [];
      const { requestId, usage } = await orchestrator.processRequest(
        'What about the account of Ada?',
        {},
        { onEvent: (event) => events.push(event) },
      );
      const calls = orchestrator.getModelCalls(requestId);
      expect(calls).toMatchObject([
        { number: 1, kind: 'generate', purpose: 'planning', error: { code: 'RATE_LIMITED' } },
        {
          number: 2,
          kind: 'generate',
          purpose: 'planning',
          model: 'test-model',
          finishReason: 'stop',
          answer: plan.text,
        },
        { number: 3, kind: 'stream', purpose: 'synthesis', answer: 'Ada has one.', usage: { totalTokens: 18 } },
      ]);
      expect(
        calls.every(
          ({ runId, durationMs, messages }) => runId === requestId && durationMs >= 0 && messages.length === 2,
        ),
      ).toBe(true);
      expect(calls.reduce((sum, call) => sum + (call.usage?.totalTokens ?? 0), 0)).toBe(usage.totalTokens);
      expect(events.flatMap((event) => (event.type === 'model.called' ? [event.call] : []))).toEqual(calls);
      expect(orchestrator.getModelCalls('run-unknown')).toEqual([]);
    });
  });

  it('keeps no secret and no field that it was told not to keep', async () => {
    const modelCalls = { enabled: true, secrets: ['sk-live-0123456789'], fields: ['salary'] };
    await withModel([plan, { text: 'The password is hunter2.' }], { modelCalls }, async (orchestrator) => {
      const { requestId } = await orchestrator.processRequest('What about the account of Ada?');
      const kept = JSON.stringify(orchestrator.getModelCalls(requestId));
      expect(kept).toContain('[redacted]');
      expect(kept).not.toMatch(/hunter2-hunter2|1234567|sk-live/);
    });
  });

  it('is off unless it is asked for', async () => {
    await withModel([plan, { text: 'One.' }], {}, async (orchestrator) => {
      const events: RunEvent[] = [];
      const { requestId } = await orchestrator.processRequest(
        'What about Ada?',
        {},
        { onEvent: (e) => events.push(e) },
      );
      expect(orchestrator.getModelCalls(requestId)).toEqual([]);
      expect(events.map(({ type }) => type)).not.toContain('model.called');
    });
  });
});

describe('createModelCallStore', () => {
  const ask = async (client: AIClient, content: string): Promise<unknown> =>
    client.generate({ messages: [{ role: 'user', content }] });

  it('is bounded in runs, calls and texts, and tells runs at the same time apart', async () => {
    const store = createModelCallStore({ clock: createFakeClock(), maxRuns: 3, maxCallsPerRun: 2, maxTextLength: 100 });
    const client = store.wrap(createScriptedAIClient('y'.repeat(10_000)));
    const events: RunEventBody[] = [];
    const runIds = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(
      runIds.map((runId) =>
        store.track({ runId, emit: (event) => events.push(event) }, async () => {
          for (let call = 0; call < 4; call++) await ask(client, `${runId}${'x'.repeat(10_000)}`);
        }),
      ),
    );
    expect(runIds.map((runId) => store.callsOf(runId).length)).toEqual([0, 0, 2, 2, 2]);
    expect(store.callsOf('d').every(({ messages }) => messages[0]?.content.startsWith('dx'))).toBe(true);
    expect(JSON.stringify(store.callsOf('d')).length).toBeLessThan(2_000);
    await ask(client, 'outside of any run');
    expect(events).toHaveLength(10);
  });

  it('tells what came of a stream that its reader left', async () => {
    const store = createModelCallStore({ clock: createFakeClock() });
    const client = store.wrap(createScriptedAIClient({ chunks: ['one ', 'two'] }));
    await store.track({ runId: 'a', emit: () => undefined }, async () => {
      for await (const _part of client.stream({ messages: [] })) break;
    });
    expect(store.callsOf('a')).toMatchObject([{ kind: 'stream', answer: 'one ' }]);
  });
});
