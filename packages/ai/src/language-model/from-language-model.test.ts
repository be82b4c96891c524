import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  type EmbeddingModelV3,
  type LanguageModelV2,
  type LanguageModelV2StreamPart,
  type LanguageModelV3,
  type LanguageModelV4,
  type LanguageModelV4CallOptions,
  LoadAPIKeyError,
} from '@ai-sdk/provider';
import { GomindError } from '@gomind/core';
import { createFakeClock, createRecordingTelemetry } from '@gomind/core/testing';
import { startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { describe, expect, it } from 'vitest';
import { fromLanguageModel } from './from-language-model.ts';

const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: 'Hi.' },
] as const;

async function failure(promise: Promise<unknown>): Promise<GomindError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!GomindError.isInstance(error)) throw new Error(`expected a GomindError, got ${String(error)}`);
  return error;
}

function streamOf<T>(parts: readonly T[]): ReadableStream<T> {
  return ReadableStream.from<T>(parts);
}

const v2Parts: LanguageModelV2StreamPart[] = [
  { type: 'stream-start', warnings: [] },
  { type: 'response-metadata', modelId: 'v2-model-0101' },
  { type: 'reasoning-delta', id: 'r', delta: 'Hm.' },
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: 'Good ' },
  { type: 'text-delta', id: 't', delta: 'day.' },
  { type: 'text-end', id: 't' },
  {
    type: 'finish',
    finishReason: 'stop',
    usage: { inputTokens: 3, outputTokens: 2, totalTokens: 9, cachedInputTokens: 1 },
  },
];

const v2: LanguageModelV2 = {
  specificationVersion: 'v2',
  provider: 'acme.chat',
  modelId: 'v2-model',
  supportedUrls: {},
  doGenerate: () =>
    Promise.resolve({
      content: [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'Good day.' },
      ],
      finishReason: 'length',
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
      warnings: [],
    }),
  doStream: () => Promise.resolve({ stream: streamOf(v2Parts) }),
};

const usageV3 = {
  inputTokens: { total: 3, noCache: 2, cacheRead: 1, cacheWrite: undefined },
  outputTokens: { total: 2, text: 1, reasoning: 1 },
};

const v3: LanguageModelV3 = {
  specificationVersion: 'v3',
  provider: 'google.generative-ai',
  modelId: 'v3-model',
  supportedUrls: {},
  doGenerate: () =>
    Promise.resolve({
      content: [{ type: 'text', text: 'Good day.' }],
      finishReason: { unified: 'content-filter', raw: 'SAFETY' },
      usage: usageV3,
      response: { modelId: 'v3-model-0101' },
      warnings: [],
    }),
  doStream: () => Promise.resolve({ stream: streamOf([]) }),
};

function v4(
  asked: LanguageModelV4CallOptions[],
  result: { readonly error?: unknown; readonly text?: string } = {},
): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: 'acme',
    modelId: 'v4-model',
    supportedUrls: {},
    doGenerate: async (options) => {
      asked.push(options);
      await Promise.resolve();
      if (result.error instanceof Error) throw result.error;
      return {
        content: [],
        ...(result.text === undefined ? {} : { structuredOutputText: result.text }),
        finishReason: { unified: 'interrupted', raw: undefined },
        usage: usageV3,
        warnings: [],
      };
    },
    doStream: () => Promise.resolve({ stream: streamOf([{ type: 'error', error: result.error }]) }),
  };
}

describe('the trace', () => {
  it('goes with each request, and nothing does without telemetry', async () => {
    const server = await startOpenAIWireServer({ reply: [{ text: 'ok' }, { chunks: ['ok'] }, { text: 'ok' }] });
    const provider = createOpenAICompatible({ name: 'acme', baseURL: server.baseUrl, apiKey: 'test' });
    const telemetry = createRecordingTelemetry();
    const embeddingModel = provider.embeddingModel('e');
    const aiClient = fromLanguageModel(provider.chatModel('m'), { telemetry, embeddingModel });
    await aiClient.generate({ messages });
    await Array.fromAsync(aiClient.stream({ messages }));
    await aiClient.embed({ values: ['a'] });
    await fromLanguageModel(provider.chatModel('m')).generate({ messages });
    const [first, second, quiet] = server.requests;
    expect([first, second, ...server.embeddingRequests].map((request) => request?.headers['traceparent'])).toEqual(
      telemetry.spans.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
    );
    expect(quiet?.headers['traceparent']).toBeUndefined();
    await server.close();
  });
});

