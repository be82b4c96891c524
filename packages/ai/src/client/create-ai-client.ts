/**
 * An `AIClient` on the official openai SDK. The SDK brings the wire format; deadlines, idle limits, size limits, leniency and
 * error codes are ours, because the SDK's own leave calls hanging (openai-node issue 1825) or pass errors off as answers.
 *
 * @module
 */
import type OpenAI from 'openai';
import {
  type AIClient,
  type AIEmbedRequest,
  type AIEmbedResponse,
  type AIRequest,
  type AIResponse,
  type AIStreamPart,
  GomindError,
  linkedAbort,
  withTimeout,
} from '@gomind/core';
import { genAiAttribute, genAiMetric, genAiOperation } from '@gomind/telemetry';
import { readAnswer, StreamedAnswer, usageOf } from '../wire/chat-answer.ts';
import { type ChatRequestBody, chatRequestBody, type JsonMode } from '../wire/chat-request.ts';
import { badResponse, mapError } from '../wire/map-error.ts';
import { type AIClientOptions, type AISettings, resolveSettings } from './ai-client-options.ts';
import { limitedFetch } from './limited-fetch.ts';

/**
 * Makes a client of an OpenAI-compatible server. No call is made and nothing heavy is loaded before the first request.
 * Nothing is retried inside, with one exception: a server that does not know a JSON schema is asked again in a form it knows.
 *
 * @throws GomindError `CONFIG_INVALID`, `AI_CLIENT_NOT_CONFIGURED`
 * @example
 * await using aiClient = createAIClient({ baseUrl: 'http://localhost:11434/v1', model: 'llama3.3' });
 * const { content } = await aiClient.generate({ messages: [{ role: 'user', content: 'Hello' }] });
 */
export function createAIClient(options: AIClientOptions): AIClient {
  return new OpenAIClient(resolveSettings(options));
}

/** What a call shares with its deadline and its error messages. */
interface CallPlace {
  readonly provider: string;
  readonly model: string;
}

class OpenAIClient implements AIClient {
  readonly provider: string;
  readonly isConfigured = true;
  readonly #settings: AISettings;
  readonly #isOpenAI: boolean;
  #sdk: Promise<OpenAI> | undefined;
  #jsonMode: JsonMode = 'schema';
  #isClosed = false;

  constructor(settings: AISettings) {
    this.provider = settings.provider;
    this.#settings = settings;
    this.#isOpenAI = new URL(settings.baseUrl).hostname === 'api.openai.com';
  }

