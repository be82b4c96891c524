/**
 * Asks a component over HTTP, as any caller would, without believing anything it answers.
 *
 * @module
 */

import { withTimeout } from '@gomind/core';

/** What came back, or why nothing did. */
export interface ProbeAnswer {
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
  /** Why there was no answer. */
  readonly failure?: string;
}

/** One request of a probe. */
export interface ProbeRequest {
  /** Behind the component's address. */
  readonly path: string;
  /** Body of a POST; without it the request is a GET. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers longer than this are no answers of a component. */
const maxAnswerBytes = 4 * 1_048_576;
const answerTimeoutMs = 10_000;

/** Makes requests of one component. */
export class ComponentProbe {
  readonly #base: URL;
  readonly #signal: AbortSignal;

  /**
   * @param base address of the component
   * @param signal ends every request
   */
  constructor(base: URL, signal: AbortSignal) {
    this.#base = base;
    this.#signal = signal;
  }

  /** Makes a request. Never rejects, but for an interruption. */
  async ask({ path, body, headers }: ProbeRequest): Promise<ProbeAnswer> {
    const url = new URL(`${this.#base.pathname.replace(/\/+$/, '')}${path}`, this.#base);
    try {
      return await withTimeout(
        async (signal) => {
          const post = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
          const response = await fetch(url, {
            signal,
            redirect: 'manual',
            ...(body === undefined ? {} : { ...post, body }),
          });
          return { status: response.status, json: asJson(await readText(response)) };
        },
        { timeoutMs: answerTimeoutMs, what: 'The answer', signal: this.#signal },
      );
    } catch (error) {
      this.#signal.throwIfAborted();
      return { status: undefined, json: undefined, failure: reasonOf(error) };
    }
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = '';
  let bytes = 0;
  for (;;) {
    const chunk = (await reader?.read())?.value as Uint8Array | undefined;
    if (chunk === undefined) break;
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) throw new Error(`the answer is larger than ${String(maxAnswerBytes)} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The outer error of a failed fetch says only that it failed. */
function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : '';
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND') return 'the name of the host is not known';
  return inner instanceof Error && inner.message !== '' ? inner.message : code || String(inner);
}
