/**
 * What an SDK throws, as errors of the house. Reads the errors of the openai SDK and of the AI SDK alike, by their shape.
 *
 * @module
 */
import { cancellationError, GomindError, redactText, withoutSecrets } from '@gomind/core';
import { type ErrorMeaning, meaningOf, type SaidError } from './error-meaning.ts';
import { detailsOf, type ModelPlace, shownModel } from './model-place.ts';
import { longestRetryWaitMs, retryAfterMsOf } from './retry-after.ts';

/** The circumstances of a failed call. */
export interface ErrorContext {
  readonly place: ModelPlace;
  /** Given when the call was aborted: by the caller, by a deadline, by closing. */
  readonly abortedSignal?: AbortSignal | undefined;
  /** Milliseconds since the epoch, for a `Retry-After` that is a date. */
  readonly now: number;
}

/** Turns anything thrown by an SDK into a GomindError. */
export function mapError(error: unknown, context: ErrorContext): GomindError {
  const { place, abortedSignal } = context;
  if (abortedSignal !== undefined) return cancellationError(abortedSignal, `The call of ${shownModel(place)}`);
  const own = gomindErrorIn(error);
  if (own !== undefined) return own;
  const failure = fieldsOf(error);
  const status = numberIn(failure['status'] ?? failure['statusCode']);
  if (status !== undefined) return statusError(error, status, context);
  // The SDK's name for an error event inside a stream.
  if (typeof failure['error'] === 'object' && failure['error'] !== null)
    return errorInAnswer(failure['error'], place, error);
  return connectionError(error, place);
}

/**
 * An error that came as an answer: behind a status 200, or as an event of a stream.
 *
 * @param error the value of `error`: an object, or just words
 */
export function errorInAnswer(error: unknown, place: ModelPlace, cause?: unknown): GomindError {
  const fields = fieldsOf(error);
  const message = typeof error === 'string' ? error : textIn(fields['message']);
  const status = numberIn(fields['code']) ?? numberIn(fields['status']);
  const said: SaidError = {
    code: textIn(fields['code']),
    type: textIn(fields['type']),
    message,
    ...(status !== undefined && status >= 400 && status < 600 ? { status } : {}),
  };
  const meaning: ErrorMeaning = meaningOf(said, place) ?? {
    code: 'MODEL_BAD_RESPONSE',
    isRetryable: false,
    advice: '',
  };
  return new GomindError({
    code: meaning.code,
    message: sentence(
      `${place.provider} answered with an error (model ${shownModel(place)}): ${clean(message, place)}`,
      meaning.advice,
    ),
    isRetryable: meaning.isRetryable,
    details: detailsOf(place),
    cause: withoutSecrets(cause),
  });
}

/**
 * An answer that is no answer.
 *
 * @param what what came instead
 */
export function badResponse(place: ModelPlace, what: string, cause?: unknown): GomindError {
  const where = place.addressHint ?? 'the base URL';
  return new GomindError({
    code: 'MODEL_BAD_RESPONSE',
    message: `${place.provider} answered with ${what} (model ${shownModel(place)}). Check that ${where} points at an OpenAI-compatible API.`,
    details: detailsOf(place),
    cause: withoutSecrets(cause),
  });
}

/** What our own fetch threw comes wrapped in the SDK's errors. */
function gomindErrorIn(error: unknown): GomindError | undefined {
  for (let current = error, depth = 0; depth < 5 && current instanceof Error; current = current.cause, depth++) {
    if (GomindError.isInstance(current)) return current;
  }
  return undefined;
}

