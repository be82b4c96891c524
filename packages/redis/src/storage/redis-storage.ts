/**
 * JSON values in Redis.
 *
 * @module
 */
import { canonicalJson, GomindError, type JsonValue, type KeyValueStore, type SetOptions } from '@gomind/core';
import { redisAccess, type RedisClientOptions } from '../connection/connect.ts';
import { wholeMilliseconds } from '../connection/namespace.ts';
import type { RedisConnection } from '../connection/redis-connection.ts';
import { escapeGlob } from './escape-glob.ts';

/** Options of {@link RedisStorage}. */
export type RedisStorageOptions = RedisClientOptions;

const scanCount = 500;

/**
 * KEYS: the value. ARGV: 1 when something is expected, the expected text, the next text, ms to live or an empty text.
 * Values are stored as canonical JSON, so that equal values are equal texts.
 */
const compareAndSetScript = `
local current = redis.call('GET', KEYS[1])
if ARGV[1] == '1' then
  if current ~= ARGV[2] then return 0 end
elseif current then
  return 0
end
if ARGV[4] == '' then redis.call('SET', KEYS[1], ARGV[3]) else redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) end
return 1`;

/**
 * Keeps JSON values under `{namespace}:values:{key}`. Connects on first use; every call answers within `commandTimeoutMs` or
 * fails with `STORE_UNAVAILABLE`. A write that failed that way may have been carried out (`details.wasSent`): read before you
 * repeat it.
 *
 * @example
 * await using storage = new RedisStorage({ url: 'redis://127.0.0.1:6379' });
 * await storage.set('greeting', { text: 'hello' }, { ttlMs: 60_000 });
 */
export class RedisStorage implements KeyValueStore {
  readonly #connection: RedisConnection;
  readonly #prefix: string;

  /** @throws GomindError `CONFIG_INVALID` for an option or environment variable that cannot be used */
  constructor(options: RedisStorageOptions = {}) {
    const { connection, namespace } = redisAccess(options, 'The storage');
    this.#connection = connection;
    this.#prefix = `${namespace}:values:`;
  }

  async get(key: string): Promise<JsonValue | undefined> {
    const text = await this.#connection.run((client) => client.get(this.#prefix + key));
    return text === null ? undefined : parse(text, key);
  }

  async set(key: string, value: JsonValue, options: SetOptions = {}): Promise<boolean> {
    const text = encode(value);
    const lifetime = timeToLive(options.ttlMs);
    const parameters = [
      ...(lifetime === undefined ? [] : ['PX', lifetime]),
      ...(options.ifAbsent === true ? ['NX'] : []),
    ];
    const reply = await this.#connection.run((client) => client.call('SET', this.#prefix + key, text, ...parameters));
    return reply === 'OK';
  }

  async compareAndSet(
    key: string,
    expected: JsonValue | undefined,
    next: JsonValue,
    options: { readonly ttlMs?: number } = {},
  ): Promise<boolean> {
    const parameters = [
      ...(expected === undefined ? ['0', ''] : ['1', encode(expected)]),
      encode(next),
      timeToLive(options.ttlMs) ?? '',
    ];
    const reply = await this.#connection.run((client) =>
      client.eval(compareAndSetScript, 1, this.#prefix + key, ...parameters),
    );
    return reply === 1;
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#connection.run((client) => client.del(this.#prefix + key))) === 1;
  }

  /**
   * Keys that start with the prefix, each once. Looks through all keys of the database in pages (`SCAN`), so it takes longer
   * the more others keep there; a key that comes or goes meanwhile may be told or not.
   */
  async *keys(prefix: string): AsyncGenerator<string, void, undefined> {
    const pattern = `${escapeGlob(this.#prefix + prefix)}*`;
    const seen = new Set<string>();
    let cursor = '0';
    do {
      const [nextCursor, page] = await this.#connection.run((client) =>
        client.scan(cursor, 'MATCH', pattern, 'COUNT', scanCount),
      );
      for (const found of page) {
        if (seen.has(found)) continue;
        seen.add(found);
        yield found.slice(this.#prefix.length);
      }
      cursor = nextCursor;
    } while (cursor !== '0');
  }

  /** @throws GomindError `STORE_UNAVAILABLE` when Redis cannot be reached within `commandTimeoutMs` */
  async ping(): Promise<void> {
    await this.#connection.run((client) => client.ping());
  }

  /** Frees the connection. Calling it twice is no error. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function encode(value: JsonValue): string {
  const text = canonicalJson(value) as string | undefined;
  if (text !== undefined) return text;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: 'Only JSON values can be stored; undefined and functions cannot.',
  });
}

function parse(text: string, key: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    const message = `The value under "${key}" is no JSON: something else wrote it. Delete it, or keep to a namespace of your own.`;
    throw new GomindError({ code: 'STORE_VALUE_INVALID', message, details: { key }, cause: error });
  }
}

function timeToLive(ttlMs: number | undefined): number | undefined {
  return ttlMs === undefined ? undefined : wholeMilliseconds('ttlMs', ttlMs, Number.MIN_VALUE);
}
