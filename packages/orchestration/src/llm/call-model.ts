/**
 * One call of a language model with retries: the only place where a model's transport errors are retried.
 *
 * @module
 */
import {
  type AIClient,
  type AIRequest,
  type AIResponse,
  type Clock,
  GomindError,
  retry,
  RetryBudget,
} from '@gomind/core';
import { type CallBudget, unlimitedBudget } from '../plan/budget.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import { reserveModelCall } from './reserve-model-call.ts';

/** Options of {@link callModel}. */
export interface ModelCallOptions {
  /** What the call is for, as it stands in `tokens` events: `planning`, `synthesis`. */
  readonly purpose: string;
  readonly signal?: AbortSignal | undefined;
  /** Calls in all while the error says that a retry can help. Default: 3. */
  readonly maxAttempts?: number;
  /** Milliseconds after which no further attempt starts. Default: 60,000. */
  readonly deadlineMs?: number;
  readonly clock?: Clock | undefined;
  readonly emit?: ((event: RunEventBody) => void) | undefined;
  /** Asked before each attempt. Default: no limit. */
  readonly budget?: CallBudget | undefined;
  /** Streams the answer: receives its pieces as they come. After the first one nothing is tried again. Default: the answer comes whole. */
  readonly onText?: ((text: string) => void) | undefined;
}

/** One for each client, so that requests together do not feed an outage of it. */
const retryBudgets = new WeakMap<AIClient, RetryBudget>();

function retryBudgetOf(aiClient: AIClient): RetryBudget {
  const known = retryBudgets.get(aiClient);
  if (known !== undefined) return known;
  const budget = new RetryBudget();
  retryBudgets.set(aiClient, budget);
  return budget;
}

/**
 * Asks a model once, and again while its errors say that a retry can help.
 *
 * @throws GomindError what the last attempt threw; `BUDGET_EXCEEDED`; `MODEL_REFUSED` when the content filter stopped the answer
 */
export async function callModel(
  aiClient: AIClient,
  request: AIRequest,
  options: ModelCallOptions,
): Promise<AIResponse> {
  const { signal, clock, maxAttempts = 3, deadlineMs = 60_000, budget = unlimitedBudget, purpose } = options;
  const whole = { ...request, purpose, ...(signal === undefined ? {} : { signal }) };
  let hasBegun = false;
  const onText = (text: string): void => {
    hasBegun = true;
    options.onText?.(text);
  };
  const ask = async (): Promise<AIResponse> => {
    const call = reserveModelCall(aiClient, whole, { budget, purpose });
    try {
      const response = await (options.onText === undefined
        ? aiClient.generate(call.request)
        : readStream(aiClient, call.request, onText));
      call.settle(response.usage);
      return response;
    } catch (error) {
      call.fail(error);
      throw error;
    }
  };
  const response = await retry(ask, {
    maxAttempts,
    initialDelayMs: 250,
    isRetryable: (error) => !hasBegun && GomindError.isInstance(error) && error.isRetryable && !isLeftAlone(error),
    deadlineMs: Math.min(deadlineMs, budget.remainingMs()),
    budget: retryBudgetOf(aiClient),
    signal,
    clock,
  });
  options.emit?.({ type: 'tokens', purpose, model: response.model, usage: response.usage });
  if (response.finishReason === 'content-filter') {
    throw new GomindError({
      code: 'MODEL_REFUSED',
      message: `The content filter of ${response.provider} stopped the model's answer. Rephrase the request.`,
      details: { provider: response.provider, model: response.model },
    });
  }
  return response;
}

/** Milliseconds that are waited for a provider whose circuit is open: no longer than for an ordinary failure. */
const maxRefusalWaitMs = 2_000;

/** Waiting for a circuit costs the user time; what stands below the model answers at once. */
function isLeftAlone({ code, details }: GomindError): boolean {
  return code === 'CIRCUIT_OPEN' && !(Number(details['retryAfterMs']) <= maxRefusalWaitMs);
}

/** @throws GomindError `MODEL_BAD_RESPONSE` when the stream ends without saying that it does */
async function readStream(aiClient: AIClient, request: AIRequest, onText: (text: string) => void): Promise<AIResponse> {
  let response: AIResponse | undefined;
  for await (const part of aiClient.stream(request)) {
    if (part.type === 'finish') response = part.response;
    else if (part.text !== '') onText(part.text);
  }
  if (response !== undefined) return response;
  throw new GomindError({
    code: 'MODEL_BAD_RESPONSE',
    message: `The stream of ${aiClient.provider} ended before the answer did. Try again or use another model.`,
    isRetryable: true,
    details: { provider: aiClient.provider },
  });
}
