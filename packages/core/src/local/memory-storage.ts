/**
 * Storage inside the process: the in-process twin of the storage contracts. Nothing survives the process.
 *
 * @module
 */
import { type Clock, systemClock } from '../contracts/clock.ts';
import type { JsonValue } from '../contracts/json.ts';
import type { AppendOptions, Lease, LogEntry, SetOptions, Storage } from '../contracts/storage.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { canonicalJson } from './canonical-json.ts';

/** Options of {@link MemoryStorage}. */
export interface MemoryStorageOptions {
  readonly clock?: Clock;
  /** Keys, log entries and leases held at most, each. Default: 1,000,000. */
  readonly maxEntries?: number;
  /**
   * What a new value does when there is no room. `refuse`: it is not stored (`STORE_FULL`), nothing that was stored is lost.
   * `forget-oldest`: the value that was read or written longest ago goes, as from a cache. Log entries and leases are never
   * forgotten. Default: `refuse`.
   */
  readonly whenFull?: 'refuse' | 'forget-oldest';
}

interface Stored {
  readonly text: string;
  readonly expiresAtMs: number;
}

interface Log {
  entries: string[];
  fence: number;
}

/** Keeps values, logs and leases in memory. Time is the given clock's. */
export class MemoryStorage implements Storage {
  readonly #clock: Clock;
  readonly #maxEntries: number;
  readonly #forgetsOldest: boolean;
  /** With `forget-oldest`, least recently used first. */
  readonly #values = new Map<string, Stored>();
  readonly #logs = new Map<string, Log>();
  readonly #leases = new Map<string, Lease>();
  readonly #fences = new Map<string, number>();
  #logEntries = 0;

  constructor(options: MemoryStorageOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#maxEntries = options.maxEntries ?? 1_000_000;
    this.#forgetsOldest = options.whenFull === 'forget-oldest';
  }

  get(key: string): Promise<JsonValue | undefined> {
    return settle(() => {
      const stored = this.#live(key);
      if (stored === undefined) return undefined;
      this.#touch(key, stored);
      return JSON.parse(stored.text) as JsonValue;
    });
  }

