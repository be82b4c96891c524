import { type AIClient, GomindError } from '@gomind/core';
import { createFakeClock, createRecordingTelemetry } from '@gomind/core/testing';
import {
  type OpenAIWireServer,
  type OpenAIWireServerOptions,
  startOpenAIWireServer,
  type WireReply,
} from '@gomind/openai-wire-server';
import { afterEach, describe, expect, it } from 'vitest';
import { createChainClient } from '../chain/create-chain-client.ts';
import { type AIClientOptions, createAIClient } from './create-ai-client.ts';
import type { AICall, AICallResult } from './model-call.ts';

const messages = [{ role: 'user', content: 'Hello' }] as const;
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((thing) => thing.close()));
});

async function connect(
  reply: OpenAIWireServerOptions['reply'],
  options: AIClientOptions = {},
): Promise<{ readonly aiClient: AIClient; readonly server: OpenAIWireServer }> {
  const server = await startOpenAIWireServer({ reply });
  const aiClient = createAIClient({
    baseUrl: server.baseUrl,
    apiKey: 'sk-of-the-test',
    model: 'test-model',
    ...options,
  });
  open.push(aiClient, server);
  return { aiClient, server };
}

async function failure(promise: Promise<unknown>): Promise<GomindError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!GomindError.isInstance(error)) throw new Error(`expected a GomindError, got ${String(error)}`);
  return error;
}

