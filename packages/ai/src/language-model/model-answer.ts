/**
 * Reads what AI SDK models return: v2 counts tokens and names reasons flat, v3 and v4 in objects.
 *
 * @module
 */
import type { AIFinishReason, AIUsage } from '@gomind/core';

type Fields = Readonly<Record<string, unknown>>;

const finishReasons: Readonly<Record<string, AIFinishReason>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content-filter',
  'tool-calls': 'tool-calls',
  error: 'error',
  // The answer is not whole.
  interrupted: 'error',
};

/** A reason as v2 (`stop`) or as v3 and v4 (`{unified: 'stop', raw}`) say it. */
export function finishReasonIn(reason: unknown): AIFinishReason {
  const unified = typeof reason === 'string' ? reason : fieldsIn(reason)['unified'];
  return (typeof unified === 'string' ? finishReasons[unified] : undefined) ?? 'other';
}

/** Tokens as v2 (`inputTokens: 3`) or as v3 and v4 (`inputTokens: {total: 3, cacheRead: 1}`) count them. */
export function usageIn(usage: unknown): AIUsage {
  const { inputTokens: input, outputTokens: output, totalTokens, cachedInputTokens } = fieldsIn(usage);
  const inputTokens = countIn(fieldsIn(input)['total'] ?? input);
  const written = countIn(fieldsIn(output)['total'] ?? output);
  const outputTokens = Math.max(written, countIn(totalTokens) - inputTokens);
  const cached = countIn(fieldsIn(input)['cacheRead'] ?? cachedInputTokens);
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    ...(cached === 0 ? {} : { cachedInputTokens: cached }),
  };
}

/** The text of a whole answer; thoughts, sources and tool calls are not part of it. */
export function textIn(content: unknown): string {
  if (!Array.isArray(content)) return '';
  return content
    .map(fieldsIn)
    .filter(({ type }) => type === 'text')
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('');
}

/** The fields of an object; none of anything else. */
export function fieldsIn(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function countIn(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
