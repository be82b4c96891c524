/**
 * Adds up what model calls used.
 *
 * @module
 */
import type { AIUsage } from '@gomind/core';

/** Usage before any model was called. */
export const noUsage: AIUsage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 };

/**
 * The sum of two usages; the price stays unknown as long as one of them is.
 *
 * @param total the sum so far
 * @param usage one more call
 */
export function addUsage(total: AIUsage, usage: AIUsage): AIUsage {
  const isFirst = total.totalTokens === 0;
  const costUsd =
    usage.costUsd !== undefined && (isFirst || total.costUsd !== undefined)
      ? (total.costUsd ?? 0) + usage.costUsd
      : undefined;
  return {
    inputTokens: total.inputTokens + usage.inputTokens,
    outputTokens: total.outputTokens + usage.outputTokens,
    totalTokens: total.totalTokens + usage.totalTokens,
    ...(costUsd === undefined ? {} : { costUsd }),
  };
}
