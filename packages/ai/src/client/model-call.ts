/**
 * What an application's hooks see of a call.
 *
 * @module
 */
import type { AIEmbedRequest, AIEmbedResponse, AIRequest, AIResponse, GomindError } from '@gomind/core';

/** One call of a model, as hooks see it. */
export interface AICall {
  /** Joins a request with its response. */
  readonly callId: string;
  readonly provider: string;
  readonly model: string;
  readonly operation: 'chat' | 'embeddings';
  readonly isStream: boolean;
  readonly request: Omit<AIRequest, 'signal'> | Omit<AIEmbedRequest, 'signal'>;
}

/** How a call ended: with a response or with an error. */
export interface AICallResult extends AICall {
  readonly durationMs: number;
  readonly response?: AIResponse | AIEmbedResponse;
  readonly error?: GomindError;
}
