/**
 * What a provider's error means: a code to act upon, whether the same call may succeed later, and what to do.
 *
 * @module
 */
import type { ModelPlace } from './model-place.ts';

/** The meaning of an error. */
export interface ErrorMeaning {
  readonly code: string;
  readonly isRetryable: boolean;
  readonly advice: string;
}

/** What an error says about itself, wherever it stood. */
export interface SaidError {
  readonly status?: number | undefined;
  readonly code: string;
  readonly type: string;
  readonly message: string;
}

const shorten = 'Shorten the request, or offer fewer capabilities.';
const unavailable: ErrorMeaning = { code: 'MODEL_UNAVAILABLE', isRetryable: true, advice: '' };
const timedOut: ErrorMeaning = { code: 'MODEL_TIMEOUT', isRetryable: true, advice: '' };
const badRequest: ErrorMeaning = {
  code: 'MODEL_BAD_REQUEST',
  isRetryable: false,
  advice: 'Check the model name and its options.',
};
const rateLimited: ErrorMeaning = {
  code: 'RATE_LIMITED',
  isRetryable: true,
  advice: 'Wait, or raise the limit of the account.',
};

/**
 * The meaning of an error.
 *
 * @returns undefined when neither its status nor its words tell
 */
export function meaningOf(said: SaidError, place: ModelPlace): ErrorMeaning | undefined {
  const { status } = said;
  if (status !== undefined && status >= 500) return byStatus(status, place);
  return byWords(said) ?? (status === undefined ? byType(said, place) : byStatus(status, place));
}

/** Words that tell more than the status does; providers agree on hardly any code. */
function byWords({ status, code, type, message }: SaidError): ErrorMeaning | undefined {
  const words = `${code} ${type} ${message}`;
  const mayBeQuota = status === undefined || [402, 403, 429].includes(status);
  if (
    mayBeQuota &&
    /insufficient_quota|quota exceeded|exceeded your current quota|insufficient balance|billing/i.test(words)
  ) {
    return { code: 'MODEL_QUOTA', isRetryable: false, advice: 'The account has no quota left; waiting does not help.' };
  }
  if (/context_length_exceeded|maximum context length|context window|prompt is too long|too many tokens/i.test(words)) {
    return { code: 'MODEL_CONTEXT_LENGTH', isRetryable: false, advice: shorten };
  }
  if (/content_filter|content_policy|safety system|responsibleai/i.test(words)) {
    return { code: 'MODEL_CONTENT_FILTER', isRetryable: false, advice: 'Rephrase the request.' };
  }
  // Groq checks JSON itself and answers 400 when the model got it wrong.
  if (/json_validate_failed/.test(words)) {
    return { code: 'MODEL_BAD_RESPONSE', isRetryable: true, advice: 'The model failed to write valid JSON.' };
  }
  return undefined;
}

function byStatus(status: number, { keyHint = 'the API key', addressHint = 'the base URL' }: ModelPlace): ErrorMeaning {
  switch (status) {
    case 401:
      return { code: 'MODEL_AUTH', isRetryable: false, advice: `Check ${keyHint} (and ${addressHint}).` };
    case 402:
      return { code: 'MODEL_QUOTA', isRetryable: false, advice: 'The account has to be paid first.' };
    case 403:
      return { code: 'MODEL_AUTH', isRetryable: false, advice: `The key in ${keyHint} may not use this model.` };
    case 404:
      return { ...badRequest, advice: `Check the model name (GOMIND_AI_MODEL) and ${addressHint}.` };
    case 408:
    case 504:
      return timedOut;
    case 409:
      return unavailable;
    case 413:
      return { code: 'MODEL_CONTEXT_LENGTH', isRetryable: false, advice: shorten };
    case 429:
      return rateLimited;
    default:
      return status >= 500 ? unavailable : badRequest;
  }
}

/** Errors without a status name a type: inside a stream, or behind a status 200. */
function byType({ code, type }: SaidError, place: ModelPlace): ErrorMeaning | undefined {
  const words = `${code} ${type}`;
  if (/rate_limit|too_many_requests|resource_exhausted/i.test(words)) return rateLimited;
  if (/overloaded|server_error|internal|unavailable|api_error/i.test(words)) return unavailable;
  if (/timeout/i.test(words)) return timedOut;
  if (/authentication|permission|invalid_api_key/i.test(words)) return byStatus(401, place);
  if (/invalid_request|not_found/i.test(words)) return badRequest;
  return undefined;
}
