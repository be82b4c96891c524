/**
 * A model under the circuit breaker of its provider, so that the rungs below it answer at once while it is down.
 *
 * @module
 */
import { type AIClient, type AIRequest, type AIStreamPart, GomindError, linkedAbort } from '@gomind/core';
import type { CircuitBreakers } from './circuit-breakers.ts';

/** A call of the client, under the signal that it is given. */
type Guard = <T>(call: (signal: AbortSignal | undefined) => Promise<T>, signal: AbortSignal | undefined) => Promise<T>;

/**
 * The same client, guarded. One that guards its providers itself, a chain, is only watched. Its calls throw `CIRCUIT_OPEN` too.
 *
 * @param aiClient its breaker is called `model:` and its provider's name
 */
export function guardModel(aiClient: AIClient, breakers: CircuitBreakers): AIClient {
  if (aiClient.isConfigured === false) return aiClient;
  const { provider, isConfigured, capabilities, circuits } = aiClient;
  const priceUsd = aiClient.priceUsd?.bind(aiClient);
  const name = `model:${provider}`;
  if (circuits !== undefined) breakers.watch(circuits);
  const guard: Guard =
    circuits === undefined
      ? (call, signal) => breakers.guard(name, call, signal === undefined ? {} : { signal })
      : async (call, signal) => {
          try {
            return await call(signal);
          } finally {
            breakers.look();
          }
        };
  return {
    provider,
    ...(isConfigured === undefined ? {} : { isConfigured }),
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(circuits === undefined ? {} : { circuits }),
    ...(priceUsd === undefined ? {} : { priceUsd }),
    generate: (request) =>
      guard((signal) => aiClient.generate(signal === undefined ? request : { ...request, signal }), request.signal),
    stream: (request) => streamGuarded(aiClient, request, guard),
    embed: (request) =>
      guard((signal) => aiClient.embed(signal === undefined ? request : { ...request, signal }), request.signal),
    close: () => aiClient.close(),
    [Symbol.asyncDispose]: () => aiClient.close(),
  };
}

/** The breaker guards the first piece; its signal ends with it, so the stream has one of its own. */
async function* streamGuarded(
  aiClient: AIClient,
  request: AIRequest,
  guard: Guard,
): AsyncGenerator<AIStreamPart, void, undefined> {
  const abort = linkedAbort(request.signal);
  const parts = aiClient.stream({ ...request, signal: abort.signal })[Symbol.asyncIterator]();
  let hasBegun = false;
  try {
    let next = await guard((signal) => {
      const letGo = signal === undefined ? undefined : abort.follow(signal);
      return parts.next().finally(letGo);
    }, request.signal);
    hasBegun = true;
    for (; next.done !== true; next = await parts.next()) yield next.value;
  } catch (error) {
    // Its first piece counted as a success.
    if (hasBegun) await guard(() => Promise.reject(toError(error)), request.signal).catch(() => undefined);
    throw error;
  } finally {
    abort.unlink();
    abort.abort(new GomindError({ code: 'CANCELLED', message: 'The stream was left' }));
    parts.return?.().catch(() => undefined);
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
