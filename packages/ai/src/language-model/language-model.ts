/**
 * The AI SDK's models by their shape, specifications v2, v3 and v4 alike (`@ai-sdk/provider` 2 to 4). Only what is used is
 * named, so that no version of that package is a dependency.
 *
 * @module
 */

/** What a model is asked; a superset of what each specification accepts here. */
export interface LanguageModelCall {
  readonly prompt: readonly unknown[];
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  readonly responseFormat?: unknown;
  /** Specification v4 only. */
  readonly reasoning?: unknown;
  readonly abortSignal?: AbortSignal | undefined;
  /** Sent with the request by providers that speak HTTP. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A language model of any AI SDK provider, for example `anthropic('claude-sonnet-4-5')` of `@ai-sdk/anthropic`. */
export interface AnyLanguageModel {
  readonly specificationVersion: 'v2' | 'v3' | 'v4';
  readonly provider: string;
  readonly modelId: string;
  doGenerate(options: LanguageModelCall): PromiseLike<unknown>;
  doStream(options: LanguageModelCall): PromiseLike<{ readonly stream: ReadableStream<unknown> }>;
}

/** An embedding model of any AI SDK provider. */
export interface AnyEmbeddingModel {
  readonly specificationVersion: 'v2' | 'v3' | 'v4';
  readonly modelId: string;
  readonly maxEmbeddingsPerCall: PromiseLike<number | undefined> | number | undefined;
  doEmbed(options: {
    readonly values: string[];
    readonly abortSignal?: AbortSignal;
    readonly headers?: Record<string, string>;
  }): PromiseLike<unknown>;
}
