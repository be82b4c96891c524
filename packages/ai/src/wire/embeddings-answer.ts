/**
 * Reads what embeddings servers send.
 *
 * @module
 */
import type { AIEmbedResponse } from '@gomind/core';
import { usageOf } from './chat-answer.ts';
import { badResponse } from './map-error.ts';
import type { ModelPlace } from './model-place.ts';

/**
 * The vectors of one batch, in the order of its texts.
 *
 * @param expected how many texts were sent
 * @throws GomindError `MODEL_BAD_RESPONSE` when vectors are missing or are none
 */
export function readEmbeddings(body: unknown, expected: number, place: ModelPlace): AIEmbedResponse {
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
  const embeddings = items.toSorted((left, right) => left.index - right.index).map((item) => item.embedding);
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
