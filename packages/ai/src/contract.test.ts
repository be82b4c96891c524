import { aiClientContract } from '@gomind/core/testing';
import { startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { describe, it } from 'vitest';
import { createAIClient } from './index.ts';

describe('createAIClient, over the wire and the real SDK', () => {
  const cases = aiClientContract(async (behaviour) => {
    const replies: Readonly<Record<typeof behaviour.kind, WireReply>> = {
      answers: { text: 'content' in behaviour ? behaviour.content : '' },
      streams: { chunks: 'chunks' in behaviour ? behaviour.chunks : [] },
      'is-cut-off': { text: 'content' in behaviour ? behaviour.content : '', finishReason: 'length' },
      hangs: { fault: 'hang' },
      'is-busy': { status: 429, retryAfter: String('retryAfterMs' in behaviour ? behaviour.retryAfterMs / 1_000 : 0) },
    };
    const server = await startOpenAIWireServer({ reply: () => replies[behaviour.kind] });
    const aiClient = createAIClient({ baseUrl: server.baseUrl, apiKey: 'test', model: 'test-model' });
    return { aiClient, cleanup: async () => Promise.all([aiClient.close(), server.close()]).then(() => undefined) };
  });
  for (const { name, run } of cases) it(name, run);
});