function statusError(error: unknown, status: number, { place, now }: ErrorContext): GomindError {
  if (status >= 300 && status < 400)
    return badResponse(place, `a redirect (${String(status)}), which is not followed`, error);
  if (status < 300) return badResponse(place, 'something that cannot be read', error);
  const said = saidBy(error, status);
  const meaning = meaningOf(said, place) ?? { code: 'MODEL_BAD_RESPONSE', isRetryable: false, advice: '' };
  const headers = headersOf(error);
  const shouldRetry = headers.get('x-should-retry');
  const mayRetry = shouldRetry === null ? meaning.isRetryable : shouldRetry === 'true';
  const retryAfterMs = mayRetry ? retryAfterMsOf(headers, now) : undefined;
  const isTooLong = retryAfterMs !== undefined && retryAfterMs > longestRetryWaitMs;
  const wait = isTooLong ? ` It wants to be left alone for ${String(Math.ceil(retryAfterMs / 1_000))} s.` : '';
  return new GomindError({
    code: meaning.code,
    message: sentence(
      `${place.provider} answered ${String(status)} (model ${shownModel(place)}): ${clean(said.message, place)}`,
      `${meaning.advice}${wait}`.trim(),
    ),
    isRetryable: mayRetry && !isTooLong,
    details: { ...detailsOf(place), status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    cause: withoutSecrets(error),
  });
}

function connectionError(error: unknown, place: ModelPlace): GomindError {
  const name = error instanceof Error ? `${error.name} ${error.constructor.name}` : '';
  if (
    error instanceof SyntaxError ||
    /JSONParse|InvalidResponseData|TypeValidation|EmptyResponse|NoContent/.test(name)
  ) {
    return badResponse(place, 'something that cannot be read', error);
  }
  if (/LoadAPIKey/.test(name)) return configurationError('MODEL_AUTH', error, place);
  if (/UnsupportedFunctionality|NoSuchModel|InvalidPrompt|InvalidArgument|TooManyEmbedding/.test(name)) {
    return configurationError('MODEL_BAD_REQUEST', error, place);
  }
  const isTimeout = /Timeout/.test(name);
  const reason = clean(reasonOf(error), place);
  return new GomindError({
    code: isTimeout ? 'MODEL_TIMEOUT' : 'MODEL_UNAVAILABLE',
    message: isTimeout
      ? `${place.provider} did not answer in time (model ${shownModel(place)}).`
      : `${place.provider} cannot be reached (model ${shownModel(place)}): ${reason} Check the network and ${place.addressHint ?? 'the base URL'}.`,
    isRetryable: true,
    details: detailsOf(place),
    cause: withoutSecrets(error),
  });
}

function configurationError(code: string, error: unknown, place: ModelPlace): GomindError {
  return new GomindError({
    code,
    message: `${place.provider} cannot be asked (model ${shownModel(place)}): ${clean(reasonOf(error), place)}`,
    details: detailsOf(place),
    cause: withoutSecrets(error),
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

/** The openai SDK puts an error's fields on top; the AI SDK keeps the body in `data`. */
function saidBy(error: unknown, status: number): SaidError {
  const failure = fieldsOf(error);
  const inBody = fieldsOf(fieldsOf(failure['data'])['error']);
  const code = failure['code'] ?? inBody['code'];
  const type = failure['type'] ?? inBody['type'];
  const message = textIn(failure['message']).replace(/^\d{3}\s*/, '');
  return { status, code: textIn(code), type: textIn(type), message };
}

function headersOf(error: unknown): Headers {
  const failure = fieldsOf(error);
  if (failure['headers'] instanceof Headers) return failure['headers'];
  const plain = fieldsOf(failure['responseHeaders']);
  return new Headers(
    Object.entries(plain).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

/** The provider's own words: no page of HTML around them, no key in them, and a full stop. */
function clean(text: string, { secrets = [] }: ModelPlace): string {
  const words = text
    .slice(0, 4_000)
    .replaceAll(/<[^>]{0,500}>/g, ' ')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ');
  const plain = redactText(words, { secrets: secrets.filter((secret) => secret.length >= 4) }).trim();
  if (plain === '') return 'no reason given.';
  const short = plain.length > 300 ? `${plain.slice(0, 300)}…` : plain;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}

function sentence(text: string, advice: string): string {
  return advice === '' ? text : `${text} ${advice}`;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
