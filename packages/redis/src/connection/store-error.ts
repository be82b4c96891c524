/**
 * What a failure of Redis is called here, and what to do about it.
 *
 * @module
 */
import { GomindError } from '@gomind/core';

/** What an error is about. */
export interface StoreErrorContext {
  /** For messages, for example `The registry`. */
  readonly what: string;
  /** The server's URL without credentials. */
  readonly shownUrl: string;
  /** Whether the command had left for the server: it may have been carried out although it failed here. */
  readonly wasSent: boolean;
}

/** Errors of the server about who is asking; trying again does not help. */
const refusal = /^(WRONGPASS|NOAUTH|NOPERM|ERR invalid password|ERR .*AUTH)/;

/** Whether the server refuses the credentials or their rights. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && refusal.test(error.message);
}

/**
 * The GomindError for anything that went wrong between us and Redis. The client's own error is not kept as the cause: it
 * carries the command with its arguments, which may be credentials or values.
 */
export function storeError(error: unknown, context: StoreErrorContext): GomindError {
  if (GomindError.isInstance(error)) return error;
  const reason = reasonOf(error);
  const where = `${context.what} in Redis (${context.shownUrl})`;
  const details = { variable: 'REDIS_URL', url: context.shownUrl, reason, wasSent: context.wasSent };
  if (reason.startsWith('OOM')) {
    return new GomindError({
      code: 'STORE_FULL',
      message: `${where} is full: ${reason}. Free memory, or raise the server's maxmemory.`,
      details,
    });
  }
  if (isRefusal(error)) {
    const message = `${where} refuses access: ${reason}. Correct the user name and password in REDIS_URL (or the option url), or the user's rights.`;
    return new GomindError({ code: 'STORE_UNAVAILABLE', message, details });
  }
  return new GomindError({
    code: 'STORE_UNAVAILABLE',
    message: `${where} cannot be used: ${reason}. Start Redis, or correct REDIS_URL (or the option url); then try again.`,
    isRetryable: true,
    details,
  });
}

/** One line; the aggregate error of "localhost" on both IP versions says nothing itself. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return reasonOf(error.errors[0]);
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').slice(0, 300).replace(/\.$/, '') || 'unknown error';
}
