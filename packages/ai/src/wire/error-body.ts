/**
 * Error bodies in OpenAI's form. The SDK reads `error` alone and drops what Mistral, FastAPI servers and gateways say in
 * other places.
 *
 * @module
 */

const maxErrorLength = 65_536;

/**
 * The body of an error response as the SDK reads it.
 *
 * @param text what the server sent; cut at 64 Ki characters
 */
export function openAIErrorBody(text: string): string {
  const short = text.slice(0, maxErrorLength);
  let body: unknown;
  try {
    body = JSON.parse(short);
  } catch {
    return short;
  }
  // Google sends a list with one error in it.
  const first: unknown = Array.isArray(body) ? body[0] : body;
  if (typeof first !== 'object' || first === null) return short;
  const fields = first as Readonly<Record<string, unknown>>;
  const error = fields['error'];
  if (typeof error === 'object' && error !== null) return JSON.stringify({ error });
  const message =
    typeof error === 'string' ? error : (fields['message'] ?? fields['detail'] ?? fields['error_msg'] ?? first);
  return JSON.stringify({
    error: {
      message: typeof message === 'string' ? message : JSON.stringify(message),
      type: fields['type'] ?? null,
      code: fields['code'] ?? null,
      param: fields['param'] ?? null,
    },
  });
}
