/**
 * A model of the AI SDK as a driver.
 *
 * @module
 */
import {
  type AIClientCapabilities,
  type AIEmbedRequest,
  type AIEmbedResponse,
  type AIRequest,
  type AIResponse,
  type AIStreamPart,
  GomindError,
} from '@gomind/core';
import type { DriverCall, ModelDriver, TraceHeaders } from '../client/model-driver.ts';
import { badResponse, errorInAnswer } from '../wire/map-error.ts';
import type { ModelPlace } from '../wire/model-place.ts';
import { withSchemaInPrompt } from '../wire/schema-prompt.ts';
import type { AnyEmbeddingModel, AnyLanguageModel, LanguageModelCall } from './language-model.ts';
import { fieldsIn, finishReasonIn, textIn, usageIn } from './model-answer.ts';

/** What the driver is made from. */
export interface LanguageModelDriverOptions {
  readonly model: AnyLanguageModel;
  readonly embeddingModel: AnyEmbeddingModel | undefined;
  readonly provider: string;
  readonly enforcesSchema: boolean;
}

/** Calls a model through `doGenerate`, `doStream` and `doEmbed`, which retry nothing. */
export class LanguageModelDriver implements ModelDriver {
  readonly provider: string;
  readonly capabilities: AIClientCapabilities;
  readonly #options: LanguageModelDriverOptions;

  constructor(options: LanguageModelDriverOptions) {
    this.provider = options.provider;
    this.#options = options;
    this.capabilities = { jsonSchema: options.enforcesSchema, embeddings: options.embeddingModel !== undefined };
  }

  placeOf(_model: string | undefined, operation: 'chat' | 'embeddings'): ModelPlace {
    const { model, embeddingModel } = this.#options;
    if (operation === 'chat') return { provider: this.provider, model: model.modelId };
    if (embeddingModel !== undefined) return { provider: this.provider, model: embeddingModel.modelId };
    throw new GomindError({
      code: 'MODEL_BAD_REQUEST',
      message: `${model.modelId} makes no embeddings. Pass an embeddingModel to fromLanguageModel.`,
      details: { provider: this.provider },
    });
  }

  async maxEmbedBatch(): Promise<number> {
    return (await this.#options.embeddingModel?.maxEmbeddingsPerCall) ?? Number.POSITIVE_INFINITY;
  }

  async generate(request: AIRequest, call: DriverCall): Promise<AIResponse> {
    const { place } = call;
    const result = fieldsIn(await this.#options.model.doGenerate(this.#callFor(request, call)));
    if (!Array.isArray(result['content'])) throw badResponse(place, 'no content');
    const structured = result['structuredOutputText'];
    const { modelId } = fieldsIn(result['response']);
    return {
      content: typeof structured === 'string' ? structured : textIn(result['content']),
      finishReason: finishReasonIn(result['finishReason']),
      usage: usageIn(result['usage']),
      model: typeof modelId === 'string' ? modelId : place.model,
      provider: place.provider,
    };
  }

  async *stream(request: AIRequest, call: DriverCall): AsyncGenerator<AIStreamPart, void, undefined> {
    const { place } = call;
    const { stream } = await this.#options.model.doStream(this.#callFor(request, call));
    let content = '';
    let { model } = place;
    for await (const piece of stream) {
      const part = fieldsIn(piece);
      switch (part['type']) {
        case 'text-delta': {
          const text = typeof part['delta'] === 'string' ? part['delta'] : '';
          content += text;
          yield { type: 'text-delta', text };
          break;
        }
        case 'reasoning-delta':
        case 'tool-input-delta':
          // A sign of life.
          yield { type: 'text-delta', text: '' };
          break;
        case 'response-metadata':
          if (typeof part['modelId'] === 'string') model = part['modelId'];
          break;
        case 'error':
          throw part['error'] instanceof Error ? part['error'] : errorInAnswer(part['error'], place);
        case 'finish': {
          const finishReason = finishReasonIn(part['finishReason']);
          const usage = usageIn(part['usage']);
          yield { type: 'finish', response: { content, finishReason, usage, model, provider: place.provider } };
          return;
        }
      }
    }
    throw new GomindError({
      code: 'MODEL_BAD_RESPONSE',
      message: `The stream of ${place.provider} ended before the answer did (model ${model}). The part that came is not used.`,
      isRetryable: true,
      details: { provider: place.provider, model },
    });
  }

  async embed({ values }: AIEmbedRequest, { place, signal, traceHeaders }: DriverCall): Promise<AIEmbedResponse> {
    const asked = { values: [...values], abortSignal: signal, ...headersOf(traceHeaders) };
    const result = fieldsIn(await this.#options.embeddingModel?.doEmbed(asked));
    const embeddings: unknown = result['embeddings'];
    if (!Array.isArray(embeddings) || embeddings.length !== values.length || !embeddings.every(isVector)) {
      throw badResponse(place, `something else than ${String(values.length)} embeddings`);
    }
    const { tokens } = fieldsIn(result['usage']);
    const inputTokens = typeof tokens === 'number' ? tokens : 0;
    return {
      embeddings,
      model: place.model,
      provider: place.provider,
      usage: { inputTokens, totalTokens: inputTokens },
    };
  }

  #callFor(request: AIRequest, { signal, traceHeaders }: DriverCall): LanguageModelCall {
    const { model, enforcesSchema } = this.#options;
    const { maxOutputTokens, temperature, stopSequences, responseFormat, reasoningEffort } = request;
    const messages = enforcesSchema ? request.messages : withSchemaInPrompt(request);
    return {
      prompt: messages.map(({ role, content }) => ({
        role,
        content: role === 'system' ? content : [{ type: 'text', text: content }],
      })),
      abortSignal: signal,
      ...headersOf(traceHeaders),
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(stopSequences === undefined ? {} : { stopSequences: [...stopSequences] }),
      ...(responseFormat === undefined ? {} : { responseFormat }),
      ...(reasoningEffort === undefined || model.specificationVersion !== 'v4' ? {} : { reasoning: reasoningEffort }),
    };
  }
}

/** Left out where there are none: a model may tell options it does not know. */
function headersOf({ traceparent }: TraceHeaders): { readonly headers?: Record<string, string> } {
  return traceparent === undefined ? {} : { headers: { traceparent } };
}

function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((part) => Number.isFinite(part));
}