describe('calls that hang', () => {
  it.each(['hang', 'hang-after-headers'] as const)(
    '(%s) end with the deadline and let go of the connection',
    async (fault) => {
      const { aiClient, server } = await connect([{ fault }, { fault }], { timeoutMs: 80 });
      expect(await failure(aiClient.generate({ messages }))).toMatchObject({
        code: 'MODEL_TIMEOUT',
        isRetryable: true,
      });
      expect(await failure(Array.fromAsync(aiClient.stream({ messages })))).toMatchObject({ code: 'MODEL_TIMEOUT' });
      await server.answersClosed();
    },
  );

  it('end when the caller gives up, and let go of the connection', async () => {
    const abort = new AbortController();
    const { aiClient, server } = await connect((_request, index) => {
      if (index > 0) return { chunks: ['a'], end: 'stall' };
      setImmediate(() => {
        abort.abort();
      });
      return { fault: 'hang-after-headers' };
    });
    expect(await failure(aiClient.generate({ messages, signal: abort.signal }))).toMatchObject({ code: 'CANCELLED' });
    for await (const part of aiClient.stream({ messages })) if (part.type === 'text-delta') break;
    await server.answersClosed();
  });

  it('end when the client is closed', async () => {
    const bothArrived = Promise.withResolvers<undefined>();
    const { aiClient, server } = await connect((_request, index) => {
      if (index === 1) bothArrived.resolve(undefined);
      return { fault: 'hang' };
    });
    const calls = [failure(aiClient.generate({ messages })), failure(Array.fromAsync(aiClient.stream({ messages })))];
    await bothArrived.promise;
    await aiClient.close();
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(['CLOSED', 'CLOSED']);
    await server.answersClosed();
  });

  it('in the middle of a stream are noticed by its idle limit', async () => {
    const clock = createFakeClock();
    const { aiClient } = await connect([{ chunks: ['a'], end: 'stall' }], { clock });
    const parts = aiClient.stream({ messages })[Symbol.asyncIterator]();
    await parts.next();
    const next = failure(parts.next());
    await clock.advance(19_999);
    expect(clock.pendingTimers).toBeGreaterThan(0);
    await clock.advance(1);
    expect(await next).toMatchObject({ code: 'MODEL_TIMEOUT', details: { timeoutMs: 20_000 } });
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('what a model does not take', () => {
  const refuse = (param: string, message: string): WireReply => ({
    body: { error: { message, type: 'invalid_request_error', param, code: 'unsupported_parameter' } },
    status: 400,
  });

  it('is left out, once it has refused it, and remembered for this model only', async () => {
    const refusals = [
      refuse(
        'max_tokens',
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      ),
      refuse('temperature', "Unsupported value: 'temperature' does not support 0 with this model."),
      refuse('stop', "Unsupported parameter: 'stop' is not supported with this model."),
    ];
    const ok = { text: 'ok' };
    const { aiClient, server } = await connect([...refusals, ok, ok, ok]);
    const request = { messages, temperature: 0, maxOutputTokens: 9, stopSequences: ['END'] };
    await aiClient.generate(request);
    await aiClient.generate(request);
    await aiClient.generate({ ...request, model: 'other-model' });
    const bodies = server.requests.map(({ body }) =>
      Object.keys(body).filter((key) => !/^(model|messages|stream)$/.test(key)),
    );
    expect(bodies).toEqual([
      ['temperature', 'max_tokens', 'stop'],
      ['temperature', 'max_completion_tokens', 'stop'],
      ['max_completion_tokens', 'stop'],
      ['max_completion_tokens'],
      ['max_completion_tokens'],
      ['temperature', 'max_tokens', 'stop'],
    ]);
  });

  it('is understood in the words of Mistral too', async () => {
    const detail = [
      { type: 'extra_forbidden', loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' },
    ];
    const { aiClient, server } = await connect([
      { body: { object: 'error', message: { detail }, type: 'invalid_request_error' }, status: 422 },
      { text: 'ok' },
    ]);
    await Array.fromAsync(aiClient.stream({ messages }));
    expect(server.requests.map(({ body }) => 'stream_options' in body)).toEqual([true, false]);
  });

  it('is no reason to ask again when it was not sent', async () => {
    const { aiClient, server } = await connect([refuse('temperature', "Unsupported parameter: 'temperature'")]);
    expect(await failure(aiClient.generate({ messages }))).toMatchObject({ code: 'MODEL_BAD_REQUEST' });
    expect(server.requests).toHaveLength(1);
  });

  it('is known of reasoning models beforehand', async () => {
    const { aiClient, server } = await connect([{ text: 'ok' }, { text: 'ok' }], { provider: 'openai' });
    const request = {
      messages,
      temperature: 0,
      maxOutputTokens: 9,
      reasoningEffort: 'low',
      stopSequences: ['X'],
    } as const;
    await aiClient.generate({ ...request, model: 'o4-mini' });
    await aiClient.generate({ ...request, model: 'gpt-4.1' });
    expect(server.requests.map(({ body }) => body)).toEqual([
      { model: 'o4-mini', messages, max_completion_tokens: 9, reasoning_effort: 'low', stream: false },
      { model: 'gpt-4.1', messages, max_completion_tokens: 9, temperature: 0, stop: ['X'], stream: false },
    ]);
  });
});

describe('JSON', () => {
  const schema = { type: 'object', properties: { steps: { type: 'array' } } };

  it('is asked for by schema where it is enforced, and otherwise in the prompt', async () => {
    const { aiClient, server } = await connect([{ text: '{}' }], { provider: 'openai' });
    await aiClient.generate({ messages, responseFormat: { type: 'json', name: 'a plan!', schema } });
    expect(aiClient.capabilities).toEqual({ jsonSchema: true, embeddings: true });
    expect(server.requests[0]?.body).toMatchObject({
      messages,
      response_format: { type: 'json_schema', json_schema: { name: 'a_plan_', schema, strict: false } },
    });

    const other = await connect([{ text: '{}' }], { provider: 'anthropic' });
    const system = { role: 'system', content: 'You plan.' } as const;
    await other.aiClient.generate({ messages: [system, ...messages], responseFormat: { type: 'json', schema } });
    expect(other.aiClient.capabilities).toEqual({ jsonSchema: false, embeddings: false });
    const body: Readonly<Record<string, unknown>> = other.server.requests[0]?.body ?? {};
    expect(body['response_format']).toBeUndefined();
    const [first, ...others] = body['messages'] as readonly { readonly content: string }[];
    expect(first?.content).toMatch(/^You plan\.\n\n.*JSON/);
    expect(first?.content).toContain(JSON.stringify(schema));
    expect(others).toEqual(messages);
  });
});

describe('what an answer cost', () => {
  it('is counted from tokens, cached ones at their price', async () => {
    const usage = {
      prompt_tokens: 1_000,
      completion_tokens: 100,
      total_tokens: 1_100,
      prompt_tokens_details: { cached_tokens: 400 },
    };
    const reply = { text: 'ok', usage };
    const { aiClient } = await connect([reply, reply, reply], {
      prices: { 'test-model': { input: 10, cachedInput: 1, output: 100 } },
    });
    const expected = {
      inputTokens: 1_000,
      outputTokens: 100,
      totalTokens: 1_100,
      cachedInputTokens: 400,
      costUsd: 0.0164,
    };
    expect((await aiClient.generate({ messages })).usage).toEqual(expected);
    expect((await Array.fromAsync(aiClient.stream({ messages }))).at(-1)).toMatchObject({
      response: { usage: expected },
    });
    expect((await aiClient.generate({ messages, model: 'unknown' })).usage.costUsd).toBeUndefined();
  });

  it('includes thinking that only the total counts', async () => {
    const { aiClient } = await connect([
      { text: 'ok', usage: { prompt_tokens: 291, completion_tokens: 26, total_tokens: 513 } },
    ]);
    expect((await aiClient.generate({ messages })).usage).toEqual({
      inputTokens: 291,
      outputTokens: 222,
      totalTokens: 513,
    });
  });
});

describe('embeddings', () => {
  it('go in batches, within bounds, and come back in order', async () => {
    const { aiClient, server } = await connect([], {
      provider: 'gemini',
      prices: { 'gemini-embedding-001': { input: 1_000_000, output: 0 } },
    });
    const values = Array.from({ length: 250 }, (_, index) => `text ${String(index)}`);
    const { embeddings, usage, model } = await aiClient.embed({ values });
    expect(server.embeddingRequests.map(({ body }) => (body['input'] as unknown[]).length)).toEqual([100, 100, 50]);
    expect(model).toBe('gemini-embedding-001');
    expect(usage).toEqual({ inputTokens: 250, totalTokens: 250, costUsd: 250 });
    expect(embeddings[249]).toEqual((await aiClient.embed({ values: ['text 249'] })).embeddings[0]);
    await aiClient.embed({ values: ['x'.repeat(300_000), 'y'.repeat(300_000)] });
    expect(server.embeddingRequests).toHaveLength(6);
    expect(await failure(aiClient.embed({ values: new Array<string>(10_001).fill('a') }))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
  });

  it('that a provider does not have are told without asking it', async () => {
    const { aiClient, server } = await connect([], { provider: 'deepseek' });
    expect(await failure(aiClient.embed({ values: ['a'] }))).toMatchObject({ code: 'MODEL_BAD_REQUEST' });
    expect(server.embeddingRequests).toHaveLength(0);
  });
});

describe('hooks', () => {
  it('see what was asked and what came of it, without keys', async () => {
    const calls: AICall[] = [];
    const results: AICallResult[] = [];
    const { aiClient } = await connect(
      [{ text: 'Hi.' }, { chunks: ['Hi', '.'] }, { status: 503 }, { chunks: ['a', 'b'] }],
      {
        onRequest: (call) => calls.push(call),
        onResponse: (result) => results.push(result),
      },
    );
    await aiClient.generate({ messages, signal: new AbortController().signal });
    await Array.fromAsync(aiClient.stream({ messages }));
    await failure(aiClient.generate({ messages }));
    for await (const part of aiClient.stream({ messages })) if (part.type === 'text-delta') break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls.map(({ operation, isStream, request }) => [operation, isStream, request])).toEqual([
      ['chat', false, { messages }],
      ['chat', true, { messages }],
      ['chat', false, { messages }],
      ['chat', true, { messages }],
    ]);
    expect(results.map(({ callId }) => callId)).toEqual(calls.map(({ callId }) => callId));
    expect(
      results.map(({ response, error }) => (response && 'content' in response ? response.content : error?.code)),
    ).toEqual(['Hi.', 'Hi.', 'MODEL_UNAVAILABLE', 'CANCELLED']);
    expect(JSON.stringify([calls, results])).not.toContain('sk-of-the-test');
  });

  it('that fail cost no answer', async () => {
    const fail = (): never => {
      throw new Error('a mistake in the hook');
    };
    const { aiClient } = await connect([{ text: 'Hi.' }], { onRequest: fail, onResponse: fail });
    expect((await aiClient.generate({ messages })).content).toBe('Hi.');
  });
});

describe('observability of streams', () => {
  it('has a span with tokens that ends with the stream, and its duration', async () => {
    const telemetry = createRecordingTelemetry();
    const { aiClient } = await connect([{ chunks: ['a', 'b'] }, { chunks: ['a'], end: 'cut' }], { telemetry });
    await Array.fromAsync(aiClient.stream({ messages }));
    await failure(Array.fromAsync(aiClient.stream({ messages })));
    expect(telemetry.spans.map(({ attributes }) => attributes['gen_ai.usage.output_tokens'])).toEqual([7, undefined]);
    const durations = telemetry.metrics.filter(({ name }) => name === 'gen_ai.client.operation.duration');
    expect(durations.map(({ attributes }) => attributes['error.type'])).toEqual([undefined, 'MODEL_BAD_RESPONSE']);
  });
});

describe('lenient reading', () => {
  it('takes a whole answer for a stream that was asked for', async () => {
    const { aiClient } = await connect([
      { body: { choices: [{ message: { content: 'whole' }, finish_reason: 'stop' }] } },
    ]);
    expect(await Array.fromAsync(aiClient.stream({ messages }))).toMatchObject([
      { type: 'text-delta', text: 'whole' },
      { type: 'finish', response: { content: 'whole', finishReason: 'stop' } },
    ]);
  });

  it.each<readonly [string, WireReply, Partial<GomindError>]>([
    [
      'a limit behind status 200',
      { body: { error: { code: 429, message: 'slow down' } } },
      { code: 'RATE_LIMITED', isRetryable: true },
    ],
    [
      'an overload behind status 200',
      { body: { error: { type: 'overloaded_error', message: 'x' } } },
      { code: 'MODEL_UNAVAILABLE' },
    ],
    [
      'an empty account behind status 200',
      { body: { error: { code: 'insufficient_quota' } } },
      { code: 'MODEL_QUOTA' },
    ],
    [
      'an error in the form of FastAPI',
      { body: { detail: 'model not loaded' }, status: 503 },
      { code: 'MODEL_UNAVAILABLE', message: expect.stringContaining('model not loaded') as string },
    ],
    [
      'an error in a list, as Google sends it',
      { body: [{ error: { code: 400, message: 'API key not valid' } }], status: 400 },
      { code: 'MODEL_BAD_REQUEST', message: expect.stringContaining('API key not valid') as string },
    ],
    [
      'an error that is only words',
      { body: { error: 'model "x" not found' }, status: 404 },
      { message: expect.stringContaining('model "x" not found') as string },
    ],
    [
      'an invented JSON that the provider itself refused',
      { status: 400, code: 'json_validate_failed' },
      { code: 'MODEL_BAD_RESPONSE', isRetryable: true },
    ],
    [
      'a key that is quoted back',
      { status: 401, message: 'Wrong key sk-of-the-test given' },
      { code: 'MODEL_AUTH', message: expect.not.stringContaining('sk-of-the-test') as string },
    ],
    ['a wait of a day', { status: 429, retryAfter: '86400' }, { code: 'RATE_LIMITED', isRetryable: false }],
  ])('understands %s', async (_what, reply, expected) => {
    const { aiClient } = await connect([reply]);
    expect(await failure(aiClient.generate({ messages }))).toMatchObject(expected);
  });

  it.each([
    ['no reason but [DONE]', 'data: {"choices":[{"delta":{"content":"all"}}]}\r\n\r\ndata: [DONE]\r\n\r\n', 'all'],
    [
      'data after [DONE]',
      'data: {"choices":[{"delta":{"content":"all"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\ndata: junk\n\n',
      'all',
    ],
    [
      'no [DONE] but a reason',
      ': ping\n\ndata: {"choices":[{"delta":{"content":"all"},"finish_reason":"stop"}]}\n\n',
      'all',
    ],
    ['neither', 'data: {"choices":[{"delta":{"content":"data: [DONE]"}}]}\n\n', 'MODEL_BAD_RESPONSE'],
    ['nothing at all', '', 'MODEL_BAD_RESPONSE'],
    ['what is no JSON', 'data: {"choices":[{"del\n\n', 'MODEL_BAD_RESPONSE'],
  ])('takes a stream with %s for what it is', async (_what, body, expected) => {
    const { aiClient } = await connect([{ body, contentType: 'text/event-stream' }]);
    const outcome = await Array.fromAsync(aiClient.stream({ messages })).then(
      (parts) => parts.flatMap((part) => (part.type === 'finish' ? [part.response.content] : [])).join(),
      (error: unknown) => (GomindError.isInstance(error) ? error.code : error),
    );
    expect(outcome).toBe(expected);
  });

  it('understands an error event inside a stream', async () => {
    const event = 'data: {"error":{"message":"The server had an error","type":"server_error"}}\n\n';
    const { aiClient } = await connect([{ body: event, contentType: 'text/event-stream' }]);
    expect(await failure(Array.fromAsync(aiClient.stream({ messages })))).toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      isRetryable: true,
    });
  });
});

describe('what is no request', () => {
  it.each([
    undefined,
    null,
    'Hello',
    {},
    { prompt: 'Hello' },
    { messages: 'Hello' },
    { messages: ['Hello'] },
    { messages: [{ role: 'human', content: 'Hi' }] },
    { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
  ])('is refused before anything is sent: %j', async (request) => {
    const { aiClient, server } = await connect([]);
    const refused = {
      code: 'MODEL_BAD_REQUEST',
      message: expect.stringContaining('messages: [{ role, content }]') as string,
      isRetryable: false,
    };
    expect(await failure(aiClient.generate(request as never))).toMatchObject(refused);
    expect(await failure(Array.fromAsync(aiClient.stream(request as never)))).toMatchObject(refused);
    const chain = createChainClient([aiClient]);
    expect(await failure(chain.generate(request as never))).toMatchObject(refused);
    expect(await failure(Array.fromAsync(chain.stream(request as never)))).toMatchObject(refused);
    expect(server.requests).toHaveLength(0);
  });

  it.each([undefined, 'Hello', { values: 'Hello' }, { values: [1] }])(
    'is no question for vectors: %j',
    async (request) => {
      const { aiClient } = await connect([]);
      expect(await failure(aiClient.embed(request as never))).toMatchObject({
        code: 'MODEL_BAD_REQUEST',
        message: expect.stringContaining('values') as string,
      });
    },
  );
});

describe('options that cannot be meant', () => {
  it.each([
    [{ apikey: 'sk-0123' }, /no "apikey"; did you mean "apiKey"/],
    [{ baseURL: 'http://127.0.0.1' }, /no "baseURL"; did you mean "baseUrl"/],
    ['sk-of-the-test-0123456789', /createAIClient takes its options as an object, not a text of 25 characters/],
  ])('are told by name: %j', (options, message) => {
    expect(() => createAIClient(options as never)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) as string }),
    );
  });
});