  set(key: string, value: JsonValue, options: SetOptions = {}): Promise<boolean> {
    return settle(() => {
      if (options.ifAbsent === true && this.#live(key) !== undefined) return false;
      this.#store(key, value, options.ttlMs);
      return true;
    });
  }

  compareAndSet(
    key: string,
    expected: JsonValue | undefined,
    next: JsonValue,
    options: { readonly ttlMs?: number } = {},
  ): Promise<boolean> {
    return settle(() => {
      const stored = this.#live(key);
      const isExpected =
        stored === undefined || expected === undefined
          ? stored === undefined && expected === undefined
          : canonicalJson(JSON.parse(stored.text)) === canonicalJson(expected);
      if (isExpected) this.#store(key, next, options.ttlMs);
      return isExpected;
    });
  }

  delete(key: string): Promise<boolean> {
    return settle(() => {
      const isHeld = this.#live(key) !== undefined;
      this.#values.delete(key);
      return isHeld;
    });
  }

  async *keys(prefix: string): AsyncGenerator<string, void, undefined> {
    for (const key of [...this.#values.keys()]) {
      await Promise.resolve();
      if (key.startsWith(prefix) && this.#live(key) !== undefined) yield key;
    }
  }

  append(log: string, values: readonly JsonValue[], options: AppendOptions = {}): Promise<number> {
    return settle(() => {
      const texts = values.map((value) => encode(value));
      const target = this.#logs.get(log) ?? { entries: [], fence: 0 };
      const { expectedSeq, fence } = options;
      if (fence !== undefined && fence < target.fence) {
        throw new GomindError({
          code: 'LEASE_LOST',
          message: `The lease on "${log}" was taken over (fence ${String(target.fence)} is newer than ${String(fence)}). Stop writing.`,
          details: { log, fence, currentFence: target.fence },
        });
      }
      if (expectedSeq !== undefined && expectedSeq !== target.entries.length) {
        throw new GomindError({
          code: 'CONFLICT',
          message: `The log "${log}" is at ${String(target.entries.length)}, not at ${String(expectedSeq)}. Read it again before appending.`,
          details: { log, expectedSeq, actualSeq: target.entries.length },
        });
      }
      this.#checkRoom(this.#logEntries + texts.length);
      if (fence !== undefined) target.fence = fence;
      for (const text of texts) target.entries.push(text);
      this.#logEntries += texts.length;
      this.#logs.set(log, target);
      return target.entries.length;
    });
  }

  read(
    log: string,
    options: { readonly afterSeq?: number; readonly limit?: number } = {},
  ): Promise<readonly LogEntry[]> {
    return settle(() => {
      const { afterSeq = 0, limit = Number.POSITIVE_INFINITY } = options;
      const entries = this.#logs.get(log)?.entries ?? [];
      return entries
        .slice(afterSeq, afterSeq + limit)
        .map((text, index) => ({ seq: afterSeq + index + 1, value: JSON.parse(text) as JsonValue }));
    });
  }

  lastSeq(log: string): Promise<number> {
    return settle(() => this.#logs.get(log)?.entries.length ?? 0);
  }

  truncate(log: string): Promise<void> {
    return settle(() => {
      const target = this.#logs.get(log);
      if (target === undefined) return;
      this.#logEntries -= target.entries.length;
      target.entries = [];
    });
  }

  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    return settle(() => {
      const held = this.#liveLease(name);
      if (held !== undefined && held.owner !== owner) return undefined;
      const fence = held?.fence ?? (this.#fences.get(name) ?? 0) + 1;
      this.#checkRoom(this.#fences.size + 1);
      this.#fences.set(name, fence);
      return this.#hold({ name, owner, fence, expiresAt: this.#clock.now() + ttlMs });
    });
  }

  renew(lease: Lease, ttlMs: number): Promise<Lease | undefined> {
    return settle(() => {
      const held = this.#liveLease(lease.name);
      if (held === undefined || held.fence !== lease.fence || held.owner !== lease.owner) return undefined;
      return this.#hold({ ...held, expiresAt: this.#clock.now() + ttlMs });
    });
  }

  release(lease: Lease): Promise<void> {
    return settle(() => {
      const held = this.#leases.get(lease.name);
      if (held?.fence === lease.fence && held.owner === lease.owner) this.#leases.delete(lease.name);
    });
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The stored value unless its time is over; what is over is forgotten on the way. */
  #live(key: string): Stored | undefined {
    const stored = this.#values.get(key);
    if (stored === undefined || stored.expiresAtMs > this.#clock.now()) return stored;
    this.#values.delete(key);
    return undefined;
  }

  #store(key: string, value: JsonValue, ttlMs: number | undefined): void {
    const text = encode(value);
    if (!this.#values.has(key)) this.#makeRoom();
    const expiresAtMs = ttlMs === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() + ttlMs;
    this.#touch(key, { text, expiresAtMs });
  }

  /** Puts a value behind all others, where values are forgotten from the front. */
  #touch(key: string, stored: Stored): void {
    if (this.#forgetsOldest) this.#values.delete(key);
    this.#values.set(key, stored);
  }

  #makeRoom(): void {
    if (!this.#forgetsOldest) {
      this.#checkRoom(this.#values.size + 1);
      return;
    }
    for (const key of this.#values.keys()) {
      if (this.#values.size < this.#maxEntries) return;
      this.#values.delete(key);
    }
  }

  #liveLease(name: string): Lease | undefined {
    const lease = this.#leases.get(name);
    if (lease === undefined || lease.expiresAt > this.#clock.now()) return lease;
    this.#leases.delete(name);
    return undefined;
  }

  #hold(lease: Lease): Lease {
    this.#leases.set(lease.name, lease);
    return { ...lease };
  }

  #checkRoom(entries: number): void {
    if (entries <= this.#maxEntries) return;
    for (const key of this.#values.keys()) this.#live(key);
    if (this.#values.size < this.#maxEntries && this.#logEntries < this.#maxEntries) return;
    throw new GomindError({
      code: 'STORE_FULL',
      message: `The memory storage holds its ${String(this.#maxEntries)} entries. Delete some, raise maxEntries, or use a real store.`,
    });
  }
}

function encode(value: JsonValue): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text !== undefined) return text;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: 'Only JSON values can be stored; undefined and functions cannot.',
  });
}

/** Errors come as rejections, as they do from a store across a network. */
async function settle<T>(action: () => T): Promise<T> {
  await Promise.resolve();
  return action();
}
