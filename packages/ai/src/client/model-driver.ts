/**
 * What an SDK has to be able to do to serve as a model: one call, no deadline, no retry. `ModelClient` adds the rest.
 *
 * @module
 */
import type {
  AIClientCapabilities,
  AIEmbedRequest,
  AIEmbedResponse,
  AIRequest,
  AIResponse,
  AIStreamPart,
} from '@gomind/core';
import type { ModelPlace } from '../wire/model-place.ts';

/** What a call of a driver gets. */
export interface DriverCall {
  readonly place: ModelPlace;
  /** Aborts the call and frees its connection. */
  readonly signal: AbortSignal;
  /** Goes with the request, so that a gateway's or server's own spans join the trace. */
  readonly traceHeaders: TraceHeaders;
}

/** `traceparent` of W3C Trace Context; empty without telemetry. */
export type TraceHeaders = Readonly<{ traceparent?: string }>;

/** An SDK behind one door. May throw anything; `ModelClient` maps it. */
export interface ModelDriver {
  readonly provider: string;
  readonly capabilities: AIClientCapabilities;
  /**
   * The model that a request means, and who is asked.
   *
   * @throws GomindError `CONFIG_INVALID`, `MODEL_BAD_REQUEST` when there is none
   */
  placeOf(model: string | undefined, operation: 'chat' | 'embeddings'): ModelPlace;
  generate(request: AIRequest, call: DriverCall): Promise<AIResponse>;
  /** An empty `text-delta` is a sign of life; `finish` comes last. */
  stream(request: AIRequest, call: DriverCall): AsyncIterable<AIStreamPart>;
  /** Texts that one `embed` takes. */
  maxEmbedBatch(): Promise<number>;
  embed(request: AIEmbedRequest, call: DriverCall): Promise<AIEmbedResponse>;
}
