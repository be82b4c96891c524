/**
 * Takes secrets out of data without copying what holds none: for events, whose readers get everything else as it is.
 *
 * @module
 */
import { withoutProtectedValues } from './protected-values.ts';
import { redactText } from './redact-text.ts';
import { isSecretName } from './secret-names.ts';
import { redacted } from './redacted.ts';

const maxDepth = 100;

/** Options of {@link withoutSecrets}. */
export interface WithoutSecretsOptions {
  /**
   * True takes out only what `protectSecret` was told, wherever it stands. For results, which belong to their caller: a token
   * that a tool was asked for is not hidden from who asked. Default: false.
   */
  readonly onlyProtected?: boolean;
}

/**
 * A value without secrets: the same object where it holds none, else a copy of the parts that do. Errors keep their class.
 *
 * @param value plain data, or an error; objects of other classes are left as they are
 */
export function withoutSecrets<T>(value: T, { onlyProtected = false }: WithoutSecretsOptions = {}): T {
  return clean(value, { onlyProtected, path: new Set() }) as T;
}

interface Walk {
  readonly onlyProtected: boolean;
  /** The objects around the present one. */
  readonly path: Set<object>;
}

function clean(value: unknown, walk: Walk): unknown {
  if (typeof value === 'string') return walk.onlyProtected ? withoutProtectedValues(value) : redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  const { path } = walk;
  if (path.has(value)) return '[circular]';
  if (path.size >= maxDepth) return '[deep]';
  path.add(value);
  try {
    if (Array.isArray(value)) return cleanList(value, walk);
    if (value instanceof Error) return cleanError(value, walk);
    return isPlain(value) ? cleanRecord(value, walk) : value;
  } finally {
    path.delete(value);
  }
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function cleanList(list: readonly unknown[], walk: Walk): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (const [index, item] of list.entries()) {
    const cleaned = clean(item, walk);
    if (cleaned === item) continue;
    copy ??= [...list];
    copy[index] = cleaned;
  }
  return copy ?? list;
}

function cleanRecord(record: Readonly<Record<string, unknown>>, walk: Walk): Readonly<Record<string, unknown>> {
  let copy: [string, unknown][] | undefined;
  const entries = Object.entries(record);
  for (const [index, [name, item]] of entries.entries()) {
    const isHidden = !walk.onlyProtected && mayBeSecret(item) && isSecretName(name);
    const cleaned = isHidden ? redacted : clean(item, walk);
    const cleanName = clean(name, walk) as string;
    if (cleaned === item && cleanName === name) continue;
    copy ??= [...entries];
    copy[index] = [cleanName, cleaned];
  }
  return copy === undefined ? record : Object.fromEntries(copy);
}

/** Numbers, flags and references (`${secrets.KEY}`) are not. */
function mayBeSecret(value: unknown): boolean {
  if (typeof value === 'object') return value !== null;
  return typeof value === 'string' && value !== '' && !/^\$\{[^}]*\}$/.test(value);
}

/** A stack repeats the message and holds nothing else that could be a secret, so it is left unread while that is clean. */
function cleanError(error: Error, walk: Walk): Error {
  const message = clean(error.message, walk) as string;
  const cause = clean(error.cause, walk);
  const fields = cleanRecord(Object.fromEntries(Object.entries(error)), walk);
  const isClean =
    message === error.message &&
    cause === error.cause &&
    Object.entries(error).every(([name, value]) => Object.is(fields[name], value));
  if (isClean) return error;
  const copy = new Error(message, cause === undefined ? undefined : { cause });
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  for (const [name, value] of Object.entries(fields)) {
    Object.defineProperty(copy, name, { value, enumerable: true, writable: true, configurable: true });
  }
  const stack = { value: clean(error.stack, walk), writable: true, configurable: true };
  return Object.defineProperty(copy, 'stack', stack);
}
