/**
 * One error for a chain in which nobody could answer.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import { firstCooldownMs } from './failover-policy.ts';

/** Why one provider did not answer. */
export interface ChainCause {
  readonly provider: string;
  readonly error: GomindError;
}

/**
 * The error of a chain. When all providers failed alike it has their code (`CIRCUIT_OPEN`: all
 * are left alone, none was asked), else `MODEL_UNAVAILABLE`; `details.causes` lists
 * each one's code and message, `details.retryAfterMs` is when the first of them may be asked again.
 */
export function chainError(provider: string, causes: readonly ChainCause[]): GomindError {
  const codes = new Set(causes.map(({ error }) => error.code));
  const [onlyCode] = codes;
  const retryable = causes.filter(({ error }) => error.isRetryable);
  const waits = retryable.map(({ error: { details } }) =>
    typeof details['retryAfterMs'] === 'number' ? details['retryAfterMs'] : firstCooldownMs,
  );
  const lines = causes.map((cause) => `${cause.provider}: ${cause.error.message}`);
  return new GomindError({
    code: codes.size === 1 && onlyCode !== undefined ? onlyCode : 'MODEL_UNAVAILABLE',
    message: `None of the ${String(causes.length)} AI providers answered. ${lines.join(' ')}`,
    isRetryable: retryable.length > 0,
    details: {
      provider,
      causes: causes.map(({ provider: name, error: { code, message, isRetryable } }) => ({
        provider: name,
        code,
        message,
        isRetryable,
      })),
      ...(waits.length === 0 ? {} : { retryAfterMs: Math.min(...waits) }),
    },
    cause: causes.at(-1)?.error,
  });
}