describe('models of every specification', () => {
  it('v2: counts flat, and names reasons in a word', async () => {
    const aiClient = fromLanguageModel(v2);
    expect(await aiClient.generate({ messages })).toEqual({
      content: 'Good day.',
      finishReason: 'length',
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
      model: 'v2-model',
      provider: 'acme',
    });
    expect(await Array.fromAsync(aiClient.stream({ messages }))).toEqual([
      { type: 'text-delta', text: 'Good ' },
      { type: 'text-delta', text: 'day.' },
      {
        type: 'finish',
        response: {
          content: 'Good day.',
          finishReason: 'stop',
          // Thinking that only the total counts is paid for as output.
          usage: { inputTokens: 3, outputTokens: 6, totalTokens: 9, cachedInputTokens: 1 },
          model: 'v2-model-0101',
          provider: 'acme',
        },
      },
    ]);
  });

  it('v3: counts in objects; its provider and price are found by our names', async () => {
    const aiClient = fromLanguageModel(v3, {
      prices: { 'gemini/v3-model-0101': { input: 1_000_000, output: 0, cachedInput: 0 } },
    });
    expect(await aiClient.generate({ messages })).toMatchObject({
      finishReason: 'content-filter',
      model: 'v3-model-0101',
      provider: 'gemini',
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5, cachedInputTokens: 1, costUsd: 2 },
    });
    expect(await failure(Array.fromAsync(aiClient.stream({ messages })))).toMatchObject({
      code: 'MODEL_BAD_RESPONSE',
      isRetryable: true,
    });
  });

  it('v4: is told how long to think, and its structured output is the answer', async () => {
    const asked: LanguageModelV4CallOptions[] = [];
    const aiClient = fromLanguageModel(v4(asked, { text: '{"a":1}' }), { enforcesSchema: true });
    const schema = { type: 'object' } as const;
    const response = await aiClient.generate({
      messages,
      reasoningEffort: 'low',
      temperature: 0,
      maxOutputTokens: 9,
      stopSequences: ['END'],
      responseFormat: { type: 'json', name: 'thing', schema },
    });
    expect(response).toMatchObject({ content: '{"a":1}', finishReason: 'error' });
    const { abortSignal, ...options } = asked[0] ?? {};
    expect(abortSignal).toBeInstanceOf(AbortSignal);
    expect(options).toEqual({
      prompt: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
        { role: 'assistant', content: [{ type: 'text', text: 'Hi.' }] },
      ],
      reasoning: 'low',
      temperature: 0,
      maxOutputTokens: 9,
      stopSequences: ['END'],
      responseFormat: { type: 'json', name: 'thing', schema },
    });
  });

  it('gets the schema in the prompt unless it enforces one', async () => {
    const asked: LanguageModelV4CallOptions[] = [];
    const aiClient = fromLanguageModel(v4(asked, { text: '{}' }));
    await aiClient.generate({ messages, responseFormat: { type: 'json', schema: { type: 'object', title: 'Thing' } } });
    expect(aiClient.capabilities).toEqual({ jsonSchema: false, embeddings: false });
    expect(JSON.stringify(asked[0]?.prompt[0])).toContain('Thing');
  });

  it('of an unknown one is refused', () => {
    const model = { ...v2, specificationVersion: 'v9' } as unknown as LanguageModelV2;
    expect(() => fromLanguageModel(model)).toThrow(/v2, v3 or v4/);
  });
});

describe('errors', () => {
  const apiError = (statusCode: number | undefined, message: string, responseHeaders: Record<string, string> = {}) =>
    new APICallError({
      message,
      url: 'https://models.example',
      requestBodyValues: {},
      responseHeaders,
      ...(statusCode === undefined ? {} : { statusCode }),
    });

  it.each<readonly [unknown, Partial<GomindError>]>([
    [apiError(401, 'wrong key'), { code: 'MODEL_AUTH', isRetryable: false }],
    [apiError(429, 'slow down', { 'retry-after': '3' }), { code: 'RATE_LIMITED', isRetryable: true }],
    [apiError(529, 'Overloaded'), { code: 'MODEL_UNAVAILABLE', isRetryable: true }],
    [apiError(400, 'prompt is too long: 300000 tokens'), { code: 'MODEL_CONTEXT_LENGTH', isRetryable: false }],
    [apiError(200, 'Invalid JSON response'), { code: 'MODEL_BAD_RESPONSE', isRetryable: false }],
    [apiError(undefined, 'Cannot connect to API'), { code: 'MODEL_UNAVAILABLE', isRetryable: true }],
    [new LoadAPIKeyError({ message: 'Acme API key is missing' }), { code: 'MODEL_AUTH', isRetryable: false }],
    [new Error('socket hang up'), { code: 'MODEL_UNAVAILABLE', isRetryable: true }],
  ])('%s', async (error, expected) => {
    const aiClient = fromLanguageModel(v4([], { error }));
    expect(await failure(aiClient.generate({ messages }))).toMatchObject(expected);
    expect(await failure(Array.fromAsync(aiClient.stream({ messages })))).toMatchObject(expected);
  });

  it('that are no Error but an object with a type are understood in streams', async () => {
    const aiClient = fromLanguageModel(v4([], { error: { type: 'overloaded_error', message: 'Overloaded' } }));
    const error = await failure(Array.fromAsync(aiClient.stream({ messages })));
    expect(error).toMatchObject({ code: 'MODEL_UNAVAILABLE', isRetryable: true });
  });
});

