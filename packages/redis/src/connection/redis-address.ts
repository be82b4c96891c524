/**
 * Where a Redis server is, read from its URL, and how to speak of it without its credentials.
 *
 * @module
 */
import { GomindError, readEnv } from '@gomind/core';

/** The parts of a Redis URL. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
  /** True for `rediss://`. */
  readonly isEncrypted: boolean;
  /** The URL with its credentials masked, for messages and logs. */
  readonly shown: string;
}

const accepted = 'redis://host:6379, redis://user:password@host:6379/0, or rediss:// for TLS';

/**
 * Reads a Redis URL; parameters after `?` have no meaning here.
 *
 * @param url default: `REDIS_URL`
 * @throws GomindError `CONFIG_INVALID` when there is none or it cannot be read; the URL itself is not quoted
 */
export function redisAddress(url: string | undefined): RedisAddress {
  const text = url ?? readEnv('REDIS_URL');
  if (text === undefined) throw invalid('is not set');
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined) throw invalid('is no URL');
  if (parsed.protocol !== 'redis:' && parsed.protocol !== 'rediss:') throw invalid('is neither redis:// nor rediss://');
  if (parsed.hostname === '') throw invalid('names no host');
  const database = /^\/?$/.test(parsed.pathname) ? 0 : Number(/^\/(\d{1,5})$/.exec(parsed.pathname)?.[1] ?? Number.NaN);
  if (Number.isNaN(database)) throw invalid('has a path that is no database number');
  const username = decoded(parsed.username);
  const password = decoded(parsed.password);
  return {
    // An IPv6 address stands in brackets in a URL alone.
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(parsed.port || '6379'),
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    database,
    isEncrypted: parsed.protocol === 'rediss:',
    shown: shownUrl(parsed),
  };
}

/** A user name may be a token, so both parts are masked. */
function shownUrl(url: URL): string {
  const credentials = url.username === '' && url.password === '' ? '' : '***@';
  return `${url.protocol}//${credentials}${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('has credentials that are not percent-encoded');
  }
}

function invalid(problem: string): GomindError {
  return new GomindError({
    code: 'CONFIG_INVALID',
    message: `The address of Redis ${problem}. Set the option url or the environment variable REDIS_URL to ${accepted}.`,
    details: { variable: 'REDIS_URL', accepted },
  });
}
