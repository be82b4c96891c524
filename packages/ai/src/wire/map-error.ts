/**
 * What the SDK throws, as errors of the house: a code to act upon, and whether the same call may succeed later.
 *
 * @module
 */
import { cancellationError, GomindError } from '@gomind/core';

/** Where an error came from. */
export interface ErrorPlace {
  readonly provider: string;
  readonly model: string;
  /** The caller's signal, to tell a cancellation from a failure. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since the epoch, for a `Retry-After` that is a date. */
  readonly now: number;
}

interface Meaning {
  readonly code: string;
  readonly isRetryable: boolean;
  readonly advice: string;
}

const byStatus: ReadonlyMap<number, Meaning> = new Map([
  [400, { code: 'MODEL_BAD_REQUEST', isRetryable: false, advice: 'Check the model name and its options.' }],
  [401, { code: 'MODEL_AUTH', isRetryable: false, advice: 'Check OPENAI_API_KEY (and OPENAI_BASE_URL).' }],
  [403, { code: 'MODEL_AUTH', isRetryable: false, advice: 'The key may not use this model.' }],
  [404, { code: 'MODEL_BAD_REQUEST', isRetryable: false, advice: 'Check GOMIND_AI_MODEL and OPENAI_BASE_URL.' }],
  [408, { code: 'MODEL_TIMEOUT', isRetryable: true, advice: '' }],
  [409, { code: 'MODEL_UNAVAILABLE', isRetryable: true, advice: '' }],
  [
    413,
    { code: 'MODEL_CONTEXT_LENGTH', isRetryable: false, advice: 'Shorten the request, or offer fewer capabilities.' },
  ],
  [422, { code: 'MODEL_BAD_REQUEST', isRetryable: false, advice: 'Check the model name and its options.' }],
  [429, { code: 'RATE_LIMITED', isRetryable: true, advice: 'Wait, or raise the limit of the account.' }],
  [504, { code: 'MODEL_TIMEOUT', isRetryable: true, advice: '' }],
]);

const unavailable: Meaning = { code: 'MODEL_UNAVAILABLE', isRetryable: true, advice: '' };
const badRequest: Meaning = { code: 'MODEL_BAD_REQUEST', isRetryable: false, advice: '' };

/** The parts of an SDK error that are read; anything else counts as a broken connection. */
interface ApiError {
  readonly status?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly message?: unknown;
  readonly headers?: unknown;
  readonly cause?: unknown;
}

/** Turns anything thrown by the SDK into a GomindError. */
export function mapError(error: unknown, place: ErrorPlace): GomindError {
  const own = gomindErrorIn(error);
  if (place.signal?.aborted === true) return cancellationError(place.signal, `The call of ${place.model}`);
  if (own !== undefined) return own;
  const failure: ApiError = typeof error === 'object' && error !== null ? error : {};
  const status = typeof failure.status === 'number' ? failure.status : undefined;
  return status === undefined ? connectionError(error, place) : statusError({ status, failure, place, cause: error });
}

/** What our own fetch threw comes wrapped in the SDK's errors. */
function gomindErrorIn(error: unknown): GomindError | undefined {
  for (let current = error, depth = 0; depth < 5 && current instanceof Error; current = current.cause, depth++) {
    if (GomindError.isInstance(current)) return current;
  }
  return undefined;
}

function connectionError(error: unknown, { provider, model }: ErrorPlace): GomindError {
  const isTimeout = error instanceof Error && error.constructor.name === 'APIConnectionTimeoutError';
  const isSyntax = error instanceof SyntaxError || (error instanceof Error && /JSON/.test(error.message));
  if (isSyntax) return badResponse({ provider, model }, 'something that is not JSON', error);
  return new GomindError({
    code: isTimeout ? 'MODEL_TIMEOUT' : 'MODEL_UNAVAILABLE',
    message: isTimeout
      ? `${provider} did not answer in time (model ${model}).`
      : `${provider} cannot be reached (model ${model}): ${reasonOf(error)}. Check the network and OPENAI_BASE_URL.`,
    isRetryable: true,
    details: { provider, model },
    cause: error,
  });
}

