/**
 * Keeps secrets and control characters out of logs, and makes any value fit for JSON.
 *
 * @module
 */
import { redactMembers } from './redact-members.ts';

const secretKey = /authorization|cookie|token|secret|password|passwd|api[-_]?key|credential/i;
/** Counts of tokens are no secrets. */
const tokenCount = /tokens$|tokenCount$/i;
const credentialsInUrl = /([a-z][a-z0-9+.-]{0,32}:\/\/)[^\s/@]{1,512}@/gi;
const redacted = '[redacted]';
const defaultTextLength = 4_096;
const maxEntries = 100;
const maxDepth = 6;

/** What {@link redact} takes out. */
export interface RedactOptions {
  /** Values that must never appear; those under 4 characters are left alone. Default: none. */
  readonly secrets?: readonly string[];
  /** Names of members whose values must never appear, besides those that look like secrets; case does not matter. Default: none. */
  readonly fields?: readonly string[];
  /** Characters kept of one text. Default: 4,096. */
  readonly maxTextLength?: number;
}

/**
 * A copy of a value that is safe to log: plain JSON, bounded, without secrets.
 *
 * Redacted are values under keys that look like secrets (also where JSON stands inside a text), credentials in URLs, and the
 * given secret values wherever they stand.
 *
 * @param value anything
 * @param options values that must never appear, or more about what is taken out
 */
export function redact(value: unknown, options: readonly string[] | RedactOptions = {}): unknown {
  const {
    secrets = [],
    fields = [],
    maxTextLength = defaultTextLength,
  } = isList(options) ? { secrets: options } : options;
  const names = new Set(fields.map((field) => field.toLowerCase()));
  return copy(value, {
    secrets: secrets.filter((secret) => secret.length >= 4),
    isSecretKey: (key) => (secretKey.test(key) && !tokenCount.test(key)) || names.has(key.toLowerCase()),
    maxTextLength,
    seen: new Set(),
    depth: 0,
  });
}

function isList(options: readonly string[] | RedactOptions): options is readonly string[] {
  return Array.isArray(options);
}

interface Walk {
  readonly secrets: readonly string[];
  readonly isSecretKey: (key: string) => boolean;
  readonly maxTextLength: number;
  readonly seen: Set<object>;
  readonly depth: number;
}

function copy(value: unknown, walk: Walk): unknown {
  if (typeof value === 'string') return cleanText(value, walk);
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
      cleanText(key, walk),
      walk.isSecretKey(key) && item !== undefined ? redacted : copy(item, inner),
    ]),
  );
}

function copyError(error: Error, walk: Walk): unknown {
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const details = 'details' in error ? { details: copy(error.details, walk) } : {};
  const cause = error.cause === undefined ? {} : { cause: copy(error.cause, walk) };
  const stack = error.stack === undefined ? {} : { stack: cleanText(error.stack, walk) };
  return { name: error.name, ...code, message: cleanText(error.message, walk), ...details, ...cause, ...stack };
}

function cleanText(text: string, { secrets, isSecretKey, maxTextLength }: Walk): string {
  // What is cut off is cleaned first: half a secret is one too.
  let clean = text.slice(0, maxTextLength * 2);
  for (const secret of secrets) clean = clean.replaceAll(secret, redacted);
  clean = redactMembers(clean, isSecretKey).replace(credentialsInUrl, `$1${redacted}@`);
  return clean.length > maxTextLength || text.length > maxTextLength * 2
    ? `${clean.slice(0, maxTextLength)}... (${String(text.length)} characters)`
    : clean;
}
