/**
 * The one face of a language model in this framework. Implementations live in `@gomind/ai`; orchestration knows only this.
 *
 * @module
 */
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { JsonSchema } from './json.ts';
import { GomindError } from '../errors/gomind-error.ts';

/** One turn of a conversation. */
export interface AIMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What is asked of a model. */
export interface AIRequest {
  readonly messages: readonly AIMessage[];
  /** Model name or alias; default: the client's own. */
  readonly model?: string;
  /** Not sent to reasoning models, which refuse it. */
  readonly temperature?: number;
  /** Upper bound of generated tokens. */
  readonly maxOutputTokens?: number;
  /** Not sent to reasoning models, which refuse it. */
  readonly stopSequences?: readonly string[];
  /** What the call is for, for hooks and records: `planning`, `synthesis`. Never sent. */
  readonly purpose?: string;
  /** How long a reasoning model thinks; other models are not told. Thinking counts as output. Default: the model's own. */
  readonly reasoningEffort?: 'none' | 'minimal' | 'low' | 'medium' | 'high';
  /**
   * `json` asks for one JSON value. A provider that can enforce `schema` is asked to; for any other the schema stands in the
   * prompt. The answer is never trusted for it: the caller checks.
   */
  readonly responseFormat?: { readonly type: 'json'; readonly name?: string; readonly schema?: JsonSchema };
  /** Deadline of this call in milliseconds; default: the client's own. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Tokens spent, and their price where it is known. */
export interface AIUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  /** Part of the input that the provider had in its cache, where it says so. */
  readonly cachedInputTokens?: number;
  /** US dollars; absent when the model's price is unknown. */
  readonly costUsd?: number;
}

/** Why the model stopped. `length` means the answer is cut off and must not be used as a whole. */
export type AIFinishReason = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'other';

/** A whole answer. */
export interface AIResponse {
  readonly content: string;
  /** The model that answered, as it names itself. */
  readonly model: string;
  readonly provider: string;
  readonly usage: AIUsage;
  readonly finishReason: AIFinishReason;
}

/** One part of a streamed answer; `finish` comes last and exactly once. */
export type AIStreamPart =
  { readonly type: 'text-delta'; readonly text: string } | { readonly type: 'finish'; readonly response: AIResponse };

/** Texts to turn into vectors. */
export interface AIEmbedRequest {
  readonly values: readonly string[];
  readonly model?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Vectors in the order of the request's values. */
export interface AIEmbedResponse {
  readonly embeddings: readonly (readonly number[])[];
  readonly model: string;
  readonly provider: string;
  readonly usage: Pick<AIUsage, 'inputTokens' | 'totalTokens' | 'costUsd'>;
}

/** What a client can do, as far as it is known beforehand. */
export interface AIClientCapabilities {
  /** Whether a JSON schema is enforced; if not, it is only asked for in words. */
  readonly jsonSchema: boolean;
  /** Whether `embed` can succeed. */
  readonly embeddings: boolean;
}

/**
 * A language model.
 *
 * Every method rejects with a GomindError whose `isRetryable` says whether the same request may succeed later:
 * `AI_CLIENT_NOT_CONFIGURED MODEL_AUTH MODEL_QUOTA RATE_LIMITED MODEL_CONTEXT_LENGTH MODEL_CONTENT_FILTER MODEL_REFUSED
 * MODEL_TIMEOUT MODEL_UNAVAILABLE MODEL_BAD_RESPONSE MODEL_BAD_REQUEST CANCELLED`. Nothing is retried inside: retries live in
 * one layer, above.
 */
export interface AIClient {
  /** Provider name for people, metrics and errors, for example `openai`. */
  readonly provider: string;
  /** False when no call can succeed because nothing is configured. Default: true. */
  readonly isConfigured?: boolean;
  /** Default: unknown. */
  readonly capabilities?: AIClientCapabilities;
  /** Circuit breakers that guard its providers already, so that nobody puts another around it. Default: it is unguarded. */
  readonly circuits?: readonly CircuitBreaker[];
  /**
   * What an answer of so many tokens would cost, for budgets of money. Default: unknown.
   *
   * @param usage tokens
   * @param model name or alias; default: the client's own
   * @returns US dollars; undefined when the price is unknown
   */
  priceUsd?(usage: Pick<AIUsage, 'inputTokens' | 'outputTokens'>, model?: string): number | undefined;
  generate(request: AIRequest): Promise<AIResponse>;
  /** Streams an answer; the iterable rejects with the same errors as {@link AIClient.generate}. */
  stream(request: AIRequest): AsyncIterable<AIStreamPart>;
  embed(request: AIEmbedRequest): Promise<AIEmbedResponse>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The error that every call of {@link unconfiguredAIClient} rejects with. */
function notConfigured(): GomindError {
  return new GomindError({
    code: 'AI_CLIENT_NOT_CONFIGURED',
    message:
      'No language model is configured. Set OPENAI_API_KEY (or OPENAI_BASE_URL for any compatible server), or pass an aiClient; ' +
      'without one the basic router plans from the capabilities alone.',
  });
}

/** The AIClient of a house without a model: every call rejects with `AI_CLIENT_NOT_CONFIGURED`. */
export const unconfiguredAIClient: AIClient = {
  provider: 'none',
  isConfigured: false,
  generate: () => Promise.reject(notConfigured()),
  stream: () => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(notConfigured()) }),
  }),
  embed: () => Promise.reject(notConfigured()),
  close: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
