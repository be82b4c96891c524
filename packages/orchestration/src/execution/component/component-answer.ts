/**
 * What a component's HTTP answer means: its data, or the error it stands for (contracts, section 1).
 *
 * @module
 */
import { GomindError, redactText } from '@gomind/core';
import { parseExactly } from './parse-exactly.ts';
import { isRecord } from '../../plan/is-record.ts';

/** A whole answer. */
export interface ComponentAnswer {
  readonly status: number;
  /** Lower-case media type without parameters; empty when the header is missing. */
  readonly mediaType: string;
  /** Lower-case `content-encoding`; `identity` when the header is missing. */
  readonly encoding: string;
  readonly retryAfter: string | undefined;
  readonly body: Uint8Array;
}

/** What was called, for messages. */
export interface CalledCapability {
  readonly component: string;
  readonly action: string;
}

/**
 * The data of an answer.
 *
 * @param now milliseconds since the epoch, for a `Retry-After` that is a date
 * @throws GomindError the code that the status and envelope stand for; `COMPONENT_BAD_RESPONSE` for what is no answer at all
 */
export function dataOf(answer: ComponentAnswer, called: CalledCapability, now: number): unknown {
  const body = readBody(answer);
  const envelope = readEnvelope(body.value);
  if (answer.status >= 200 && answer.status < 300) {
    if (envelope?.success === false) throw refusal(answer, called, { envelope, now, text: body.text });
    if (!body.isJson) throw badResponse(answer, called, body);
    return envelope === undefined ? body.value : envelope.data;
  }
  if (answer.status >= 300 && answer.status < 400)
    throw badResponse(answer, called, { ...body, problem: 'a redirect, which is not followed' });
  throw refusal(answer, called, { envelope, now, text: body.text });
}

interface ReadBody {
  readonly isJson: boolean;
  readonly value: unknown;
  /** What could be read, for messages. */
  readonly text: string;
  /** What is wrong with it, in the place of "something that ...". */
  readonly problem?: string;
  /** Whether it looks like an answer that was cut. */
  readonly isCut?: boolean;
}

const maxDepth = 200;
const utf8 = new TextDecoder('utf-8', { fatal: true });

function readBody({ body, encoding, mediaType, status }: ComponentAnswer): ReadBody {
  // Nothing but `identity` was asked for. What is packed stays so: it may unpack to a thousand times its size.
  if (encoding !== 'identity' && encoding !== '')
    return { ...unreadable, problem: `content in the encoding "${encoding.slice(0, 40)}", which was not asked for` };
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    return { ...unreadable, problem: 'bytes that are no UTF-8' };
  }
  if (text.trim() === '') return { isJson: status === 204 || status === 205, value: null, text };
  const mayBeJson = mediaType === '' || mediaType.endsWith('/json') || mediaType.endsWith('+json');
  if (!mayBeJson) return { ...unreadable, text };
  let value: unknown;
  try {
    value = parseExactly(text);
  } catch {
    return { ...unreadable, text, isCut: /^\s*[[{]/.test(text) };
  }
  if (isDeeperThan(value, maxDepth, text.length))
    return { ...unreadable, problem: `JSON of more than ${String(maxDepth)} levels`, text };
  return { isJson: true, value, text };
}

const unreadable = { isJson: false, value: undefined, text: '' } as const;

/**
 * Level by level, not by recursion: the value may come from a stranger who wants the stack to overflow.
 *
 * @param characters length of the value's JSON
 */
function isDeeperThan(value: unknown, limit: number, characters: number): boolean {
  // Each level opens and closes.
  if (characters < limit * 2) return false;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    const next: unknown[] = [];
    for (const node of level) {
      if (typeof node !== 'object' || node === null) continue;
      for (const inner of Array.isArray(node) ? (node as unknown[]) : (Object.values(node) as unknown[])) {
        if (typeof inner === 'object' && inner !== null) next.push(inner);
      }
    }
    level = next;
  }
  return false;
}

type ReadEnvelope =
  | { readonly success: true; readonly data: unknown }
  | {
      readonly success: false;
      readonly code?: string;
      readonly message?: string;
      readonly category?: string;
      readonly isRetryable?: boolean;
      readonly details?: Readonly<Record<string, unknown>>;
    };

/** Reads leniently: a failure's parts may be missing; what has no `success` is no envelope. */
function readEnvelope(body: unknown): ReadEnvelope | undefined {
  if (!isRecord(body) || typeof body['success'] !== 'boolean') return undefined;
  if (body['success']) return 'data' in body ? { success: true, data: body['data'] } : undefined;
  const error = isRecord(body['error']) ? body['error'] : { message: body['error'] };
  return {
    success: false,
    ...(typeof error['code'] === 'string' ? { code: error['code'] } : {}),
    ...(typeof error['message'] === 'string' ? { message: error['message'] } : {}),
    ...(typeof error['category'] === 'string' ? { category: error['category'] } : {}),
    ...(typeof error['retryable'] === 'boolean' ? { isRetryable: error['retryable'] } : {}),
    ...(isRecord(error['details']) ? { details: error['details'] } : {}),
  };
}

