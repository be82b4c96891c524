/**
 * Remembers what was expensive to find out, and finds it out once for all who ask at the same time. Holds values in memory,
 * bounded by count and age; knows nothing of what they mean.
 *
 * - **R1** At most one computation of a key is at work at any time.
 * - **R2** A caller's cancellation ends only its own waiting; a computation is aborted when nobody waits for it any more.
 * - **R3** A failure is told to all who wait, and not kept.
 * - **R4** What was deleted while it was computed is not kept either.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { cancellationError, type Clock, systemClock, withTimeout } from '@gomind/core';
import type { LRUCache } from 'lru-cache';
import type { RoutingPlan } from '../plan/routing-plan.ts';

/** Options of {@link RoutingCache}. */
export interface RoutingCacheOptions {
  /** Milliseconds that a value counts as fresh. Default: 300,000. */
  readonly ttlMs?: number;
  /** Milliseconds after that in which {@link RoutingCache.getStale} still knows it. Default: 0. */
  readonly staleTtlMs?: number;
  /** Values kept; the least recently used goes first. Default: 1,000. */
  readonly maxEntries?: number;
  readonly clock?: Clock;
}

/** Options of one look. */
export interface ObtainOptions<T> {
  /** Aborting it ends this caller's waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that a computed value is fresh; 0 does not keep it. Default: the cache's own. */
  readonly ttlMsOf?: (value: T) => number;
}

/** A value and where it came from: kept from before, computed for this caller, or computed for another who asked first. */
export interface Obtained<T> {
  readonly value: T;
  readonly from: 'cache' | 'computed' | 'shared';
}

interface Entry<T> {
  readonly value: T;
  readonly freshUntilMs: number;
}

interface Flight<T> {
  readonly result: Promise<T>;
  readonly abort: AbortController;
  waiters: number;
  isKept: boolean;
  hasSettled: boolean;
}

const require = createRequire(import.meta.url);

/** A cache with a lifetime, a bound, and one computation for all who ask at the same time. */
export class RoutingCache<T = RoutingPlan> {
  readonly #ttlMs: number;
  readonly #staleTtlMs: number;
  readonly #clock: Clock;
  readonly #entries: LRUCache<string, Entry<T>>;
  readonly #flights = new Map<string, Flight<T>>();

  constructor(options: RoutingCacheOptions = {}) {
    const { ttlMs = 300_000, staleTtlMs = 0, maxEntries = 1_000, clock = systemClock } = options;
    // Loaded on first need: see docs/decisions/0002.
    const { LRUCache } = require('lru-cache') as typeof import('lru-cache');
    this.#ttlMs = ttlMs;
    this.#staleTtlMs = staleTtlMs;
    this.#clock = clock;
    this.#entries = new LRUCache<string, Entry<T>>({
      max: maxEntries,
      // The library takes a start at 0 for "no lifetime", and would keep time by a timer of its own.
      perf: { now: () => clock.monotonicMs() + 1 },
      ttlResolution: 0,
    });
  }

  /** Values kept, stale ones included. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * The fresh value of a key, else what `compute` yields; that is kept.
   *
   * @param key callers with the same key share a value
   * @param compute its signal aborts when nobody waits for it any more
   * @throws GomindError `CANCELLED`, or the signal's own error, when this caller's signal aborts; else what `compute` throws
   * @example
   * const plan = await cache.getOrCompute(key, () => planner.plan(request, offered));
   */
  async getOrCompute(
    key: string,
    compute: (signal: AbortSignal) => T | Promise<T>,
    options: ObtainOptions<T> = {},
  ): Promise<T> {
    return (await this.obtain(key, compute, options)).value;
  }

  /** As {@link RoutingCache.getOrCompute}, and says where the value came from. */
  async obtain(
    key: string,
    compute: (signal: AbortSignal) => T | Promise<T>,
    options: ObtainOptions<T> = {},
  ): Promise<Obtained<T>> {
    const { signal } = options;
    if (signal?.aborted === true) throw cancellationError(signal, 'Waiting for a cached value');
    const kept = this.#freshEntry(key);
    if (kept !== undefined) return { value: kept.value, from: 'cache' };
    const known = this.#flights.get(key);
    const flight = known ?? this.#start(key, compute, options.ttlMsOf);
    return { value: await this.#wait(key, flight, signal), from: known === undefined ? 'computed' : 'shared' };
  }

  /** The value of a key while it is fresh. */
  get(key: string): T | undefined {
    return this.#freshEntry(key)?.value;
  }

  /** The value of a key, fresh or not, as long as it is kept. */
  getStale(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }

  /**
   * Keeps a value.
   *
   * @param ttlMs milliseconds that it is fresh; default: the cache's own
   */
  set(key: string, value: T, ttlMs: number = this.#ttlMs): void {
    const freshUntilMs = this.#clock.monotonicMs() + ttlMs;
    this.#entries.set(key, { value, freshUntilMs }, { ttl: ttlMs + this.#staleTtlMs });
  }

  /** Forgets a value, and will not keep the one that is being computed. */
  delete(key: string): void {
    this.#entries.delete(key);
    const flight = this.#flights.get(key);
    if (flight !== undefined) flight.isKept = false;
  }

  /** Forgets the values that a test picks; of those being computed, none is kept, as nobody knows yet what they will be. */
  deleteWhere(isUnwanted: (value: T) => boolean): void {
    for (const [key, { value }] of this.#entries.entries()) {
      if (isUnwanted(value)) this.#entries.delete(key);
    }
    for (const flight of this.#flights.values()) flight.isKept = false;
  }

  /** Forgets everything. */
  clear(): void {
    this.deleteWhere(() => true);
  }

  #freshEntry(key: string): Entry<T> | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.freshUntilMs > this.#clock.monotonicMs() ? entry : undefined;
  }

  #start(
    key: string,
    compute: (signal: AbortSignal) => T | Promise<T>,
    ttlMsOf: (value: T) => number = () => this.#ttlMs,
  ): Flight<T> {
    const abort = new AbortController();
    const run = async (): Promise<T> => {
      try {
        const value = await compute(abort.signal);
        const ttlMs = ttlMsOf(value);
        if (flight.isKept && ttlMs > 0) this.set(key, value, ttlMs);
        return value;
      } finally {
        flight.hasSettled = true;
        this.#forget(key, flight);
      }
    };
    // The computation begins in a turn of its own, when the flight is known.
    const result = Promise.resolve().then(run);
    const flight: Flight<T> = { result, abort, waiters: 0, isKept: true, hasSettled: false };
    // When all have left, nobody is there to handle a failure.
    result.catch(() => undefined);
    this.#flights.set(key, flight);
    return flight;
  }

  async #wait(key: string, flight: Flight<T>, signal: AbortSignal | undefined): Promise<T> {
    flight.waiters++;
    try {
      return await withTimeout(() => flight.result, {
        timeoutMs: undefined,
        what: 'Waiting for a cached value',
        signal,
        clock: this.#clock,
      });
    } finally {
      flight.waiters--;
      if (flight.waiters === 0 && !flight.hasSettled) {
        // Whoever comes now must not join what is being given up.
        this.#forget(key, flight);
        flight.isKept = false;
        flight.abort.abort(signal?.reason);
      }
    }
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