  async generate(request: AIRequest): Promise<AIResponse> {
    const place = this.#placeOf(request.model ?? this.#settings.model);
    return this.#measured('chat', place, async (note) => {
      const response = await this.#withDeadline(request, place, (sdk, signal) =>
        this.#inKnownJsonMode(request, async (body) =>
          readAnswer(await sdk.chat.completions.create({ ...body, stream: false }, { signal }), place),
        ),
      );
      note(response);
      return response;
    });
  }

  async *stream(request: AIRequest): AsyncGenerator<AIStreamPart, void, undefined> {
    const place = this.#placeOf(request.model ?? this.#settings.model);
    const { clock, idleTimeoutMs } = this.#settings;
    const timeoutMs = request.timeoutMs ?? this.#settings.timeoutMs;
    const answer = new StreamedAnswer(place);
    const abort = linkedAbort(request.signal);
    const cancelDeadline = clock.setTimer(() => {
      abort.abort(timeoutError(place, timeoutMs));
    }, timeoutMs);
    try {
      const sdk = await this.#load();
      const nextWithin = <T>(work: () => Promise<T>): Promise<T> =>
        withTimeout(work, {
          timeoutMs: idleTimeoutMs,
          code: 'MODEL_TIMEOUT',
          what: `Waiting for the next piece of the answer of ${place.model}`,
          signal: abort.signal,
          clock,
        });
      const pieces = await nextWithin(() =>
        this.#inKnownJsonMode(request, (body) =>
          sdk.chat.completions.create(
            { ...body, stream: true, stream_options: { include_usage: true } },
            { signal: abort.signal },
          ),
        ),
      );
      const iterator = pieces[Symbol.asyncIterator]();
      for (;;) {
        const next = await nextWithin(() => iterator.next());
        if (next.done === true) break;
        const text = answer.add(next.value);
        if (text !== '') yield { type: 'text-delta', text };
      }
      const response = answer.end();
      this.#recordUsage(place, response);
      yield { type: 'finish', response };
    } catch (error) {
      throw mapError(error, { ...place, signal: abort.signal.aborted ? abort.signal : undefined, now: clock.now() });
    } finally {
      cancelDeadline();
      abort.unlink();
      // Whoever leaves early, or was thrown out by a deadline, leaves no open connection behind.
      abort.abort(new GomindError({ code: 'CANCELLED', message: 'The stream was left' }));
    }
  }

  async embed(request: AIEmbedRequest): Promise<AIEmbedResponse> {
    const place = this.#placeOf(request.model ?? this.#settings.embeddingModel);
    if (request.values.length === 0) {
      return {
        embeddings: [],
        model: place.model,
        provider: place.provider,
        usage: { inputTokens: 0, totalTokens: 0 },
      };
    }
    return this.#measured('embeddings', place, async () =>
      this.#withDeadline(request, place, async (sdk, signal) => {
        const body = await sdk.embeddings.create(
          { model: place.model, input: [...request.values], encoding_format: 'float' },
          { signal },
        );
        return readEmbeddings(body, request.values.length, place);
      }),
    );
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #placeOf(model: string): CallPlace {
    return { provider: this.#settings.provider, model };
  }

  #load(): Promise<OpenAI> {
    if (this.#isClosed) throw new GomindError({ code: 'CLOSED', message: 'The AI client is closed.' });
    this.#sdk ??= (async () => {
      const { OpenAI: Sdk } = await import('openai');
      const { apiKey, baseUrl, maxAnswerBytes } = this.#settings;
      return new Sdk({
        // The SDK insists on a key; servers that want none ignore it. Other credentials of the environment stay out.
        apiKey: apiKey ?? 'none',
        organization: null,
        project: null,
        baseURL: baseUrl,
        maxRetries: 0,
        // Deadlines are ours (above): the SDK's own does not cover a stalled stream.
        timeout: 2_147_483_647,
        logLevel: 'off',
        fetch: limitedFetch(maxAnswerBytes),
      });
    })();
    return this.#sdk;
  }

  async #withDeadline<T>(
    request: Pick<AIRequest, 'timeoutMs' | 'signal'>,
    place: CallPlace,
    call: (sdk: OpenAI, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#settings;
    const timeoutMs = request.timeoutMs ?? this.#settings.timeoutMs;
    try {
      const sdk = await this.#load();
      return await withTimeout((signal) => call(sdk, signal), {
        timeoutMs,
        code: 'MODEL_TIMEOUT',
        what: `The call of ${place.model}`,
        details: { ...place },
        signal: request.signal,
        clock,
      });
    } catch (error) {
      throw mapError(error, { ...place, signal: request.signal, now: clock.now() });
    }
  }

  /** Asks for JSON in the best form this server has not refused yet. */
  async #inKnownJsonMode<T>(request: AIRequest, send: (body: ChatRequestBody) => Promise<T>): Promise<T> {
    for (;;) {
      const jsonMode = this.#jsonMode;
      const body = chatRequestBody(request, { model: this.#settings.model, jsonMode, isOpenAI: this.#isOpenAI });
      try {
        return await send(body);
      } catch (error) {
        const lesser = lesserModeOf(jsonMode);
        if (body.response_format === undefined || lesser === undefined || !refusesFormat(error)) throw error;
        if (this.#jsonMode === jsonMode) this.#jsonMode = lesser;
      }
    }
  }

  async #measured<T>(
    operation: 'chat' | 'embeddings',
    place: CallPlace,
    call: (note: (response: AIResponse) => void) => Promise<T>,
  ): Promise<T> {
    const { telemetry, clock } = this.#settings;
    const startedAt = clock.monotonicMs();
    const attributes = {
      [genAiAttribute.operationName]: genAiOperation[operation],
      [genAiAttribute.providerName]: place.provider,
      [genAiAttribute.requestModel]: place.model,
    };
    let errorType: string | undefined;
    try {
      return await telemetry.withSpan(`${operation} ${place.model}`, { kind: 'client', attributes }, (span) =>
        call((response) => {
          this.#recordUsage(place, response);
          span.setAttributes({
            [genAiAttribute.responseModel]: response.model,
            [genAiAttribute.responseFinishReasons]: [response.finishReason],
            [genAiAttribute.usageInputTokens]: response.usage.inputTokens,
            [genAiAttribute.usageOutputTokens]: response.usage.outputTokens,
          });
        }),
      );
    } catch (error) {
      errorType = GomindError.isInstance(error) ? error.code : 'unknown';
      throw error;
    } finally {
      const seconds = (clock.monotonicMs() - startedAt) / 1_000;
      telemetry.recordMetric(
        genAiMetric.clientOperationDuration,
        seconds,
        { ...attributes, [genAiAttribute.errorType]: errorType },
        { unit: 's' },
      );
    }
  }

  #recordUsage(place: CallPlace, { usage }: AIResponse): void {
    const attributes = {
      [genAiAttribute.operationName]: genAiOperation.chat,
      [genAiAttribute.providerName]: place.provider,
      [genAiAttribute.requestModel]: place.model,
    };
    for (const [tokenType, tokens] of [
      ['input', usage.inputTokens],
      ['output', usage.outputTokens],
    ] as const) {
      this.#settings.telemetry.recordMetric(
        genAiMetric.clientTokenUsage,
        tokens,
        { ...attributes, [genAiAttribute.tokenType]: tokenType },
        { unit: '{token}' },
      );
    }
  }
}

