/**
 * The registry in Redis, with the Go original's keys and JSON: components of both find each other.
 *
 * @module
 */
import type {
  ComponentHealth,
  ComponentInfo,
  Discovery,
  DiscoveryEvent,
  DiscoveryFilter,
  Registry,
} from '@gomind/core';
import { redisAccess, type RedisClientOptions } from '../connection/connect.ts';
import { wholeMilliseconds } from '../connection/namespace.ts';
import { RedisRegistrar, type RegistrarContext } from './redis-registrar.ts';
import { registryKeys } from './registry-keys.ts';
import { RegistryReader } from './registry-reader.ts';
import { RegistryWatch } from './registry-watch.ts';

/** Options of {@link createRedisRegistry}. */
export interface RedisRegistryOptions extends RedisClientOptions {
  /** Milliseconds that a record lives without a heartbeat; a heartbeat comes every half of it. Default: 30,000. */
  readonly ttlMs?: number;
}

/** Options of {@link RedisDiscovery}. */
export interface RedisDiscoveryOptions extends RedisRegistryOptions {
  /** Milliseconds between two looks for {@link RedisDiscovery.watch}. Default: a tenth of `ttlMs`. */
  readonly watchIntervalMs?: number;
  /** Instances that one call returns at most. Default: 10,000. */
  readonly maxComponents?: number;
}

const minTtlMs = 50;

/**
 * Registers and finds components in Redis. Connects on first use; a server that is away is an error within
 * `commandTimeoutMs` and is tried again in the background. Components registered here stay registered, also after Redis
 * lost its data, until they are unregistered or the discovery is closed.
 *
 * @example
 * await using discovery = new RedisDiscovery({ url: 'redis://127.0.0.1:6379' });
 * await using served = await serve(weatherTool, { registry: discovery });
 * const tools = await discovery.findByCapability('forecast');
 */
export class RedisDiscovery implements Discovery {
  readonly #registrar: RedisRegistrar;
  readonly #reader: RegistryReader;
  readonly #watch: RegistryWatch;

  /** @throws GomindError `CONFIG_INVALID` for an option or environment variable that cannot be used */
  constructor(options: RedisDiscoveryOptions = {}) {
    const context = registrarContext(options);
    const { ttlMs, clock, logger } = context;
    this.#registrar = new RedisRegistrar(context);
    this.#reader = new RegistryReader({ ...context, maxComponents: options.maxComponents ?? 10_000 });
    this.#watch = new RegistryWatch({
      read: () => this.#reader.read({}),
      intervalMs: wholeMilliseconds('watchIntervalMs', options.watchIntervalMs ?? ttlMs / 10, 1),
      clock,
      logger,
    });
  }

  async register(component: ComponentInfo): Promise<void> {
    await this.#registrar.register(component);
    this.#watch.poke();
  }

  async updateHealth(id: string, health: ComponentHealth): Promise<void> {
    await this.#registrar.updateHealth(id, health);
    this.#watch.poke();
  }

  async unregister(id: string): Promise<void> {
    await this.#registrar.unregister(id);
    this.#watch.poke();
  }

  /**
   * All live components that match, ordered by name and id. Works from the index sets (no `KEYS`, no `SCAN`) in two round
   * trips for 500 components and one for each further 500. Malformed entries are left out with one warning each.
   *
   * @throws GomindError `STORE_UNAVAILABLE`, `CLOSED`
   */
  discover(filter: DiscoveryFilter = {}): Promise<ComponentInfo[]> {
    return this.#reader.read(filter);
  }

  findService(name: string): Promise<ComponentInfo[]> {
    return this.discover({ name });
  }

  findByCapability(capability: string): Promise<ComponentInfo[]> {
    return this.discover({ capabilities: [capability] });
  }

  /**
   * Changes from now on. Found by reading the registry every `watchIntervalMs` while somebody watches (and at once after a
   * change made through this object), not by publish/subscribe: the Go original announces nothing, and an expired record
   * announces itself to nobody. Several changes of one component between two looks are one event. While Redis is away
   * nothing is told; afterwards, what changed meanwhile.
   */
  watch(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<DiscoveryEvent> {
    return this.#watch.subscribe(options.signal);
  }

  ping(): Promise<void> {
    return this.#registrar.ping();
  }

  async close(): Promise<void> {
    this.#watch.close();
    await this.#registrar.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * A registry for tools: it registers and cannot discover, neither by its type nor at run time.
 *
 * @throws GomindError `CONFIG_INVALID` for an option or environment variable that cannot be used
 * @example
 * await using registry = createRedisRegistry({ url: 'redis://127.0.0.1:6379' });
 * await using served = await serve(weatherTool, { registry });
 */
export function createRedisRegistry(options: RedisRegistryOptions = {}): Registry {
  return new RedisRegistrar(registrarContext(options));
}

function registrarContext(options: RedisRegistryOptions): RegistrarContext {
  const ttlMs = wholeMilliseconds('ttlMs', options.ttlMs ?? 30_000, minTtlMs);
  const { namespace, ...access } = redisAccess(options, 'The registry');
  return { ...access, keys: registryKeys(namespace), ttlMs };
}
