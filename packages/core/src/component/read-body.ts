/**
 * Reads the JSON body of a call, bounded while it arrives.
 *
 * @module
 */
import type { EnvelopeError } from './envelope.ts';

/** A parsed body, or the error to answer with and its status. */
export type BodyReading =
  | { readonly ok: true; readonly value: unknown; readonly text: string }
  | { readonly ok: false; readonly status: number; readonly error: EnvelopeError };

const maxDepth = 64;

/**
 * Reads and parses a body.
 *
 * @param request a request with a JSON body; an empty body is an empty object
 * @param limitBytes most bytes that are read
 */
export async function readJsonBody(request: Request, limitBytes: number): Promise<BodyReading> {
  const contentType = request.headers.get('content-type');
  if (contentType !== null && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType)) {
    return refusal(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      `The body must be application/json, not ${contentType.slice(0, 80)}.`,
    );
  }
  const text = await readText(request, limitBytes);
  if (text === undefined) {
    return refusal(
      413,
      'BODY_TOO_LARGE',
      `The body is larger than ${String(limitBytes)} bytes. Send less, or pass large data by reference.`,
    );
  }
  if (text.trim() === '') return { ok: true, value: {}, text: '{}' };
  if (nestingOf(text) > maxDepth) {
    return refusal(400, 'BODY_TOO_DEEP', `The JSON body is nested deeper than ${String(maxDepth)} levels.`);
  }
  try {
    const value = JSON.parse(text, (key, inner: unknown) => (key === '__proto__' ? undefined : inner)) as unknown;
    return { ok: true, value, text };
  } catch (error) {
    return refusal(400, 'INVALID_JSON', `The body is no JSON: ${error instanceof Error ? error.message : 'unknown'}.`);
  }
}

function refusal(status: number, code: string, message: string): BodyReading {
  return { ok: false, status, error: { code, message, category: 'INPUT_ERROR', retryable: false } };
}

/** The body as text, or undefined when it is larger than the limit; what is left of it is then not read. */
async function readText(request: Request, limitBytes: number): Promise<string | undefined> {
  if (request.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of request.body as ReadableStream<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Deepest nesting of brackets outside strings; parsing what is too deep could exhaust the stack. */
function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isInString) {
      if (character === '\\') index++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return deepest;
}
