/**
 * What is seen of a call from outside: a span, GenAI metrics, and the application's hooks. Texts reach the hooks only.
 *
 * @module
 */
import {
  type AIEmbedRequest,
  type AIEmbedResponse,
  type AIRequest,
  type AIResponse,
  type Attributes,
  GomindError,
  type HeaderCarrier,
  type Span,
} from '@gomind/core';
import { genAiAttribute, genAiMetric, genAiOperation } from '@gomind/telemetry';
import { captureAnswer, captureQuestion } from './content.ts';
import type { AICall, AICallResult } from './model-call.ts';
import type { TraceHeaders } from './model-driver.ts';
import type { ModelSettings } from './model-options.ts';

/** Watches the calls of one client. */
export class CallObserver {
  readonly #settings: ModelSettings;

  constructor(settings: ModelSettings) {
    this.#settings = settings;
  }

  /**
   * Runs a call and tells about it.
   *
   * @param operation makes the call; is handed what names its span to the server
   * @throws what the call throws
   */
  async run<T extends AIResponse | AIEmbedResponse>(
    {
      request: { signal: _signal, ...request },
      ...about
    }: Omit<AICall, 'callId' | 'request'> & { readonly request: AIRequest | AIEmbedRequest },
    operation: (traceHeaders: TraceHeaders) => Promise<T>,
  ): Promise<T> {
    const { telemetry, clock, onRequest, onResponse } = this.#settings;
    const call: AICall = { callId: clock.uuid(), ...about, request };
    const attributes = attributesOf(call);
    const startedAt = clock.monotonicMs();
    let outcome: Pick<AICallResult, 'response' | 'error'> = {};
    tell(onRequest, call);
    try {
      const spanAttributes = {
        ...attributes,
        ...requestAttributes(call.request),
        [genAiAttribute.requestStream]: call.isStream ? true : undefined,
      };
      return await telemetry.withSpan(
        `${call.operation} ${call.model}`,
        { kind: 'client', attributes: spanAttributes },
        async (span) => {
          captureQuestion(span, call.request);
          const response = await operation(this.#traceHeaders());
          captureAnswer(span, response);
          outcome = { response };
          this.#recordUsage(attributes, response, span);
          return response;
        },
      );
    } catch (error) {
      if (GomindError.isInstance(error)) outcome = { error };
      throw error;
    } finally {
      const durationMs = clock.monotonicMs() - startedAt;
      const errorType = outcome.response === undefined ? (outcome.error?.code ?? 'unknown') : undefined;
      telemetry.recordMetric(
        genAiMetric.clientOperationDuration,
        durationMs / 1_000,
        { ...attributes, [genAiAttribute.errorType]: errorType },
        { unit: 's' },
      );
      tell(onResponse, { ...call, durationMs, ...outcome });
    }
  }

  /** Neither baggage nor `tracestate`: they may hold what the application says of its users, and providers are strangers. */
  #traceHeaders(): TraceHeaders {
    const headers: HeaderCarrier = {};
    this.#settings.telemetry.inject(headers);
    const { traceparent } = headers;
    return traceparent === undefined ? {} : { traceparent };
  }

  #recordUsage(attributes: Attributes, response: AIResponse | AIEmbedResponse, span: Span): void {
    const { inputTokens } = response.usage;
    const outputTokens = 'outputTokens' in response.usage ? response.usage.outputTokens : undefined;
    span.setAttributes({
      [genAiAttribute.responseModel]: response.model,
      [genAiAttribute.responseFinishReasons]: 'finishReason' in response ? [response.finishReason] : undefined,
      [genAiAttribute.usageInputTokens]: inputTokens,
      [genAiAttribute.usageOutputTokens]: outputTokens,
    });
    for (const [tokenType, tokens] of Object.entries({ input: inputTokens, output: outputTokens })) {
      if (tokens === undefined) continue;
      this.#settings.telemetry.recordMetric(
        genAiMetric.clientTokenUsage,
        tokens,
        { ...attributes, [genAiAttribute.tokenType]: tokenType },
        { unit: '{token}' },
      );
    }
  }
}

function attributesOf(call: AICall): Attributes {
  return {
    [genAiAttribute.operationName]: genAiOperation[call.operation],
    [genAiAttribute.providerName]: call.provider,
    [genAiAttribute.requestModel]: call.model,
  };
}

/** What the model was asked for besides an answer. */
function requestAttributes(request: AICall['request']): Attributes {
  if (!('messages' in request)) return {};
  const { maxOutputTokens, temperature, responseFormat } = request;
  return {
    [genAiAttribute.requestMaxTokens]: maxOutputTokens,
    [genAiAttribute.requestTemperature]: temperature,
    [genAiAttribute.outputType]: responseFormat === undefined ? undefined : 'json',
  };
}

/** A hook that fails must not cost an answer that was paid for. */
function tell<T>(hook: (value: T) => void, value: T): void {
  try {
    hook(value);
  } catch {
    // The application's own mistake, and the only one who could report it is the application.
  }
}
