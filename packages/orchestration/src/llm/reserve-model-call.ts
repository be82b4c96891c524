/**
 * What a model call may use at the most, asked of the budget before the call and settled after it.
 *
 * @module
 */
import { type AIClient, type AIRequest, type AIUsage, GomindError } from '@gomind/core';
import type { BudgetAmounts, CallBudget } from '../plan/budget.ts';

/** A call that the budget has granted. */
export interface ReservedModelCall {
  /** The request within its bounds. */
  readonly request: AIRequest;
  /** The model has answered. */
  settle(usage: AIUsage): void;
  /** The call has failed. */
  fail(error: unknown): void;
}

/** Tokens that a model may write when neither the caller nor the model's own limit says so and tokens or money are limited. */
const defaultMaxOutputTokens = 4_096;

/**
 * Asks a budget for a model call.
 *
 * @param aiClient who will be called
 * @param request what will be asked
 * @param options budget, and what the call is for
 * @throws GomindError `BUDGET_EXCEEDED`
 */
export function reserveModelCall(
  aiClient: AIClient,
  request: AIRequest,
  options: { readonly budget: CallBudget; readonly purpose: string },
): ReservedModelCall {
  const { budget, purpose } = options;
  const bounded = withinBounds(request, budget);
  const inputTokens = budget.isMetered ? mostTokensOf(bounded) : 0;
  const outputTokens = bounded.maxOutputTokens ?? 0;
  const costUsd = aiClient.priceUsd?.({ inputTokens, outputTokens }, request.model) ?? 'rest';
  const tokens = budget.isMetered ? inputTokens + outputTokens : 0;
  const reservation = budget.reserve({ purpose, tokens, costUsd, modelCalls: 1 });
  return {
    request: bounded,
    settle: (usage) => {
      reservation.settle(amountsOf(usage));
    },
    fail: (error) => {
      reservation.settle(usedBy(error));
    },
  };
}

function withinBounds(request: AIRequest, budget: CallBudget): AIRequest {
  const remainingMs = budget.remainingMs();
  const timeoutMs = Math.min(request.timeoutMs ?? Number.POSITIVE_INFINITY, Math.max(1, remainingMs));
  const maxOutputTokens = request.maxOutputTokens ?? (budget.isMetered ? defaultMaxOutputTokens : undefined);
  return {
    ...request,
    ...(Number.isFinite(remainingMs) ? { timeoutMs } : {}),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

const encoder = new TextEncoder();
/** What the protocol adds around a message; generous. */
const tokensAroundMessage = 16;

/** No tokenizer makes more tokens of a text than it has bytes in UTF-8. */
function mostTokensOf({ messages, responseFormat }: AIRequest): number {
  const texts = messages.map(({ content }) => content);
  if (responseFormat !== undefined) texts.push(JSON.stringify(responseFormat));
  return texts.reduce((sum, text) => sum + encoder.encode(text).byteLength + tokensAroundMessage, 0);
}

/** Refusals for which nobody is paid. What was given up on its way may have been written and is counted as reserved. */
const freeFailures: ReadonlySet<string> = new Set([
  'AI_CLIENT_NOT_CONFIGURED',
  'MODEL_AUTH',
  'MODEL_QUOTA',
  'MODEL_BAD_REQUEST',
  'MODEL_CONTEXT_LENGTH',
  'MODEL_UNAVAILABLE',
  'RATE_LIMITED',
]);

function usedBy(error: unknown): BudgetAmounts {
  if (!GomindError.isInstance(error)) return {};
  const usage = error.details['usage'] as AIUsage | undefined;
  if (typeof usage?.totalTokens === 'number') return amountsOf(usage);
  return freeFailures.has(error.code) ? { tokens: 0, costUsd: 0 } : {};
}

function amountsOf({ totalTokens, costUsd }: AIUsage): BudgetAmounts {
  return { tokens: totalTokens, ...(costUsd === undefined ? {} : { costUsd }) };
}
