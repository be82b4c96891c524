/**
 * The wire: one request to a server that misbehaves, as the product makes it, one layer of retries included.
 *
 * @module
 */
import { createAIClient } from '@gomind/ai';
import { type AIClient, type AIResponse, GomindError, retry } from '@gomind/core';

/** How a request ended. */
export type WireOutcome =
  | { readonly response: AIResponse; readonly elapsedMs: number }
  | { readonly error: GomindError; readonly elapsedMs: number };

/** A key that must not turn up anywhere. */
export const wireKey = 'sk-wire-conformance-key-0123456789';

const messages = [
  { role: 'system', content: 'Answer as told.' },
  { role: 'user', content: 'ping' },
] as const;

/**
 * Asks once, and again as often as an application would.
 *
 * @param baseUrl where the scenario is played
 */
export async function ask(baseUrl: string, isStream: boolean): Promise<WireOutcome> {
  await using aiClient = createAIClient({
    baseUrl,
    apiKey: wireKey,
    model: 'gpt-4o-mini',
    // Long enough for a busy machine to load the SDK, short enough for a scenario that hangs.
    timeoutMs: 4_000,
    idleTimeoutMs: 2_000,
  });
  const startedAt = performance.now();
  let delivered = 0;
  const call = isStream
    ? () =>
        readStream(aiClient, () => {
          delivered++;
        })
    : () => aiClient.generate({ messages, maxOutputTokens: 100, temperature: 0 });
  try {
    const response = await retry(call, {
      maxAttempts: 3,
      initialDelayMs: 20,
      // What people have read is not taken back.
      isRetryable: (error) => GomindError.isInstance(error) && error.isRetryable && delivered === 0,
    });
    return { response, elapsedMs: performance.now() - startedAt };
  } catch (error) {
    if (!GomindError.isInstance(error)) throw error;
    return { error, elapsedMs: performance.now() - startedAt };
  }
}

async function readStream(aiClient: AIClient, onText: () => void): Promise<AIResponse> {
  let text = '';
  for await (const part of aiClient.stream({ messages, responseFormat: { type: 'json' } })) {
    if (part.type === 'text-delta') {
      text += part.text;
      onText();
    } else if (part.response.content === text) return part.response;
  }
  throw new Error('the stream ended without a finish that holds the whole text');
}
