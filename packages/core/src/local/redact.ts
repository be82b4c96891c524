/**
 * Keeps secrets and control characters out of logs, and makes any value fit for JSON.
 *
 * @module
 */

const secretKey = /authorization|cookie|token|secret|password|passwd|api[-_]?key|credential/i;
/** Counts of tokens are no secrets. */
const tokenCount = /tokens$|tokenCount$/i;
const credentialsInUrl = /([a-z][a-z0-9+.-]{0,32}:\/\/)[^\s/@]{1,512}@/gi;
const redacted = '[redacted]';
const maxTextLength = 4_096;
const maxEntries = 100;
const maxDepth = 6;

/**
 * A copy of a value that is safe to log: plain JSON, bounded, without secrets.
 *
 * Redacted are values under keys that look like secrets, credentials in URLs, and the given secret values wherever they stand.
 *
 * @param value anything
 * @param secrets values that must never appear
 */
export function redact(value: unknown, secrets: readonly string[] = []): unknown {
  return copy(value, { secrets: secrets.filter((secret) => secret.length >= 4), seen: new Set(), depth: 0 });
}

interface Walk {
  readonly secrets: readonly string[];
  readonly seen: Set<object>;
  readonly depth: number;
}

function copy(value: unknown, walk: Walk): unknown {
  if (typeof value === 'string') return cleanText(value, walk.secrets);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (walk.seen.has(value)) return '[circular]';
  if (walk.depth >= maxDepth) return '[deep]';
  const inner: Walk = { ...walk, seen: new Set(walk.seen).add(value), depth: walk.depth + 1 };
  if (value instanceof Error) return copyError(value, inner);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (Array.isArray(value)) return value.slice(0, maxEntries).map((item) => copy(item, inner));
  const entries = Object.entries(value).slice(0, maxEntries);
  return Object.fromEntries(
    entries.map(([key, item]) => [
      cleanText(key, walk.secrets),
      secretKey.test(key) && !tokenCount.test(key) && item !== undefined ? redacted : copy(item, inner),
    ]),
  );
}

function copyError(error: Error, walk: Walk): unknown {
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const details = 'details' in error ? { details: copy(error.details, walk) } : {};
  const cause = error.cause === undefined ? {} : { cause: copy(error.cause, walk) };
  const stack = error.stack === undefined ? {} : { stack: cleanText(error.stack, walk.secrets) };
  return { name: error.name, ...code, message: cleanText(error.message, walk.secrets), ...details, ...cause, ...stack };
}

function cleanText(text: string, secrets: readonly string[]): string {
  let clean =
    text.length > maxTextLength ? `${text.slice(0, maxTextLength)}... (${String(text.length)} characters)` : text;
  for (const secret of secrets) clean = clean.replaceAll(secret, redacted);
  return clean.replace(credentialsInUrl, `$1${redacted}@`);
}