describe('streams', () => {
  it('of a thinking model are alive while it thinks', async () => {
    const clock = createFakeClock();
    let controller: ReadableStreamDefaultController<LanguageModelV2StreamPart> | undefined;
    const stream = new ReadableStream<LanguageModelV2StreamPart>({ start: (own) => void (controller = own) });
    const aiClient = fromLanguageModel({ ...v2, doStream: () => Promise.resolve({ stream }) }, { clock });
    const outcome = failure(Array.fromAsync(aiClient.stream({ messages })));
    for (let thought = 0; thought < 5; thought++) {
      controller?.enqueue({ type: 'reasoning-delta', id: 'r', delta: 'Hm.' });
      await clock.advance(15_000);
    }
    await clock.advance(5_000);
    expect(await outcome).toMatchObject({ code: 'MODEL_TIMEOUT', details: { timeoutMs: 20_000 } });
  });
});

describe('embeddings', () => {
  const embeddingModel: EmbeddingModelV3 = {
    specificationVersion: 'v3',
    provider: 'acme.embedding',
    modelId: 'vectors',
    maxEmbeddingsPerCall: Promise.resolve(2),
    supportsParallelCalls: true,
    doEmbed: ({ values }) =>
      Promise.resolve({
        embeddings: values.map((value) => [value.length, 1]),
        usage: { tokens: values.length },
        warnings: [],
      }),
  };

  it('come from an embedding model beside it, in batches of the size that it takes', async () => {
    const aiClient = fromLanguageModel(v2, { embeddingModel });
    expect(await aiClient.embed({ values: ['a', 'bb', 'ccc'] })).toEqual({
      embeddings: [
        [1, 1],
        [2, 1],
        [3, 1],
      ],
      model: 'vectors',
      provider: 'acme',
      usage: { inputTokens: 3, totalTokens: 3 },
    });
  });

  it('that do not fit the texts are refused, and without such a model there are none', async () => {
    const broken = { ...embeddingModel, doEmbed: () => Promise.resolve({ embeddings: [], warnings: [] }) };
    const aiClient = fromLanguageModel(v2, { embeddingModel: broken });
    expect(await failure(aiClient.embed({ values: ['a'] }))).toMatchObject({ code: 'MODEL_BAD_RESPONSE' });
    expect(await failure(fromLanguageModel(v2).embed({ values: ['a'] }))).toMatchObject({ code: 'MODEL_BAD_REQUEST' });
  });
});

describe('a real provider package over the wire', () => {
  it.each<readonly [WireReply, Partial<GomindError>]>([
    [
      { status: 429, retryAfter: '2' },
      { code: 'RATE_LIMITED', details: expect.objectContaining({ retryAfterMs: 2_000 }) as Record<string, unknown> },
    ],
    [{ status: 429, code: 'insufficient_quota' }, { code: 'MODEL_QUOTA' }],
    [{ status: 400, code: 'context_length_exceeded' }, { code: 'MODEL_CONTEXT_LENGTH' }],
    [{ body: '<html>' }, { code: 'MODEL_BAD_RESPONSE' }],
    [{ fault: 'reset' }, { code: 'MODEL_UNAVAILABLE' }],
  ])('fails with a code, and once: %j', async (reply, expected) => {
    await using server = await startOpenAIWireServer({ reply: [reply] });
    const acme = createOpenAICompatible({ name: 'acme', baseURL: server.baseUrl, apiKey: 'k' });
    expect(await failure(fromLanguageModel(acme('some-model')).generate({ messages }))).toMatchObject(expected);
    expect(server.requests).toHaveLength(1);
  });
});
