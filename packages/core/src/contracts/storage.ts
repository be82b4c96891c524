/**
 * What durable state needs of a store: values, an append-only log, and leases with fencing tokens.
 * `MemoryStorage` (core) is the in-process twin; `@gomind/redis` keeps them in Redis.
 *
 * @module
 */
import type { JsonValue } from './json.ts';

/** Options of {@link KeyValueStore.set}. */
export interface SetOptions {
  /** The value is gone after this many milliseconds. Default: never. */
  readonly ttlMs?: number;
  /** Store only when the key holds nothing. Default: false. */
  readonly ifAbsent?: boolean;
}

/** JSON values under string keys. */
export interface KeyValueStore {
  /** @returns the value, or undefined when the key holds nothing (or nothing any more) */
  get(key: string): Promise<JsonValue | undefined>;
  /** @returns whether the value was stored; false only with `ifAbsent` on a key that holds something */
  set(key: string, value: JsonValue, options?: SetOptions): Promise<boolean>;
  /**
   * Replaces a value in one step if it still is what the caller read.
   *
   * @param expected the value read before (compared as canonical JSON), or undefined for "holds nothing"
   * @returns whether the value was replaced
   */
  compareAndSet(
    key: string,
    expected: JsonValue | undefined,
    next: JsonValue,
    options?: { readonly ttlMs?: number },
  ): Promise<boolean>;
  /** @returns whether the key held something */
  delete(key: string): Promise<boolean>;
  /** Keys that start with the prefix, in no particular order, each once. */
  keys(prefix: string): AsyncIterable<string>;
}

/** One record of a log; `seq` starts at 1 and has no gaps. */
export interface LogEntry {
  readonly seq: number;
  readonly value: JsonValue;
}

/** Options of {@link AppendLog.append}. */
export interface AppendOptions {
  /** Append only when the log's last seq is this (0: the log is empty). Default: append always. */
  readonly expectedSeq?: number;
  /** Fencing token of the writer's lease; a smaller one than the log has seen is refused with `LEASE_LOST`. */
  readonly fence?: number;
}

/** Append-only sequences of JSON values. */
export interface AppendLog {
  /**
   * Appends values in one atomic step.
   *
   * @returns the seq of the last appended value
   * @throws GomindError `CONFLICT` when `expectedSeq` does not match, `LEASE_LOST` for a stale fence
   */
  append(log: string, values: readonly JsonValue[], options?: AppendOptions): Promise<number>;
  /** Entries with `seq > afterSeq` (default 0) in order, at most `limit` (default: all). */
  read(log: string, options?: { readonly afterSeq?: number; readonly limit?: number }): Promise<readonly LogEntry[]>;
  /** The last seq, 0 for an empty or unknown log. */
  lastSeq(log: string): Promise<number>;
  /** Forgets a log as a whole; its fence is kept. */
  truncate(log: string): Promise<void>;
}

/** The right to act for something, until it expires. */
export interface Lease {
  readonly name: string;
  readonly owner: string;
  /** Grows with every acquisition of the name, never repeats: the fencing token. */
  readonly fence: number;
  /** Store time in milliseconds since the epoch at which the lease ends unless renewed. */
  readonly expiresAt: number;
}

/** Leases, judged by the store's own clock. */
export interface LeaseStore {
  /** @returns the lease, or undefined when another owner holds it; the same owner gets its lease again, extended */
  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined>;
  /** @returns the extended lease, or undefined when it was lost */
  renew(lease: Lease, ttlMs: number): Promise<Lease | undefined>;
  /** Ends a lease early; ending a lost one is no error and frees nobody else's. */
  release(lease: Lease): Promise<void>;
}

/** A store that has all three faces. */
export interface Storage extends KeyValueStore, AppendLog, LeaseStore {
  /** @throws GomindError `STORE_UNAVAILABLE` when the store cannot be reached within its own timeout */
  ping(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
