/**
 * One call of a capability service over HTTP.
 *
 * @module
 */
import { GomindError, toGomindError } from '@gomind/core';

const maxAnswerBytes = 4 * 1_048_576;

/** One question, with the headers of its trace. */
export interface ServiceQuestion {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Sends one question.
 *
 * @returns the parsed answer
 * @throws GomindError `COMPONENT_UNAVAILABLE` or `COMPONENT_BAD_RESPONSE`, with whether another try can help
 */
export async function postToService(
  url: URL,
  { body, headers }: ServiceQuestion,
  signal: AbortSignal,
): Promise<unknown> {
  // Loaded with the first call: it is heavy, and most applications have no such service.
  const { request } = await import('undici');
  try {
    const response = await request(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    const text = await boundedText(response.body, url);
    if (response.statusCode !== 200) throw refused(url, response.statusCode);
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (signal.aborted || GomindError.isInstance(error)) throw error;
    if (error instanceof SyntaxError) throw badServiceAnswer(url, 'its answer is no JSON');
    throw toGomindError(error, {
      code: 'COMPONENT_UNAVAILABLE',
      message: `The capability service at ${url.origin} cannot be reached`,
      isRetryable: true,
    });
  }
}

async function boundedText(body: AsyncIterable<Uint8Array>, url: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxAnswerBytes) throw badServiceAnswer(url, `its answer is larger than ${String(maxAnswerBytes)} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refused(url: URL, statusCode: number): GomindError {
  return new GomindError({
    code: 'COMPONENT_UNAVAILABLE',
    message: `The capability service at ${url.origin} answered with status ${String(statusCode)}. Check its log, and the path option.`,
    isRetryable: statusCode === 429 || statusCode >= 500,
    details: { statusCode },
  });
}

/** An answer that has no form that is known. */
export function badServiceAnswer(url: URL, what: string): GomindError {
  return new GomindError({
    code: 'COMPONENT_BAD_RESPONSE',
    message: `The capability service at ${url.origin} cannot be understood: ${what}. Expected {"capabilities": [{"component", "capability", "score"}]}.`,
    isRetryable: true,
    details: { url: url.origin },
  });
}
