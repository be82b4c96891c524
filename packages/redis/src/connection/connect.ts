/**
 * What discovery, registry and storage have in common: address, namespace, deadlines, defaults.
 *
 * @module
 */
import {
  aLogger,
  checkNames,
  checkOptions,
  type Clock,
  createStderrLogger,
  type Logger,
  protectSecret,
  readLogLevel,
  redactingLogger,
  systemClock,
} from '@gomind/core';
import { keyNamespace, wholeMilliseconds } from './namespace.ts';
import { redisAddress } from './redis-address.ts';
import { RedisConnection } from './redis-connection.ts';

/** Options that everything in this package takes. */
export interface RedisClientOptions {
  /** `redis://` or, with TLS, `rediss://`. Default: `REDIS_URL`. */
  readonly url?: string;
  /** First part of every key. Default: `GOMIND_NAMESPACE`, else `gomind`. */
  readonly namespace?: string;
  /** Milliseconds after which an unanswered command fails with `STORE_UNAVAILABLE`. Default: 1,000. */
  readonly commandTimeoutMs?: number;
  /** Default: JSON lines on stderr, from `GOMIND_LOG_LEVEL` on, else from warnings on. */
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/** Those of registry and discovery are among them. */
const optionNames: readonly string[] = [
  'url',
  'namespace',
  'commandTimeoutMs',
  'logger',
  'clock',
  'ttlMs',
  'watchIntervalMs',
  'maxComponents',
];

/** A connection and where its keys begin. */
export interface RedisAccess {
  readonly connection: RedisConnection;
  readonly namespace: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Reads the options; connects to nothing yet.
 *
 * @param what for messages: `The registry`
 * @throws GomindError `CONFIG_INVALID`
 */
export function redisAccess(options: RedisClientOptions, what: string): RedisAccess {
  checkOptions('a client of Redis', options, { logger: aLogger });
  checkNames('a client of Redis', options, optionNames);
  const address = redisAddress(options.url);
  // A server may repeat what it was told, and so may whoever reads its errors.
  if (address.password !== undefined) protectSecret(address.password);
  const clock = options.clock ?? systemClock;
  const logger =
    options.logger === undefined
      ? createStderrLogger({ level: readLogLevel(), fields: { source: '@gomind/redis' } })
      : redactingLogger(options.logger);
  const commandTimeoutMs = wholeMilliseconds('commandTimeoutMs', options.commandTimeoutMs ?? 1_000, 1);
  return {
    connection: new RedisConnection({ address, what, commandTimeoutMs, clock, logger }),
    namespace: keyNamespace(options.namespace),
    clock,
    logger,
  };
}
