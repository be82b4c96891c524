/**
 * The registering half of the registry: all that a tool may do.
 *
 * @module
 */
import {
  type Clock,
  type ComponentHealth,
  type ComponentInfo,
  GomindError,
  type Logger,
  type Registry,
} from '@gomind/core';
import type { Redis } from 'ioredis';
import type { RedisConnection } from '../connection/redis-connection.ts';
import { sendAll } from '../connection/send-all.ts';
import { Heartbeat } from './heartbeat.ts';
import { decodeRecord, encodeRecord, normalComponent } from './record-json.ts';
import type { RegistryKeys } from './registry-keys.ts';
import { registerScript, replaceScript, unregisterScript } from './registry-scripts.ts';

/** What a registrar works with. */
export interface RegistrarContext {
  readonly connection: RedisConnection;
  readonly keys: RegistryKeys;
  /** Milliseconds that a record lives without a heartbeat. */
  readonly ttlMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const beatChunk = 100;
const maxReplaceAttempts = 3;
const maxReconnectPauseMs = 1_000;

/** Keeps the records of this process's components in Redis, and writes them again when Redis lost them. */
export class RedisRegistrar implements Registry {
  readonly #context: RegistrarContext;
  readonly #heartbeat: Heartbeat;
  /** Components registered here, by id. */
  readonly #own = new Map<string, ComponentInfo>();
  #isBeatFailing = false;

  constructor(context: RegistrarContext) {
    this.#context = context;
    const { ttlMs, clock, connection } = context;
    this.#heartbeat = new Heartbeat({ intervalMs: ttlMs / 2, clock, beat: () => this.#beat() });
    // A server that comes back may come back empty.
    connection.onReconnect(() => {
      this.#heartbeat.beatWithin(Math.min(maxReconnectPauseMs, ttlMs / 4));
    });
  }

  async register(component: ComponentInfo): Promise<void> {
    const next = normalComponent(component);
    await this.#put(next.id, () => next);
    this.#heartbeat.start();
  }

  async updateHealth(id: string, health: ComponentHealth): Promise<void> {
    if (!this.#own.has(id)) return this.#updateForeignHealth(id, health);
    return this.#put(id, (current) => {
      if (current === undefined) throw unknownId(id);
      return { ...current, health };
    });
  }

  async unregister(id: string): Promise<void> {
    const { connection, keys } = this.#context;
    const own = this.#own.get(id);
    this.#own.delete(id);
    if (this.#own.size === 0) this.#heartbeat.stop();
    await connection.run(async (client) => {
      const component = own ?? (await readComponent(client, keys.service(id), id));
      const indexes = component === undefined ? [] : keys.indexesOf(component);
      await client.eval(unregisterScript, 1 + indexes.length, keys.service(id), ...indexes, id);
    });
  }

  async ping(): Promise<void> {
    await this.#context.connection.run((client) => client.ping());
  }

  async close(): Promise<void> {
    this.#heartbeat.stop();
    await this.#context.connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Writes an own component. What it replaces is looked up when it is sent, and it is known from then on: a heartbeat or
   * another call that follows must not write the previous one again.
   */
  async #put(id: string, make: (current: ComponentInfo | undefined) => ComponentInfo): Promise<void> {
    let next: ComponentInfo | undefined;
    let previous: ComponentInfo | undefined;
    try {
      await this.#context.connection.run((client) => {
        if (next === undefined) {
          previous = this.#own.get(id);
          next = make(previous);
          this.#own.set(id, next);
        }
        const [script, ...parameters] = this.#writeCommand(next, previous);
        return client.eval(script, ...parameters);
      });
    } catch (error) {
      if (next !== undefined && this.#own.get(id) === next) {
        if (previous === undefined) this.#own.delete(id);
        else this.#own.set(id, previous);
      }
      throw error;
    }
  }

  #writeCommand(component: ComponentInfo, previous?: ComponentInfo): [string, number, ...(string | number)[]] {
    const { keys, ttlMs, clock } = this.#context;
    const joins = keys.indexesOf(component);
    const leaves = previous === undefined ? [] : keys.indexesOf(previous).filter((key) => !joins.includes(key));
    const names = [keys.service(component.id), ...joins, ...leaves];
    const record = encodeRecord(component, new Date(clock.now()).toISOString());
    return [registerScript, names.length, ...names, record, ttlMs, component.id, joins.length];
  }

  /** A record of somebody else: its health alone changes, its owner's heartbeat decides how long it lives. */
  async #updateForeignHealth(id: string, health: ComponentHealth): Promise<void> {
    const { connection, keys } = this.#context;
    const key = keys.service(id);
    for (let attempt = 1; attempt <= maxReplaceAttempts; attempt++) {
      const isReplaced = await connection.run(async (client) => {
        const text = await client.get(key);
        const component = text === null ? undefined : decodeRecord(text, id).component;
        if (text === null || component === undefined) throw unknownId(id);
        const changed = JSON.stringify({ ...(JSON.parse(text) as object), health });
        return client.eval(replaceScript, 1, key, text, changed);
      });
      if (isReplaced === 1) return;
    }
    const message = `The health of the component "${id}" could not be recorded: its record changed ${String(maxReplaceAttempts)} times meanwhile. Try again.`;
    throw new GomindError({ code: 'CONFLICT', message, isRetryable: true, details: { id } });
  }

  /** Writes all own records again: that keeps them alive, and brings them back where they were lost. */
  async #beat(): Promise<boolean> {
    const { connection, logger } = this.#context;
    try {
      const ids = [...this.#own.keys()];
      let lost = 0;
      for (let start = 0; start < ids.length; start += beatChunk) {
        lost += await connection.run((client) => this.#writeAll(client, ids.slice(start, start + beatChunk)));
      }
      if (lost > 0) logger.info('Components that the registry had lost are registered again', { components: lost });
      this.#isBeatFailing = false;
      return true;
    } catch (error) {
      const isOver = GomindError.isInstance(error, 'CLOSED');
      if (!this.#isBeatFailing && !isOver)
        logger.warn('The heartbeat did not reach the registry; trying again soon', { error });
      this.#isBeatFailing = true;
      return isOver;
    }
  }

  /** @returns how many of them were not there any more */
  async #writeAll(client: Redis, ids: readonly string[]): Promise<number> {
    const present = ids.flatMap((id) => this.#own.get(id) ?? []);
    const replies = await sendAll(
      client,
      present.map((component) => ['eval', ...this.#writeCommand(component)]),
    );
    return replies.filter((existed) => existed === 0).length;
  }
}

async function readComponent(client: Redis, key: string, id: string): Promise<ComponentInfo | undefined> {
  const text = await client.get(key);
  return text === null ? undefined : decodeRecord(text, id).component;
}

function unknownId(id: string): GomindError {
  return new GomindError({
    code: 'NOT_FOUND',
    message: `No component with the id "${id}" is registered. Register it before its health is updated.`,
    details: { id },
  });
}
