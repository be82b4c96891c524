/**
 * One connection to Redis that is opened on first use, mends itself, and answers in bounded time: with a reply or with
 * `STORE_UNAVAILABLE`.
 *
 * @module
 */
import { type Clock, GomindError, type Logger, withTimeout } from '@gomind/core';
import type { Redis, RedisOptions } from 'ioredis';
import type { RedisAddress } from './redis-address.ts';
import { ReadyGate } from './ready-gate.ts';
import { storeError } from './store-error.ts';

/** Options of {@link RedisConnection}. */
export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  /** What the connection is for, for messages: `The registry`. */
  readonly what: string;
  /** Milliseconds for waiting until connected and for the reply, together. */
  readonly commandTimeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const connectTimeoutMs = 2_000;
const disconnectTimeoutMs = 500;
const maxReconnectDelayMs = 1_000;
const reconnectJitterMs = 200;

/** A Redis client with the profile that state needs: no hidden queue, no resending, no waiting without an end. */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  readonly #reconnectListeners = new Set<() => void>();
  readonly #running = new Set<Promise<unknown>>();
  #opening: Promise<Redis> | undefined;
  readonly #gate: ReadyGate;
  #wasReady = false;
  #closing: Promise<void> | undefined;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    this.#gate = new ReadyGate(options.clock, options.commandTimeoutMs);
  }

  /**
   * Sends commands. Waits for the connection within the deadline of the commands; a server that is away for longer than
   * that fails at once.
   *
   * @param operation sends without waiting in between, so that operations of one connection keep their order
   * @throws GomindError `STORE_UNAVAILABLE` or `STORE_FULL`, `CLOSED` after {@link RedisConnection.close}
   */
  async run<T>(operation: (client: Redis) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw this.#closedError();
    const work = this.#attempt(operation);
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** Calls back whenever a lost connection was made again. */
  onReconnect(listener: () => void): void {
    this.#reconnectListeners.add(listener);
  }

  /** Lets commands on their way finish, then disconnects. Calling it twice is no error. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#gate.close(this.#closedError());
    await Promise.allSettled(this.#running);
    const client = await this.#opening?.catch(() => undefined);
    if (client === undefined) return;
    const isConnected = client.status !== 'reconnecting' && client.status !== 'end' && client.status !== 'wait';
    const ended = new Promise<void>((resolve) => {
      if (isConnected) client.once('end', resolve);
      else resolve();
    });
    client.disconnect();
    const deadline = { timeoutMs: 2 * disconnectTimeoutMs, clock: this.#options.clock };
    await withTimeout(() => ended, deadline).catch(() => undefined);
  }

  async #attempt<T>(operation: (client: Redis) => Promise<T>): Promise<T> {
    const { commandTimeoutMs, clock, what, address } = this.#options;
    let wasSent = false;
    try {
      this.#opening ??= this.#open();
      const client = await this.#opening;
      const send = async (signal: AbortSignal): Promise<T> => {
        // A client that has given up for good (it could not even try) is told to try again.
        if (client.status === 'end') client.connect().catch(() => undefined);
        await this.#gate.pass(signal);
        wasSent = true;
        return operation(client);
      };
      return await withTimeout(
        (signal) =>
          send(signal).catch((error: unknown) => {
            if (!neverLeft(error)) throw error;
            // The socket ended and the client has yet to notice: nothing was sent, so waiting for the next one is safe.
            wasSent = false;
            this.#gate.shut();
            return send(signal);
          }),
        { timeoutMs: commandTimeoutMs, code: timedOut, clock },
      );
    } catch (error) {
      const isTimeout =
        GomindError.isInstance(error, timedOut) || (error instanceof Error && error.message === 'Command timed out');
      const reason = isTimeout ? this.#timeoutReason(wasSent) : error;
      throw storeError(reason, { what, shownUrl: address.shown, wasSent });
    }
  }

  #timeoutReason(wasSent: boolean): unknown {
    if (!wasSent && this.#gate.lastError !== undefined) return this.#gate.lastError;
    return `no answer within ${String(this.#options.commandTimeoutMs)} ms`;
  }

  async #open(): Promise<Redis> {
    const { Redis: RedisClient } = await import('ioredis');
    const client = new RedisClient(this.#profile());
    const { logger, address } = this.#options;
    this.#gate.shut();
    // Without a listener the client writes to the console by itself.
    client.on('error', (error: Error) => {
      if (this.#gate.lastError === undefined && this.#closing === undefined) {
        logger.warn('Redis cannot be reached; trying again in the background', {
          url: address.shown,
          reason: error.message,
        });
      }
      this.#gate.fail(error);
    });
    client.on('close', () => {
      this.#gate.shut();
    });
    client.on('ready', () => {
      this.#gate.open();
      if (this.#wasReady) {
        logger.info('Redis is connected again', { url: address.shown });
        for (const listener of this.#reconnectListeners) listener();
      }
      this.#wasReady = true;
    });
    client.connect().catch(() => undefined);
    return client;
  }

  /**
   * The client's defaults keep commands for minutes and send them twice; measured against ioredis 6.0.0. `commandTimeout` is
   * needed too, because a command in flight on a lost connection would never settle (redis/ioredis issue 2193).
   */
  #profile(): Omit<RedisOptions, 'replyMapping'> {
    const { address, commandTimeoutMs, clock } = this.#options;
    return {
      host: address.host,
      port: address.port,
      db: address.database,
      ...(address.username === undefined ? {} : { username: address.username }),
      ...(address.password === undefined ? {} : { password: address.password }),
      ...(address.isEncrypted ? { tls: {} } : {}),
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      // Asks for INFO, which a user with few rights may not; a server that is loading says so at each command.
      enableReadyCheck: false,
      disableClientInfo: true,
      maxRetriesPerRequest: 1,
      commandTimeout: commandTimeoutMs,
      connectTimeout: connectTimeoutMs,
      disconnectTimeout: disconnectTimeoutMs,
      // A connection that nobody answers on is given up, and with it the commands that wait in it.
      socketTimeout: 5 * commandTimeoutMs,
      retryStrategy: (attempt) =>
        Math.min(50 * 2 ** Math.min(attempt - 1, 10), maxReconnectDelayMs) + clock.random() * reconnectJitterMs,
      reconnectOnError: (error) => /^(READONLY|MASTERDOWN)/.test(error.message),
    };
  }

  #closedError(): GomindError {
    return new GomindError({
      code: 'CLOSED',
      message: `${this.#options.what} in Redis (${this.#options.address.shown}) was closed. Make a new one.`,
    });
  }
}

/** Tells our own deadline from errors of the operation; never leaves this file. */
const timedOut = 'REDIS_DEADLINE';

/** The client's words for a command that it did not even write to the socket. */
function neverLeft(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Stream isn't writeable");
}
