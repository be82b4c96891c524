/**
 * Keeps secrets out of logs, and makes any value fit for JSON.
 *
 * @module
 */
import { redactText, type RedactTextOptions } from './redact-text.ts';
import { isSecretName } from './secret-names.ts';
import { redacted } from './redacted.ts';

const defaultTextLength = 4_096;
const maxEntries = 100;
const maxDepth = 6;
const minSecretLength = 4;

/** What {@link redact} takes out besides what it always does. */
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
 * Redacted are values under names that hold secrets (also where JSON or `name=value` stands inside a text), keys and tokens
 * known by their looks, credentials in URLs and headers, what `protectSecret` was told, and the given values.
 *
 * @param value anything
 * @param options values that must never appear, or more about what is taken out
 */
export function redact(value: unknown, options: readonly string[] | RedactOptions = {}): unknown {
  const { secrets, fields, maxTextLength = defaultTextLength } = isList(options) ? { secrets: options } : options;
  const names = fields === undefined ? undefined : new Set(fields.map((field) => field.toLowerCase()));
  const text: RedactTextOptions = {
    secrets: secrets?.filter((secret) => secret.length >= minSecretLength) ?? [],
    ...(names === undefined ? {} : { isSecretName: (name: string) => names.has(name.toLowerCase()) }),
  };
  return copy(value, { text, maxTextLength, seen: new Set(), depth: 0 });
}

function isList(options: readonly string[] | RedactOptions): options is readonly string[] {
  return Array.isArray(options);
}

interface Walk {
  readonly text: RedactTextOptions;
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
  if (ArrayBuffer.isView(value)) return `[${String(value.byteLength)} bytes]`;
  const inner: Walk = { ...walk, seen: new Set(walk.seen).add(value), depth: walk.depth + 1 };
  if (value instanceof Error) return copyError(value, inner);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL) return cleanText(value.href, walk);
  if (Array.isArray(value)) return value.slice(0, maxEntries).map((item) => copy(item, inner));
  const entries = Object.entries(value).slice(0, maxEntries);
  return Object.fromEntries(
    entries.map(([key, item]) => [cleanText(key, walk), isHidden(key, item, walk) ? redacted : copy(item, inner)]),
  );
}

/** A flag about a secret is none. */
function isHidden(key: string, value: unknown, { text }: Walk): boolean {
  if (value === undefined || value === null || typeof value === 'boolean') return false;
  return isSecretName(key) || text.isSecretName?.(key) === true;
}

function copyError(error: Error, walk: Walk): unknown {
  const code = 'code' in error && typeof error.code === 'string' ? { code: cleanText(error.code, walk) } : {};
  const details = 'details' in error ? { details: copy(error.details, walk) } : {};
  const cause = error.cause === undefined ? {} : { cause: copy(error.cause, walk) };
  const stack = error.stack === undefined ? {} : { stack: cleanText(error.stack, walk) };
  const name = cleanText(error.name, walk);
  return { name, ...code, message: cleanText(error.message, walk), ...details, ...cause, ...stack };
}

function cleanText(text: string, { text: options, maxTextLength }: Walk): string {
  // What is cut off is cleaned first: half a secret is one too.
  const isCut = text.length > maxTextLength * 2;
  const clean = redactText(isCut ? withoutLastWord(text.slice(0, maxTextLength * 2), maxTextLength) : text, options);
  return isCut || clean.length > maxTextLength
    ? `${clean.slice(0, maxTextLength)}... (${String(text.length)} characters)`
    : clean;
}

/** The cut may have gone through a secret, which then is not known any more. */
function withoutLastWord(text: string, least: number): string {
  let end = text.length;
  while (end > least && !/\s/.test(text[end - 1] ?? ' ')) end--;
  return text.slice(0, end);
}
