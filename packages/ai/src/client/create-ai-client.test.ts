import { type AIClient, GomindError, type Telemetry } from '@gomind/core';
import { createRecordingTelemetry } from '@gomind/core/testing';
import { type OpenAIWireServer, startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { afterEach, describe, expect, it } from 'vitest';
import { type AIClientOptions, createAIClient, createAIClientFromEnvironment } from './create-ai-client.ts';

const messages = [{ role: 'user', content: 'Hello' }] as const;
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((thing) => thing.close()));
});

async function connect(
  reply: readonly WireReply[],
  options: Partial<AIClientOptions> = {},
): Promise<{ readonly aiClient: AIClient; readonly server: OpenAIWireServer }> {
  const server = await startOpenAIWireServer({ reply });
  const aiClient = createAIClient({
    baseUrl: server.baseUrl,
    apiKey: 'sk-secret-of-the-test',
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

describe('what goes over the wire', () => {
  it('is the request and nothing else', async () => {
    const { aiClient, server } = await connect([{ text: 'ok' }]);
    await aiClient.generate({ messages, temperature: 0.2, maxOutputTokens: 50, stopSequences: ['END'] });
    expect(server.requests[0]?.body).toEqual({
      model: 'test-model',
      messages,
      temperature: 0.2,
      max_tokens: 50,
      stop: ['END'],
      stream: false,
    });
    expect(server.requests[0]?.headers['authorization']).toBe('Bearer sk-secret-of-the-test');
  });

  it('asks for JSON by schema, and in lesser forms from a server that does not know schemas', async () => {
    const refusal: WireReply = { status: 400, message: "Unsupported value: 'response_format' of type json_schema" };
    const { aiClient, server } = await connect([refusal, refusal, { text: '{}' }, { text: '{}' }]);
    const request = { messages, responseFormat: { type: 'json', name: 'plan', schema: { type: 'object' } } } as const;
    await aiClient.generate(request);
    await aiClient.generate(request);
    const formats = server.requests.map(({ body }) => (body['response_format'] as { type?: string } | undefined)?.type);
    expect(formats).toEqual(['json_schema', 'json_object', undefined, undefined]);
  });

  it('does not follow a redirect with the key in its hand', async () => {
    const other = await startOpenAIWireServer({ reply: [{ text: 'stolen' }] });
    open.push(other);
    const { aiClient } = await connect([
      { body: '', status: 307, headers: { location: `${other.baseUrl}/chat/completions` } },
    ]);
    expect(await failure(aiClient.generate({ messages }))).toMatchObject({
      code: 'MODEL_BAD_RESPONSE',
      isRetryable: false,
    });
    expect(other.requests).toHaveLength(0);
  });
});

describe('errors', () => {
  it.each<readonly [string, WireReply, Partial<GomindError>]>([
    ['a wrong key', { status: 401 }, { code: 'MODEL_AUTH', isRetryable: false }],
    ['a forbidden model', { status: 403 }, { code: 'MODEL_AUTH', isRetryable: false }],
    ['an unknown model', { status: 404 }, { code: 'MODEL_BAD_REQUEST', isRetryable: false }],
    ['a request the server cannot read', { status: 400 }, { code: 'MODEL_BAD_REQUEST', isRetryable: false }],
    [
      'too long a context',
      { status: 400, code: 'context_length_exceeded' },
      { code: 'MODEL_CONTEXT_LENGTH', isRetryable: false },
    ],
    [
      'a content policy',
      { status: 400, code: 'content_policy_violation' },
      { code: 'MODEL_CONTENT_FILTER', isRetryable: false },
    ],
    ['an empty account', { status: 429, code: 'insufficient_quota' }, { code: 'MODEL_QUOTA', isRetryable: false }],
    ['a rate limit', { status: 429 }, { code: 'RATE_LIMITED', isRetryable: true }],
    [
      'a server that says not to retry',
      { status: 503, headers: { 'x-should-retry': 'false' } },
      { code: 'MODEL_UNAVAILABLE', isRetryable: false },
    ],
    ['an internal error', { status: 500 }, { code: 'MODEL_UNAVAILABLE', isRetryable: true }],
    [
      'a page of a gateway',
      { body: '<html><h1>Bad gateway</h1></html>', status: 502, contentType: 'text/html' },
      { code: 'MODEL_UNAVAILABLE', isRetryable: true },
    ],
    ['a gateway that gave up', { status: 504 }, { code: 'MODEL_TIMEOUT', isRetryable: true }],
    [
      'a login page',
      { body: '<html>Log in</html>', contentType: 'text/html' },
      { code: 'MODEL_BAD_RESPONSE', isRetryable: false },
    ],
    ['half a JSON document', { body: '{"choices":[{"mess' }, { code: 'MODEL_BAD_RESPONSE', isRetryable: false }],
    ['an error behind status 200', { body: { error: { message: 'overloaded' } } }, { code: 'MODEL_BAD_RESPONSE' }],
    ['no choices', { body: { choices: [] } }, { code: 'MODEL_BAD_RESPONSE' }],
    ['a refusal', { refusal: 'I cannot help with that.' }, { code: 'MODEL_REFUSED', isRetryable: false }],
    ['a broken connection', { fault: 'reset' }, { code: 'MODEL_UNAVAILABLE', isRetryable: true }],
  ])('tells %s', async (_what, reply, expected) => {
    const { aiClient, server } = await connect([reply]);
    const error = await failure(aiClient.generate({ messages }));
    expect(error).toMatchObject(expected);
    expect(JSON.stringify([error.message, error.details])).not.toContain('sk-secret-of-the-test');
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['3', 3_000],
    ['0', 0],
    ['86400', 86_400_000],
    ['soon', undefined],
  ])('reads Retry-After: %s', async (retryAfter, retryAfterMs) => {
    const { aiClient } = await connect([{ status: 429, retryAfter }]);
    expect((await failure(aiClient.generate({ messages }))).details['retryAfterMs']).toBe(retryAfterMs);
  });

  it('reads a Retry-After that is a date', async () => {
    const { aiClient } = await connect([{ status: 503, retryAfter: new Date(Date.now() + 60_000).toUTCString() }]);
    const { retryAfterMs } = (await failure(aiClient.generate({ messages }))).details;
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it('says where it looked when nobody is there', async () => {
    const aiClient = createAIClient({ baseUrl: 'http://127.0.0.1:1/v1' });
    const error = await failure(aiClient.generate({ messages }));
    expect(error).toMatchObject({ code: 'MODEL_UNAVAILABLE', isRetryable: true });
    expect(error.message).toContain('OPENAI_BASE_URL');
  });

  it('reads no answer without end', async () => {
    const { aiClient } = await connect([{ body: { choices: [{ message: { content: 'x'.repeat(200_000) } }] } }], {
      maxAnswerBytes: 100_000,
    });
    expect(await failure(aiClient.generate({ messages }))).toMatchObject({ code: 'MODEL_BAD_RESPONSE' });
  });
});

describe('streams', () => {
  const drain = (aiClient: AIClient) => Array.fromAsync(aiClient.stream({ messages }));

  it('end with the reason, the whole text and the tokens', async () => {
    const { aiClient } = await connect([{ chunks: ['a', 'b'], finishReason: 'length' }]);
    expect((await drain(aiClient)).at(-1)).toMatchObject({
      type: 'finish',
      response: { content: 'ab', finishReason: 'length', usage: { inputTokens: 11, outputTokens: 7, totalTokens: 18 } },
    });
  });

  it('that stop coming are given up', async () => {
    const { aiClient } = await connect([{ chunks: ['a'], end: 'stall' }], { idleTimeoutMs: 100 });
    expect(await failure(drain(aiClient))).toMatchObject({ code: 'MODEL_TIMEOUT', isRetryable: true });
  });

  it('that end before the answer does are no answer', async () => {
    const { aiClient } = await connect([{ chunks: ['{"steps": ['], end: 'cut' }]);
    expect(await failure(drain(aiClient))).toMatchObject({ code: 'MODEL_BAD_RESPONSE', isRetryable: true });
  });

  it('have a deadline as a whole', async () => {
    const { aiClient } = await connect([{ chunks: ['a'], end: 'stall' }], { timeoutMs: 100 });
    expect(await failure(drain(aiClient))).toMatchObject({ code: 'MODEL_TIMEOUT' });
  });

  it('are cancelled by the caller', async () => {
    const { aiClient } = await connect([{ chunks: ['a'], end: 'stall' }]);
    const abort = new AbortController();
    const reading = (async () => {
      for await (const part of aiClient.stream({ messages, signal: abort.signal })) {
        if (part.type === 'text-delta') abort.abort();
      }
    })();
    expect(await failure(reading)).toMatchObject({ code: 'CANCELLED' });
  });

  it('tell a refusal', async () => {
    const { aiClient } = await connect([{ refusal: 'No.' }]);
    expect(await failure(drain(aiClient))).toMatchObject({ code: 'MODEL_REFUSED' });
  });
});

describe('lenient reading', () => {
  it.each<readonly [string, unknown, Record<string, unknown>]>([
    [
      'content in parts',
      {
        choices: [
          {
            message: { content: [{ type: 'text', text: 'a' }, { type: 'image' }, { type: 'text', text: 'b' }] },
            finish_reason: 'stop',
          },
        ],
      },
      { content: 'ab' },
    ],
    [
      'no usage',
      { choices: [{ message: { content: 'a' }, finish_reason: 'stop' }] },
      { usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 } },
    ],
    [
      'a finish reason of its own',
      { choices: [{ message: { content: 'a' }, finish_reason: 'eos_token' }] },
      { finishReason: 'other' },
    ],
    [
      'tool calls without content',
      { choices: [{ message: { content: null, tool_calls: [{ id: '1' }] }, finish_reason: 'tool_calls' }] },
      { content: '', finishReason: 'tool-calls' },
    ],
    [
      'a filtered answer',
      { choices: [{ message: { content: '' }, finish_reason: 'content_filter' }] },
      { finishReason: 'content-filter' },
    ],
  ])('takes %s', async (_what, body, expected) => {
    const { aiClient } = await connect([{ body }]);
    await expect(aiClient.generate({ messages })).resolves.toMatchObject(expected);
  });
});

describe('embeddings', () => {
  it('that do not match the texts are refused', async () => {
    const { createServer } = await import('node:http');
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[{"embedding":[1]}]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const aiClient = createAIClient({
      baseUrl: `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}/v1`,
    });
    expect(await failure(aiClient.embed({ values: ['a', 'b'] }))).toMatchObject({ code: 'MODEL_BAD_RESPONSE' });
    server.closeAllConnections();
    server.close();
  });
});

describe('observability', () => {
  it('has a span and tokens for each call, and no text of anybody', async () => {
    const telemetry = createRecordingTelemetry();
    const { aiClient } = await connect([{ text: 'private answer' }], { telemetry, provider: 'acme' });
    await aiClient.generate({ messages });
    expect(telemetry.spans[0]).toMatchObject({
      name: 'chat test-model',
      attributes: { 'gen_ai.provider.name': 'acme', 'gen_ai.usage.input_tokens': 11, 'gen_ai.usage.output_tokens': 7 },
    });
    expect(telemetry.metrics.map(({ name }) => name)).toEqual([
      'gen_ai.client.token.usage',
      'gen_ai.client.token.usage',
      'gen_ai.client.operation.duration',
    ]);
    expect(JSON.stringify([telemetry.spans, telemetry.metrics])).not.toMatch(/private answer|Hello|sk-/);
  });

  it("names its span to the server, and tells it nothing of the application's baggage", async () => {
    const recording = createRecordingTelemetry();
    const telemetry: Telemetry = {
      ...recording,
      inject: (headers) => {
        recording.inject(headers);
        Object.assign(headers, { tracestate: 'acme=1', baggage: 'user.id=ada' });
      },
    };
    const { aiClient, server } = await connect([{ text: 'ok' }, { chunks: ['o', 'k'] }], {
      telemetry,
      embeddingModel: 'test-embedding',
      headers: { traceparent: 'of somebody else' },
    });
    await aiClient.generate({ messages });
    await Array.fromAsync(aiClient.stream({ messages }));
    await aiClient.embed({ values: ['a'] });
    const sent = [...server.requests, ...server.embeddingRequests].map(({ headers }) => headers);
    expect(sent.map(({ traceparent }) => traceparent)).toEqual(
      recording.spans.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
    );
    expect(new Set(recording.spans.map(({ spanId }) => spanId)).size).toBe(3);
    for (const { baggage, tracestate } of sent) expect([baggage, tracestate]).toEqual([undefined, undefined]);
  });

  it('sends no header of a trace without telemetry', async () => {
    const { aiClient, server } = await connect([{ text: 'ok' }]);
    await aiClient.generate({ messages });
    expect(server.requests.map(({ headers }) => headers['traceparent'])).toEqual([undefined]);
  });
});

describe('settings', () => {
  it('refuse to start without a key and a server', () => {
    expect(() => createAIClient({ environment: {} })).toThrow(/OPENAI_API_KEY/);
    expect(() => createAIClient({ baseUrl: 'localhost' })).toThrow(/http/);
    expect(() => createAIClient({ apiKey: 'k', timeoutMs: 0 })).toThrow(/timeoutMs/);
  });

  it('come from the environment, and an option beats it', async () => {
    const server = await startOpenAIWireServer({ reply: [{ text: 'ok' }, { text: 'ok' }] });
    open.push(server);
    const environment = {
      OPENAI_BASE_URL: server.baseUrl,
      OPENAI_API_KEY: 'k',
      GOMIND_AI_MODEL: 'from-environment',
      GOMIND_AI_PROVIDER: 'acme',
    };
    const aiClient = createAIClientFromEnvironment({ environment });
    expect(aiClient.provider).toBe('acme');
    await aiClient.generate({ messages });
    await createAIClientFromEnvironment({ model: 'from-option', environment }).generate({ messages });
    expect(server.requests.map(({ body }) => body['model'])).toEqual(['from-environment', 'from-option']);
  });

  it('without any of them make a client that says what to set', async () => {
    const aiClient = createAIClientFromEnvironment({ environment: {} });
    expect(aiClient.isConfigured).toBe(false);
    expect(await failure(aiClient.generate({ messages }))).toMatchObject({ code: 'AI_CLIENT_NOT_CONFIGURED' });
  });

  it('refuse calls after close', async () => {
    const { aiClient } = await connect([]);
    await aiClient.close();
    expect(await failure(aiClient.generate({ messages }))).toMatchObject({ code: 'CLOSED' });
  });
});
