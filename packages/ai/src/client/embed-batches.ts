/**
 * Many texts in calls of a bearable size.
 *
 * @module
 */
import { type AIEmbedResponse, GomindError } from '@gomind/core';

/** Texts of one `embed` call; more is a job for a queue, not for one request. */
const maxValues = 10_000;
/** About 100,000 tokens: below what any listed provider takes in one request. */
const maxBatchCharacters = 400_000;

/**
 * Embeds batch after batch, and joins what comes.
 *
 * @param maxBatch texts in one call
 * @param embedBatch one call
 * @throws GomindError `LIMIT_EXCEEDED` for more than 10,000 texts; else what a call throws
 */
export async function embedInBatches(
  values: readonly string[],
  maxBatch: number,
  embedBatch: (values: readonly string[]) => Promise<AIEmbedResponse>,
): Promise<AIEmbedResponse> {
  if (values.length > maxValues) {
    throw new GomindError({
      code: 'LIMIT_EXCEEDED',
      message: `embed takes at most ${String(maxValues)} texts, not ${String(values.length)}. Split them.`,
      details: { limit: maxValues },
    });
  }
  const [first, ...others] = batchesOf(values, maxBatch);
  let joined = await embedBatch(first ?? []);
  for (const batch of others) {
    const next = await embedBatch(batch);
    joined = {
      ...joined,
      embeddings: [...joined.embeddings, ...next.embeddings],
      usage: {
        inputTokens: joined.usage.inputTokens + next.usage.inputTokens,
        totalTokens: joined.usage.totalTokens + next.usage.totalTokens,
      },
    };
  }
  return joined;
}

function batchesOf(values: readonly string[], maxBatch: number): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let characters = 0;
  for (const value of values) {
    const last = batches.at(-1);
    characters += value.length;
    if (last === undefined || last.length >= maxBatch || characters > maxBatchCharacters) {
      batches.push([value]);
      characters = value.length;
    } else last.push(value);
  }
  return batches;
}
