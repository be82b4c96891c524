/**
 * What a chain spent: the answer's tokens and those of attempts that were paid for without one.
 *
 * @module
 */
import type { AIUsage } from '@gomind/core';
import type { ChainCause } from './chain-error.ts';

/**
 * The sum of tokens and, where prices are known, of dollars.
 *
 * @param spent further usages
 */
export function addUsage(usage: AIUsage, spent: readonly AIUsage[]): AIUsage {
  return spent.reduce((sum, one) => {
    const costUsd =
      sum.costUsd === undefined && one.costUsd === undefined ? undefined : (sum.costUsd ?? 0) + (one.costUsd ?? 0);
    return {
      ...sum,
      inputTokens: sum.inputTokens + one.inputTokens,
      outputTokens: sum.outputTokens + one.outputTokens,
      totalTokens: sum.totalTokens + one.totalTokens,
      ...(costUsd === undefined ? {} : { costUsd }),
    };
  }, usage);
}

/** The usages that failed attempts report in `details.usage`: a refusal is an answer that was paid for. */
export function usageOfCauses(causes: readonly ChainCause[]): readonly AIUsage[] {
  return causes.map(({ error }) => error.details['usage']).filter(isUsage);
}

function isUsage(value: unknown): value is AIUsage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'inputTokens' in value &&
    'outputTokens' in value &&
    'totalTokens' in value &&
    [value.inputTokens, value.outputTokens, value.totalTokens].every((count) => typeof count === 'number')
  );
}
