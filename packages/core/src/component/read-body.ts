/**
 * Reads the JSON body of a call, bounded while it arrives.
 *
 * @module
 */
import type { EnvelopeError } from './envelope.ts';

/** A parsed body, or the error to answer with and its status. */
export type BodyReading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: number; readonly error: EnvelopeError };

const maxDepth = 64;
const utf8 = new TextDecoder('utf-8', { fatal: true });

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
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readBytes(request, limitBytes);
  } catch {
    return refusal(400, 'BODY_INCOMPLETE', 'The body broke off before its end.');
  }
  if (bytes === undefined) {
    return refusal(
      413,
      'BODY_TOO_LARGE',
      `The body is larger than ${String(limitBytes)} bytes. Send less, or pass large data by reference.`,
    );
  }
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return refusal(400, 'INVALID_JSON', 'The body is no JSON: it is not UTF-8.');
  }
  if (text.trim() === '') return { ok: true, value: {} };
  if (nestingOf(text) > maxDepth) {
    return refusal(400, 'BODY_TOO_DEEP', `The JSON body is nested deeper than ${String(maxDepth)} levels.`);
  }
  try {
    const value = JSON.parse(text, (key, inner: unknown) => (key === '__proto__' ? undefined : inner)) as unknown;
    return { ok: true, value };
  } catch (error) {
    return refusal(400, 'INVALID_JSON', `The body is no JSON: ${error instanceof Error ? error.message : 'unknown'}.`);
  }
}

function refusal(status: number, code: string, message: string): BodyReading {
  return { ok: false, status, error: { code, message, category: 'INPUT_ERROR', retryable: false } };
}

/** The body, or undefined when it is larger than the limit; what is left of it is then not read. */
async function readBytes(request: Request, limitBytes: number): Promise<Uint8Array | undefined> {
  const announced = request.headers.get('content-length');
  if (Number(announced) > limitBytes) return undefined;
  // Servers end a body where it was announced to end, so it need not be watched piece by piece.
  if (announced !== null) {
    const body = new Uint8Array(await request.arrayBuffer());
    return body.byteLength > limitBytes ? undefined : body;
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > limitBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
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
