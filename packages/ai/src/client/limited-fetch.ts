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
    const limited = new Response(response.body.pipeThrough(byteLimit(maxBytes)), { status, statusText, headers });
    return status < 400
      ? limited
      : new Response(openAIErrorBody(await limited.text()), { status, statusText, headers });
  };
}

function byteLimit(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      if (bytes <= maxBytes) controller.enqueue(chunk);
      else {
        const message = `The model's answer is larger than ${String(maxBytes)} bytes.`;
        controller.error(new GomindError({ code: 'MODEL_BAD_RESPONSE', message, details: { limit: maxBytes } }));
      }
    },
  });
}