/** The innermost reason says more than "Connection error." */
function reasonOf(error: unknown): string {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error && current.cause instanceof Error; depth++)
    current = current.cause;
  if (!(current instanceof Error)) return 'unknown reason';
  const code = 'code' in current && typeof current.code === 'string' ? ` (${current.code})` : '';
  return `${current.message || current.name}${code}`;
}

function statusError(failed: {
  readonly status: number;
  readonly failure: ApiError;
  readonly place: ErrorPlace;
  readonly cause: unknown;
}): GomindError {
  const { status, failure, place, cause } = failed;
  const { provider, model } = place;
  if (status >= 300 && status < 400)
    return badResponse(place, `a redirect (${String(status)}), which is not followed`, cause);
  const said = saidBy(failure);
  const meaning = meaningOf(
    status,
    [failure.code, failure.type, said].filter((part) => typeof part === 'string').join(' '),
  );
  const headers = failure.headers instanceof Headers ? failure.headers : new Headers();
  const retryAfterMs = meaning.isRetryable ? retryAfterMsOf(headers, place.now) : undefined;
  return new GomindError({
    code: meaning.code,
    message: `${provider} answered ${String(status)} (model ${model}): ${said}${meaning.advice === '' ? '' : ` ${meaning.advice}`}`,
    isRetryable: meaning.isRetryable && headers.get('x-should-retry') !== 'false',
    details: { provider, model, status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    cause,
  });
}

function meaningOf(status: number, said: string): Meaning {
  if (
    /insufficient_quota|quota exceeded|exceeded your current quota|billing/i.test(said) &&
    (status === 429 || status === 402 || status === 403)
  ) {
    return { code: 'MODEL_QUOTA', isRetryable: false, advice: 'The account has no quota left; waiting does not help.' };
  }
  if (/context_length_exceeded|maximum context length|context window|too many tokens/i.test(said) && status < 500) {
    return {
      code: 'MODEL_CONTEXT_LENGTH',
      isRetryable: false,
      advice: 'Shorten the request, or offer fewer capabilities.',
    };
  }
  if (/content_filter|content_policy|safety system/i.test(said) && status < 500) {
    return { code: 'MODEL_CONTENT_FILTER', isRetryable: false, advice: 'Rephrase the request.' };
  }
  return byStatus.get(status) ?? (status >= 500 ? unavailable : badRequest);
}

/** The provider's own words, without a page of HTML around them. */
function saidBy(failure: ApiError): string {
  const text = typeof failure.message === 'string' ? failure.message.replace(/^\d{3}\s*/, '') : '';
  const plain = text
    .replaceAll(/<[^>]{0,500}>/g, ' ')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/\bsk-[\w-]{8,}/g, 'sk-...')
    .trim();
  if (plain === '') return 'no reason given.';
  const short = plain.length > 300 ? `${plain.slice(0, 300)}…` : plain;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}

/**
 * An answer that is no answer.
 *
 * @param what what came instead
 */
export function badResponse(place: Pick<ErrorPlace, 'provider' | 'model'>, what: string, cause?: unknown): GomindError {
  return new GomindError({
    code: 'MODEL_BAD_RESPONSE',
    message: `${place.provider} answered with ${what} (model ${place.model}). Check that OPENAI_BASE_URL points at an OpenAI-compatible API.`,
    isRetryable: false,
    details: { provider: place.provider, model: place.model },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** `retry-after-ms`, or `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3). */
function retryAfterMsOf(headers: Headers, now: number): number | undefined {
  const exact = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const value = headers.get('retry-after')?.trim() ?? '';
  if (value === '') return undefined;
  const waitMs = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}
