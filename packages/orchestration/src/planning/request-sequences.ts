/**
 * What callers tend to ask next, from counts of what followed what. Never mixes callers, and forgets.
 *
 * @module
 */
import { type Clock, sha256Hex } from '@gomind/core';
import { RoutingCache } from './routing-cache.ts';
import { normaliseRequest } from './routing-cache-key.ts';

/** Requests remembered after one request; the rarest goes first. */
const maxFollowers = 8;
/** A pair seen once is no habit. */
const minCount = 2;
/** Share of all that followed which the likely one must have. */
const minShare = 0.5;
const memoryMs = 86_400_000;

/** Counts which request followed which. */
export class RequestSequences {
  readonly #last: RoutingCache<string>;
  readonly #followers: RoutingCache<ReadonlyMap<string, number>>;

  /** @param options `maxEntries` bounds the callers, and the requests that something followed */
  constructor(options: { readonly maxEntries: number; readonly clock: Clock }) {
    this.#last = new RoutingCache({ ...options, ttlMs: memoryMs });
    this.#followers = new RoutingCache({ ...options, ttlMs: memoryMs });
  }

  /**
   * Takes note of a request.
   *
   * @param caller whose sequence it belongs to
   * @returns the request that is likely to come next, if there is one
   */
  note(caller: string, request: string): string | undefined {
    const words = normaliseRequest(request);
    const callerKey = sha256Hex(caller);
    const before = this.#last.get(callerKey);
    if (before !== undefined) this.#count(keyOf(callerKey, before), words);
    this.#last.set(callerKey, words);
    return likeliest(this.#followers.get(keyOf(callerKey, words)));
  }

  #count(key: string, words: string): void {
    const counts = new Map(this.#followers.get(key));
    counts.set(words, (counts.get(words) ?? 0) + 1);
    if (counts.size > maxFollowers) {
      const others = [...counts].filter(([follower]) => follower !== words);
      const [rarest] = others.sort(([, left], [, right]) => left - right)[0] ?? [];
      if (rarest !== undefined) counts.delete(rarest);
    }
    this.#followers.set(key, counts);
  }
}

function keyOf(callerKey: string, words: string): string {
  return sha256Hex(JSON.stringify([callerKey, words]));
}

function likeliest(counts: ReadonlyMap<string, number> | undefined): string | undefined {
  const [best] = [...(counts ?? [])].sort(([, left], [, right]) => right - left);
  if (best === undefined) return undefined;
  const [words, count] = best;
  const total = [...(counts?.values() ?? [])].reduce((sum, one) => sum + one, 0);
  return count >= minCount && count > total * minShare ? words : undefined;
}