function timeoutError({ provider, model }: CallPlace, timeoutMs: number): GomindError {
  return new GomindError({
    code: 'MODEL_TIMEOUT',
    message: `The answer of ${model} took longer than ${String(timeoutMs)} ms`,
    isRetryable: true,
    details: { provider, model, timeoutMs },
  });
}

function lesserModeOf(mode: JsonMode): JsonMode | undefined {
  return mode === 'schema' ? 'object' : mode === 'object' ? 'words' : undefined;
}

function refusesFormat(error: unknown): boolean {
  if (!(error instanceof Error) || !('status' in error)) return false;
  const isRefusal = error.status === 400 || error.status === 422 || error.status === 501;
  const param = 'param' in error ? String(error.param) : '';
  return isRefusal && /response_format|json_schema|json_object|structured output/i.test(`${param} ${error.message}`);
}

function readEmbeddings(body: unknown, expected: number, place: CallPlace): AIEmbedResponse {
  const answer = body as { readonly data?: unknown; readonly usage?: unknown; readonly model?: unknown };
  const data: readonly unknown[] =
    typeof body === 'object' && body !== null && Array.isArray(answer.data) ? answer.data : [];
  const items = data.map((item, at) => {
    const { embedding, index } = (typeof item === 'object' && item !== null ? item : {}) as {
      readonly embedding?: unknown;
      readonly index?: unknown;
    };
    return { embedding, index: typeof index === 'number' ? index : at };
  });
  const embeddings = items.sort((left, right) => left.index - right.index).map((item) => item.embedding);
  if (embeddings.length !== expected || !embeddings.every(isVector))
    throw badResponse(place, `${String(embeddings.length)} embeddings for ${String(expected)} texts`);
  const { inputTokens, totalTokens } = usageOf(answer.usage);
  return {
    embeddings,
    model: typeof answer.model === 'string' ? answer.model : place.model,
    provider: place.provider,
    usage: { inputTokens, totalTokens },
  };
}

function isVector(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'number' && Number.isFinite(part))
  );
}
