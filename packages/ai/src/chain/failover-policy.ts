/**
 * Which failures another provider can make good, and how long a provider that failed is left alone.
 *
 * @module
 */
import { GomindError } from '@gomind/core';

/** Another provider may do better, and the one that failed is unwell. */
const unwell: ReadonlySet<string> = new Set([
  'AI_CLIENT_NOT_CONFIGURED',
  'CLOSED',
  'MODEL_AUTH',
  'MODEL_QUOTA',
  'RATE_LIMITED',
  'MODEL_TIMEOUT',
  'MODEL_UNAVAILABLE',
  'MODEL_BAD_RESPONSE',
  'CIRCUIT_OPEN',
]);

/** Someone has to do something about these; asking every half minute does not help. */
const persistent: ReadonlySet<string> = new Set(['MODEL_AUTH', 'MODEL_QUOTA', 'AI_CLIENT_NOT_CONFIGURED', 'CLOSED']);

/**
 * The default of {@link ChainOptions.failsOver}: yes for keys, quotas, limits, timeouts, outages and unreadable answers; for a
 * context that is too long (another model may hold more) and a model that this provider does not have. No for a request that
 * no provider can read, for a content filter and for a refusal: shopping for a laxer model is the application's decision.
 */
export function failsOverByDefault(error: GomindError): boolean {
  const { code, details } = error;
  return (
    unwell.has(code) || code === 'MODEL_CONTEXT_LENGTH' || (code === 'MODEL_BAD_REQUEST' && details['status'] === 404)
  );
}

/** Whether a failure speaks about the provider, and not about the request. */
export function isUnwell(error: unknown): boolean {
  return !GomindError.isInstance(error) || unwell.has(error.code);
}

/** The pause after a first failure: an outage of a moment costs a moment. */
export const firstCooldownMs = 1_000;

/**
 * How long a provider is left alone: as long as it asked for, else a second, doubled with every further failure.
 *
 * @param failuresInARow this one included
 * @param longestMs the longest pause; ten times as long for what does not heal by itself, and at most for what was asked for
 */
export function cooldownAfter(error: unknown, failuresInARow: number, longestMs: number): number {
  const grownMs = Math.min(longestMs, firstCooldownMs * 2 ** (failuresInARow - 1));
  if (!GomindError.isInstance(error)) return grownMs;
  const asked = error.details['retryAfterMs'];
  if (typeof asked === 'number' && asked >= 0) return Math.min(asked, longestMs * 10);
  return persistent.has(error.code) ? longestMs * 10 : grownMs;
}
