import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { AIClient } from '@gomind/core';
import { aiClientContract, type ModelBehaviour } from '@gomind/core/testing';
import { type OpenAIWireServer, startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { describe, it } from 'vitest';
import { createAIClient, createChainClient, fromLanguageModel } from './index.ts';

function replyFor(behaviour: ModelBehaviour): WireReply {
  switch (behaviour.kind) {
    case 'answers':
      return { text: behaviour.content };
    case 'streams':
      return { chunks: behaviour.chunks };
    case 'is-cut-off':
      return { text: behaviour.content, finishReason: 'length' };
    case 'hangs':
      return { fault: 'hang' };
    case 'is-busy':
      return { status: 429, retryAfter: String(behaviour.retryAfterMs / 1_000) };
  }
}

/** A client of a real server that behaves as told. */
async function subject(behaviour: ModelBehaviour, connect: (server: OpenAIWireServer) => AIClient) {
  const server = await startOpenAIWireServer({ reply: () => replyFor(behaviour) });
  const aiClient = connect(server);
  return {
    aiClient,
    cleanup: async () => {
      await aiClient.close();
      await server.close();
    },
  };
}

function connectTo({ baseUrl }: OpenAIWireServer): AIClient {
  return createAIClient({ baseUrl, apiKey: 'test', model: 'test-model' });
}

describe('createAIClient, over the wire and the real SDK', () => {
  for (const { name, run } of aiClientContract((behaviour) => subject(behaviour, connectTo))) it(name, run);
});

describe('createChainClient, when the first provider is well', () => {
  const cases = aiClientContract(async (behaviour) => ({
    ...(await subject(behaviour, (server) => createChainClient([connectTo(server), connectTo(server)]))),
    answeredBy: '127.0.0.1',
  }));
  for (const { name, run } of cases) it(name, run);
});

describe('createChainClient, when the first provider is down', () => {
  const down = () => createAIClient({ provider: 'down', baseUrl: 'http://127.0.0.1:1/v1' });
  const cases = aiClientContract(async (behaviour) => {
    const made = await subject(behaviour, (server) => createChainClient([down(), connectTo(server)]));
    return { ...made, answeredBy: '127.0.0.1' };
  });
  // Embeddings do not fail over, and two providers that fail differently have another code.
  for (const { name, run } of cases.filter(({ name }) => !/embeds|gives up|busy|says so of/.test(name))) it(name, run);
});

describe('fromLanguageModel, with a provider package of the AI SDK over the wire', () => {
  const connectBySdk = ({ baseUrl }: OpenAIWireServer): AIClient => {
    const acme = createOpenAICompatible({ name: 'acme', baseURL: baseUrl, apiKey: 'test', includeUsage: true });
    return fromLanguageModel(acme('test-model'), { embeddingModel: acme.embeddingModel('test-vectors') });
  };
  for (const { name, run } of aiClientContract((behaviour) => subject(behaviour, connectBySdk))) it(name, run);
});
