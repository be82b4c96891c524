import { createAIClient } from '@gomind/ai';
import {
  defineTool,
  GomindError,
  type KeyValueStore,
  LocalDiscovery,
  MemoryStorage,
  type ServedComponent,
  serve,
} from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { type OpenAIWireServer, startOpenAIWireServer, type WireRequest } from '@gomind/openai-wire-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AIOrchestrator } from '../orchestrator/ai-orchestrator.ts';
import { createOrchestrator } from './create-orchestrator.ts';

const timeTool = defineTool({
  name: 'time-tool',
  description: 'Time',
  capabilities: {
    local_time: {
      description: 'Tell the time in a city',
      effect: 'pure',
      input: z.object({ city: z.string() }),
      handler: ({ city }) => ({ city, time: '12:00' }),
    },
  },
});

const planFor = (city: string): string =>
  JSON.stringify({
    steps: [{ name: 'time', component: 'time-tool', action: 'local_time', inputs: { city }, depends_on: [] }],
  });

let discovery: LocalDiscovery;
let served: ServedComponent;
let server: OpenAIWireServer | undefined;
let orchestrator: AIOrchestrator | undefined;
const logger = createRecordingLogger();

beforeEach(async () => {
  discovery = new LocalDiscovery();
  served = await serve(timeTool, { registry: discovery, handleSignals: false });
});

afterEach(async () => {
  await orchestrator?.close();
  await server?.close();
  await served.close();
  await discovery.close();
});

/** A model that plans for Paris and then for Tokyo, however often it is asked. */
async function start(storage?: KeyValueStore): Promise<{ orchestrator: AIOrchestrator; server: OpenAIWireServer }> {
  server = await startOpenAIWireServer({
    reply: ({ body }) =>
      body['stream'] === true
        ? { text: 'It is noon [[step: time]].' }
        : { text: planFor(server === undefined || server.requests.length < 3 ? 'Paris' : 'Tokyo') },
  });
  const aiClient = createAIClient({ baseUrl: server.baseUrl, apiKey: 'test', model: 'test-model' });
  orchestrator = createOrchestrator({ discovery, aiClient, logger, ...(storage === undefined ? {} : { storage }) });
  return { orchestrator, server };
}

/** What the user's turn of a question to the model says, as data. */
function dataOf(request: WireRequest | undefined): unknown {
  const messages = request?.body['messages'] as readonly { readonly content: string }[];
  return JSON.parse(messages.at(-1)?.content ?? '');
}

describe('requests of one conversation', () => {
  it('are planned and answered in the knowledge of those before, which others never see', async () => {
    const { orchestrator: assistant, server: model } = await start();
    const ada = { conversation_id: 'c', principal: { tenant: 't', id: 'ada' } };
    await assistant.processRequest('What time is it in Paris?', ada);
    const second = await assistant.processRequest('And in Tokyo?', ada);
    expect(second).toMatchObject({ status: 'completed', steps: { time: { output: { city: 'Tokyo' } } } });
    await assistant.processRequest('And in Tokyo?', { ...ada, principal: { tenant: 't', id: 'eve' } });

    expect(model.requests).toHaveLength(6);
    const conversation = {
      summary: '',
      turns: [{ request: 'What time is it in Paris?', response: 'It is noon.' }],
    };
    expect(model.requests.slice(0, 2).map(dataOf)).not.toContainEqual(
      expect.objectContaining({ conversation: expect.anything() as unknown }),
    );
    expect(model.requests.slice(2, 4).map(dataOf)).toEqual([
      expect.objectContaining({ conversation, request: 'And in Tokyo?' }),
      expect.objectContaining({ conversation, request: 'And in Tokyo?' }),
    ]);
    expect(model.requests.slice(4).map(dataOf)).not.toContainEqual(
      expect.objectContaining({ conversation: expect.anything() as unknown }),
    );
  });

  it('are planned anew, because the same words mean something else later on', async () => {
    const { orchestrator: assistant } = await start();
    const modes: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const { mode } = await assistant.processRequest('What time is it there?', { conversation_id: 'c' });
      modes.push(mode);
    }
    expect(modes).toEqual(['ai', 'ai', 'ai']);
  });

  it('are answered without what was said before when the store is away', async () => {
    const away = new GomindError({ code: 'STORE_UNAVAILABLE', message: 'away', isRetryable: true });
    const { orchestrator: assistant, server: model } = await start(
      Object.assign(new MemoryStorage(), {
        get: () => Promise.reject(away),
        compareAndSet: () => Promise.reject(away),
      }),
    );
    for (const request of ['What time is it in Paris?', 'And in Tokyo?']) {
      const response = await assistant.processRequest(request, { conversation_id: 'c' });
      expect(response).toMatchObject({ status: 'completed', errors: [] });
    }
    expect(dataOf(model.requests.at(-1))).not.toHaveProperty('conversation');
    expect(logger.records.some(({ level }) => level === 'warn')).toBe(true);
  });

  it('must be named by text', async () => {
    const { orchestrator: assistant } = await start();
    await expect(
      assistant.processRequest('What time is it?', { conversation_id: 7 as unknown as string }),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