interface Meaning {
  readonly code: string;
  /** In a sentence after the capability's name. */
  readonly verb: string;
  readonly isRetryable: boolean;
  readonly hasEffect: boolean;
}

const refused = (code: string, verb: string, isRetryable = false): Meaning => ({
  code,
  verb,
  isRetryable,
  hasEffect: false,
});
const broke = (code: string, verb: string, isRetryable: boolean): Meaning => ({
  code,
  verb,
  isRetryable,
  hasEffect: true,
});

const byStatus: ReadonlyMap<number, Meaning> = new Map([
  [400, refused('INPUT_ERROR', 'refused the inputs')],
  [401, refused('NOT_AUTHORIZED', 'wants credentials')],
  [403, refused('NOT_AUTHORIZED', 'does not allow this call')],
  [404, refused('NOT_FOUND', 'was not found')],
  [405, refused('NOT_FOUND', 'cannot be called this way')],
  [409, refused('CONFLICT', 'reports a conflict')],
  [413, refused('LIMIT_EXCEEDED', 'says the inputs are too large')],
  [422, refused('INPUT_ERROR', 'refused the inputs')],
  [429, refused('RATE_LIMITED', 'is called too often', true)],
  [502, broke('COMPONENT_UNAVAILABLE', 'is not available', true)],
  [503, broke('COMPONENT_UNAVAILABLE', 'is not available', true)],
  [504, broke('TIMEOUT', 'took too long by its own account', true)],
]);

const byCategory: ReadonlyMap<string, Meaning> = new Map(
  Object.entries({
    INPUT_ERROR: 422,
    AUTH_ERROR: 401,
    NOT_FOUND: 404,
    CONFLICT: 409,
    RATE_LIMIT: 429,
    SERVICE_ERROR: 503,
    TIMEOUT: 504,
  }).flatMap(([category, status]) => {
    const meaning = byStatus.get(status);
    return meaning === undefined ? [] : [[category, meaning] as const];
  }),
);

function meaningOf(status: number, category: string | undefined): Meaning {
  const known = status < 300 ? byCategory.get(category ?? '') : byStatus.get(status);
  if (known !== undefined) return known;
  // An unknown 4xx blames the caller, so nothing was done; an error of its own says nothing of what was done before it.
  return status >= 400 && status < 500
    ? refused('INPUT_ERROR', 'refused the call')
    : broke('COMPONENT_FAILED', 'failed', false);
}

function refusal(
  answer: ComponentAnswer,
  called: CalledCapability,
  context: { readonly envelope: ReadEnvelope | undefined; readonly now: number; readonly text: string },
): GomindError {
  const failure = context.envelope?.success === false ? context.envelope : undefined;
  const meaning = meaningOf(answer.status, failure?.category);
  const message = failure?.message ?? excerptOf(context.text);
  const retryAfterMs = retryAfterMsOf(answer, failure, context.now);
  return new GomindError({
    code: meaning.code,
    message: `${called.component}.${called.action} ${meaning.verb} (${String(answer.status)})${message === '' ? '' : `: ${message}`}`,
    isRetryable: failure?.isRetryable ?? meaning.isRetryable,
    details: {
      component: called.component,
      action: called.action,
      status: answer.status,
      hasEffect: meaning.hasEffect,
      ...(failure?.code === undefined ? {} : { componentCode: failure.code }),
      ...(failure?.details === undefined ? {} : { componentDetails: failure.details }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  });
}

function badResponse(answer: ComponentAnswer, { component, action }: CalledCapability, body: ReadBody): GomindError {
  const excerpt = excerptOf(body.text);
  const problem = body.problem ?? 'something that cannot be read as JSON';
  return new GomindError({
    code: 'COMPONENT_BAD_RESPONSE',
    message:
      `${component}.${action} answered ${String(answer.status)} with ${problem} ` +
      `(${answer.mediaType || 'no content type'})${excerpt === '' ? '' : `: ${excerpt}`}. A component answers with JSON.`,
    isRetryable: body.isCut ?? false,
    details: { component, action, status: answer.status },
  });
}

function excerptOf(text: string): string {
  // The cut may go through a secret, which then is not known any more; hence it comes last.
  const line = redactText(
    text
      .slice(0, 2_000)
      .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
      .trim(),
  );
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

const maxRetryAfterMs = 3_600_000;

const httpDate = /^[A-Za-z]{3,9}, \d{2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/;

/** `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), or the envelope's own milliseconds. */
function retryAfterMsOf(
  answer: ComponentAnswer,
  failure: { readonly details?: Readonly<Record<string, unknown>> } | undefined,
  now: number,
): number | undefined {
  const own = failure?.details?.['retryAfterMs'];
  if (typeof own === 'number' && own >= 0) return Math.min(own, maxRetryAfterMs);
  const header = answer.retryAfter?.trim() ?? '';
  const isSeconds = /^\d+(?:\.\d+)?$/.test(header);
  // Date.parse alone would take "-5" for a day in May.
  if (!isSeconds && !httpDate.test(header)) return undefined;
  const waitMs = isSeconds ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, waitMs), maxRetryAfterMs);
}
