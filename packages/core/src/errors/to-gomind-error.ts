/**
 * Turns anything thrown into a GomindError.
 *
 * @module
 */
import { redactText } from '../redaction/redact-text.ts';
import { withoutSecrets } from '../redaction/without-secrets.ts';
import { GomindError } from './gomind-error.ts';

/**
 * The error itself when it is a GomindError, else one that wraps it; without secrets either way, in message, details, cause and
 * stack.
 *
 * @param error anything caught
 * @param fallback code, message prefix and details for what is not yet a GomindError
 */
export function toGomindError(
  error: unknown,
  fallback: {
    readonly code: string;
    readonly message?: string;
    readonly isRetryable?: boolean;
    readonly details?: Readonly<Record<string, unknown>>;
  },
): GomindError {
  if (GomindError.isInstance(error)) return withoutSecrets(error);
  const reason = redactText(
    error instanceof Error ? error.message : typeof error === 'string' ? error : 'unknown error',
  );
  return new GomindError({
    code: fallback.code,
    message: fallback.message === undefined ? reason : `${fallback.message}: ${reason}`,
    isRetryable: fallback.isRetryable ?? false,
    details: fallback.details ?? {},
    cause: withoutSecrets(error),
  });
}

/**
 * The GomindError `CANCELLED` for an aborted signal, or the signal's own GomindError when it was aborted with one
 * (a timeout, for example).
 *
 * @param signal an aborted signal
 * @param what what was cancelled, for the message
 */
export function cancellationError(signal: AbortSignal, what: string): GomindError {
  const reason: unknown = signal.reason;
  if (GomindError.isInstance(reason)) return reason;
  return new GomindError({ code: 'CANCELLED', message: `${what} was cancelled`, cause: reason });
}
