/**
 * The wire form of a component's answers (contracts, section 1): envelope, categories, statuses.
 *
 * @module
 */
import { GomindError } from '../errors/gomind-error.ts';
import { withoutSecrets } from '../redaction/without-secrets.ts';

/** Kind of a failure, as it stands in the envelope. */
export type ErrorCategory =
  | 'INPUT_ERROR'
  | 'AUTH_ERROR'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'RATE_LIMIT'
  | 'SERVICE_ERROR'
  | 'TIMEOUT'
  | 'INTERNAL_ERROR';

/** The error part of an envelope. */
export interface EnvelopeError {
  readonly code: string;
  readonly message: string;
  readonly category: ErrorCategory;
  readonly retryable: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The body of every answer to a call. */
export type Envelope =
  { readonly success: true; readonly data: unknown } | { readonly success: false; readonly error: EnvelopeError };

/** An answer before it becomes a `Response`; it can be stored and sent again. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const statusOf: Readonly<Record<ErrorCategory, number>> = {
  INPUT_ERROR: 422,
  AUTH_ERROR: 401,
  NOT_FOUND: 404,
  CONFLICT: 409,
  RATE_LIMIT: 429,
  SERVICE_ERROR: 503,
  TIMEOUT: 504,
  INTERNAL_ERROR: 500,
};

/** Which category the codes of a handler's GomindErrors belong to; any other code is internal. */
const categoryOf: Readonly<Record<string, ErrorCategory>> = {
  INPUT_ERROR: 'INPUT_ERROR',
  AUTH_ERROR: 'AUTH_ERROR',
  NOT_AUTHORIZED: 'AUTH_ERROR',
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'CONFLICT',
  RATE_LIMIT: 'RATE_LIMIT',
  RATE_LIMITED: 'RATE_LIMIT',
  OVERLOADED: 'RATE_LIMIT',
  SERVICE_ERROR: 'SERVICE_ERROR',
  COMPONENT_UNAVAILABLE: 'SERVICE_ERROR',
  STORE_UNAVAILABLE: 'SERVICE_ERROR',
  CIRCUIT_OPEN: 'SERVICE_ERROR',
  TIMEOUT: 'TIMEOUT',
};

/**
 * A successful answer.
 *
 * @throws GomindError `OUTPUT_INVALID` for data that JSON cannot hold
 */
export function success(data: unknown): Answer {
  try {
    // JSON leaves out a function or symbol without a word.
    const text = JSON.stringify(data ?? null) as string | undefined;
    if (text !== undefined) return { status: 200, body: `{"success":true,"data":${text}}` };
  } catch (error) {
    throw notJson(error);
  }
  throw notJson();
}

function notJson(cause?: unknown): GomindError {
  return new GomindError({
    code: 'OUTPUT_INVALID',
    message: 'The handler returned a value that JSON cannot hold (a circle, a bigint, a function). Return plain data.',
    cause,
  });
}

/**
 * A failed answer, without secrets: what it quotes of a call stands in many a log.
 *
 * @param told the envelope's error part
 * @param status default: the category's own
 */
export function failure(told: EnvelopeError, status: number = statusOf[told.category]): Answer {
  const error = withoutSecrets(told);
  const retryAfterMs = error.details?.['retryAfterMs'];
  const headers =
    typeof retryAfterMs === 'number' && retryAfterMs >= 0
      ? { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }
      : undefined;
  const body = JSON.stringify({ success: false, error } satisfies Envelope);
  return { status, body, ...(headers === undefined ? {} : { headers }) };
}

/**
 * The answer to what a handler threw. Only GomindErrors speak to the caller; anything else stays inside.
 *
 * @param error what was thrown
 */
export function failureOf(error: unknown): Answer {
  if (!GomindError.isInstance(error)) {
    return failure({
      code: 'INTERNAL_ERROR',
      message: 'The component failed unexpectedly. Its log says more.',
      category: 'INTERNAL_ERROR',
      retryable: false,
    });
  }
  const { code, message, details } = error;
  const category = categoryOf[code] ?? 'INTERNAL_ERROR';
  // Who is not known is told 401; who is known and may not, 403.
  const status = code === 'NOT_AUTHORIZED' ? 403 : statusOf[category];
  const isTransient = category === 'RATE_LIMIT' || category === 'SERVICE_ERROR' || category === 'TIMEOUT';
  return failure(
    {
      code,
      message,
      category,
      retryable: error.isRetryable || isTransient,
      ...(Object.keys(details).length === 0 ? {} : { details: plainDetails(details) }),
    },
    status,
  );
}

function plainDetails(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(JSON.stringify(details)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

/** An answer as a fetch `Response`. */
export function toResponse(answer: Answer): Response {
  return new Response(answer.body, {
    status: answer.status,
    headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff', ...answer.headers },
  });
}
