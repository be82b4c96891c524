/**
 * The `fetch` that the SDK is given: follows no redirects (a key must not travel to another host), reads no answer beyond a
 * bound, and hands on errors in the form that the SDK reads.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import { openAIErrorBody } from '../wire/error-body.ts';

/**
 * Makes a bounded fetch.
 *
 * @param maxBytes largest body; reading beyond it fails with `MODEL_BAD_RESPONSE`
 */
export function limitedFetch(maxBytes: number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'manual' });
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    // Bytes have been unpacked already; the headers would make the SDK believe otherwise.
    const done = new DoneWatch();
    const body = response.body.pipeThrough(byteLimit(maxBytes, done));
    const limited = new Response(body, { status, statusText, headers });
    doneWatches.set(limited, done);
    return status < 400
      ? limited
      : new Response(openAIErrorBody(await limited.text()), { status, statusText, headers });
  };
}

/**
 * Whether a stream said by itself that it is complete (`data: [DONE]`). The SDK does not tell that from one that was cut off.
 *
 * @param response a response of {@link limitedFetch}, read to its end
 */
export function saidDone(response: Response): boolean {
  return doneWatches.get(response)?.isDone ?? false;
}

const doneWatches = new WeakMap<Response, DoneWatch>();

/** Looks for the marker, which may come in two pieces. */
class DoneWatch {
  isDone = false;
  readonly #decoder = new TextDecoder('latin1');
  #tail = '\n';

  see(chunk: Uint8Array): void {
    if (this.isDone) return;
    const text = this.#tail + this.#decoder.decode(chunk);
    // Line breaks inside JSON are escaped, so at the start of a line this is no content.
    this.isDone = /[\r\n]data: ?\[DONE\]/.test(text);
    this.#tail = text.slice(-16);
  }
}

function byteLimit(maxBytes: number, done: DoneWatch): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      done.see(chunk);
      bytes += chunk.byteLength;
      if (bytes <= maxBytes) controller.enqueue(chunk);
      else {
        const message = `The model's answer is larger than ${String(maxBytes)} bytes.`;
        controller.error(new GomindError({ code: 'MODEL_BAD_RESPONSE', message, details: { limit: maxBytes } }));
      }
    },
  });
}
