/**
 * The official openai SDK as a driver. The SDK brings the wire format; its retries and deadlines are off, because they leave
 * calls hanging (openai-node issue 1825), and its answers are read leniently.
 *
 * @module
 */
import type OpenAI from 'openai';
import type {
  AIClientCapabilities,
  AIEmbedRequest,
  AIEmbedResponse,
  AIRequest,
  AIResponse,
  AIStreamPart,
  Environment,
} from '@gomind/core';
import { GomindError, isSecretName, protectSecret } from '@gomind/core';
import { resolveModel } from '../providers/resolve-model.ts';
import type { ResolvedProvider } from '../providers/resolve-provider.ts';
import { readAnswer, StreamedAnswer } from '../wire/chat-answer.ts';
import { type ChatRequestBody, chatRequestBody } from '../wire/chat-request.ts';
import { correctedDialect, type Dialect, dialectOf } from '../wire/dialect.ts';
import { readEmbeddings } from '../wire/embeddings-answer.ts';
import type { ModelPlace } from '../wire/model-place.ts';
import { limitedFetch, saidDone } from './limited-fetch.ts';
import type { DriverCall, ModelDriver } from './model-driver.ts';

/** What the driver is made from. */
export interface OpenAIDriverOptions {
  readonly resolved: ResolvedProvider;
  readonly embeddingModel: string | undefined;
  readonly maxAnswerBytes: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly environment: Environment | undefined;
}

/** Models whose dialect is remembered. */
const maxDialects = 200;

/** Calls an OpenAI-compatible server. Nothing is loaded before the first call. */
export class OpenAIDriver implements ModelDriver {
  readonly provider: string;
  readonly capabilities: AIClientCapabilities;
  readonly #options: OpenAIDriverOptions;
  readonly #dialects = new Map<string, Dialect>();
  #sdk: Promise<OpenAI> | undefined;

  constructor(options: OpenAIDriverOptions) {
    const { entry } = options.resolved;
    this.provider = entry.name;
    protectCredentials(options);
    this.#options = options;
    this.capabilities = {
      jsonSchema: entry.json === 'schema',
      embeddings: entry.embeddings !== undefined || options.embeddingModel !== undefined,
    };
  }

  placeOf(model: string | undefined, operation: 'chat' | 'embeddings'): ModelPlace {
    const { resolved, embeddingModel, environment } = this.#options;
    const { entry, apiKey } = resolved;
    const name =
      operation === 'chat'
        ? resolveModel(entry, model ?? resolved.model, environment)
        : (model ?? embeddingModel ?? entry.embeddings?.model);
    if (name === undefined) {
      throw new GomindError({
        code: 'MODEL_BAD_REQUEST',
        message: `${entry.name} offers no embeddings. Pass an embeddingModel if your server has one, or use another provider for them.`,
        details: { provider: entry.name },
      });
    }
    const [keyHint] = entry.apiKeyVariables;
    const [addressHint] = entry.baseUrlVariables;
    return {
      provider: entry.name,
      model: name,
      secrets: apiKey === undefined ? [] : [apiKey],
      ...(keyHint === undefined ? {} : { keyHint }),
      ...(addressHint === undefined ? {} : { addressHint }),
    };
  }

  maxEmbedBatch(): Promise<number> {
    return Promise.resolve(this.#options.resolved.entry.embeddings?.maxBatch ?? 64);
  }

  async generate(request: AIRequest, { place, signal, traceHeaders: headers }: DriverCall): Promise<AIResponse> {
    const sdk = await this.#load();
    return this.#inKnownDialect(request, place, async (body) =>
      readAnswer(await sdk.chat.completions.create({ ...body, stream: false }, { signal, headers }), place),
    );
  }

  async *stream(
    request: AIRequest,
    { place, signal, traceHeaders: headers }: DriverCall,
  ): AsyncGenerator<AIStreamPart, void, undefined> {
    const sdk = await this.#load();
    const { data, response } = await this.#inKnownDialect({ ...request, isStream: true }, place, (body) =>
      sdk.chat.completions.create({ ...body, stream: true }, { signal, headers }).withResponse(),
    );
    if (/\bjson\b/i.test(response.headers.get('content-type') ?? '')) {
      // A server that cannot stream answers in one piece.
      const whole = readAnswer(await response.text(), place);
      if (whole.content !== '') yield { type: 'text-delta', text: whole.content };
      yield { type: 'finish', response: whole };
      return;
    }
    const answer = new StreamedAnswer(place);
    for await (const chunk of data) {
      const text = answer.add(chunk);
      if (text !== undefined) yield { type: 'text-delta', text };
    }
    yield { type: 'finish', response: answer.end(saidDone(response)) };
  }

  async embed(
    { values }: AIEmbedRequest,
    { place, signal, traceHeaders: headers }: DriverCall,
  ): Promise<AIEmbedResponse> {
    const sdk = await this.#load();
    const body = await sdk.embeddings.create(
      { model: place.model, input: [...values], encoding_format: 'float' },
      { signal, headers },
    );
    return readEmbeddings(body, values.length, place);
  }

  #load(): Promise<OpenAI> {
    this.#sdk ??= (async () => {
      const { OpenAI: Sdk } = await import('openai');
      const { resolved, maxAnswerBytes, headers } = this.#options;
      return new Sdk({
        // The SDK insists on a key; servers that want none ignore it. Other credentials of the environment stay out.
        apiKey: resolved.apiKey ?? 'none',
        organization: null,
        project: null,
        baseURL: resolved.baseUrl,
        defaultHeaders: headers,
        maxRetries: 0,
        // Deadlines are ours: the SDK's own does not cover a stalled stream.
        timeout: 2_147_483_647,
        logLevel: 'off',
        fetch: limitedFetch(maxAnswerBytes),
      });
    })();
    return this.#sdk;
  }

  /** Asks in the best form that this model has not refused yet. Every refusal that is learnt from takes something away, so this ends. */
  async #inKnownDialect<T>(
    request: AIRequest & { readonly isStream?: boolean },
    { model }: ModelPlace,
    send: (body: ChatRequestBody) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      const dialect = this.#dialectFor(model);
      const body = chatRequestBody(request, model, dialect);
      try {
        return await send(body);
      } catch (error) {
        const corrected = correctedDialect(dialect, body, error);
        if (corrected === undefined) throw error;
        // Unless another call has learnt something meanwhile.
        if (this.#dialectFor(model) === dialect) this.#dialects.set(model, corrected);
      }
    }
  }

  #dialectFor(model: string): Dialect {
    const known = this.#dialects.get(model);
    if (known !== undefined) return known;
    const dialect = dialectOf(this.#options.resolved.entry, model);
    if (this.#dialects.size >= maxDialects) this.#dialects.clear();
    this.#dialects.set(model, dialect);
    return dialect;
  }
}

/** From now on they are taken out wherever they turn up: a server that is asked with a key may say it again. */
function protectCredentials({ resolved, headers }: OpenAIDriverOptions): void {
  if (resolved.apiKey !== undefined) protectSecret(resolved.apiKey);
  for (const [name, value] of Object.entries(headers)) if (isSecretName(name)) protectSecret(value);
  const { password } = new URL(resolved.baseUrl);
  if (password !== '') protectSecret(decodeURIComponent(password));
}
