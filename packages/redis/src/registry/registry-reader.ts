/**
 * The finding half of the registry: two round trips for however many components.
 *
 * @module
 */
import { type ComponentInfo, type DiscoveryFilter, type Logger, matchesFilter } from '@gomind/core';
import type { RedisConnection } from '../connection/redis-connection.ts';
import { type RedisCommand, sendAll } from '../connection/send-all.ts';
import { decodeRecord } from './record-json.ts';
import type { RegistryKeys } from './registry-keys.ts';
import { sweepScript } from './registry-scripts.ts';

/** What a reader works with. */
export interface ReaderContext {
  readonly connection: RedisConnection;
  readonly keys: RegistryKeys;
  readonly logger: Logger;
  /** Instances read at most; further ones are left out with a warning. */
  readonly maxComponents: number;
}

/** Ids per MGET: the server does nothing else while it answers one. */
const readChunk = 500;
const maxWarned = 1_000;

/** Reads records through the index sets; never looks through all keys. */
export class RegistryReader {
  readonly #context: ReaderContext;
  readonly #warned = new Set<string>();

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  /** Live components that match, ordered by name and id. */
  async read(filter: DiscoveryFilter): Promise<ComponentInfo[]> {
    const { keys } = this.#context;
    const indexes = keys.indexesFor(filter);
    const members = await this.#members(indexes);
    const ids = this.#bounded([...new Set(members.flat())]);
    const found: ComponentInfo[] = [];
    const dead = new Set<string>();
    for (let start = 0; start < ids.length; start += readChunk) {
      const chunk = ids.slice(start, start + readChunk);
      const texts = await this.#context.connection.run((client) => client.mget(chunk.map((id) => keys.service(id))));
      for (const [index, id] of chunk.entries()) {
        const text = texts[index] ?? null;
        const component = text === null ? undefined : this.#decode(text, id);
        if (text === null) dead.add(id);
        if (component !== undefined && matchesFilter(component, filter)) found.push(component);
      }
    }
    if (dead.size > 0) this.#sweep(indexes, members, dead);
    return found.sort((one, other) => compare(one.name, other.name) || compare(one.id, other.id));
  }

  async #members(indexes: readonly string[]): Promise<string[][]> {
    const replies = await this.#context.connection.run((client) =>
      sendAll(
        client,
        indexes.map((key) => ['smembers', key]),
        (error) => error.message.startsWith('WRONGTYPE'),
      ),
    );
    return indexes.map((key, index) => {
      const members = replies[index];
      if (Array.isArray(members)) return members as string[];
      // Somebody keeps something else under this key; the other sets are still good.
      this.#warn(`The key "${key}" holds no set and is ignored; delete it`, { key });
      return [];
    });
  }

  #bounded(ids: readonly string[]): readonly string[] {
    const { maxComponents } = this.#context;
    if (ids.length <= maxComponents) return ids;
    this.#warn('The registry holds more components than are read; raise maxComponents', { maxComponents });
    return ids.slice(0, maxComponents);
  }

  #decode(text: string, id: string): ComponentInfo | undefined {
    const { component, problem } = decodeRecord(text, id);
    if (component === undefined) this.#warn('A registry entry is malformed and left out', { id, problem });
    return component;
  }

  /** Once for each thing, not at each look. */
  #warn(message: string, fields: Readonly<Record<string, unknown>>): void {
    const subject = `${message} ${JSON.stringify(fields)}`;
    if (this.#warned.has(subject)) return;
    if (this.#warned.size >= maxWarned) this.#warned.clear();
    this.#warned.add(subject);
    this.#context.logger.warn(message, fields);
  }

  /** Cleans dead members out of the sets that were read, in the background: nobody waits for it, the next look tries again. */
  #sweep(indexes: readonly string[], members: readonly (readonly string[])[], dead: ReadonlySet<string>): void {
    const { connection, keys, logger } = this.#context;
    const commands = indexes.flatMap((key, index): RedisCommand[] => {
      const ids = (members[index] ?? []).filter((id) => dead.has(id)).slice(0, readChunk);
      return ids.length === 0
        ? []
        : [['eval', sweepScript, 1 + ids.length, key, ...ids.map((id) => keys.service(id)), ...ids]];
    });
    connection
      .run((client) => sendAll(client, commands))
      .catch((error: unknown) => {
        logger.debug('Dead members of the registry could not be cleaned up', { error });
      });
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
