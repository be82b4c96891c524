/**
 * Answers a repeated call with the stored answer, so that the promise about effects does not rest on user code.
 *
 * @module
 */
import type { Clock } from '../contracts/clock.ts';
import type { Answer } from './envelope.ts';

/** How a key was met. */
export type IdempotentAnswer =
  { readonly kind: 'answered'; readonly answer: Answer; readonly isReplay: boolean } | { readonly kind: 'conflict' };

interface Entry {
  readonly fingerprint: string;
  readonly answer: Promise<Answer>;
  expiresAtMs: number;
}

/** A bounded store of answers by idempotency key. */
export class IdempotencyStore {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #maxEntries: number;

  /** @param options `ttlMs` default 24 h, `maxEntries` default 10,000; the oldest finished answers go first */
  constructor(options: { readonly clock: Clock; readonly ttlMs?: number; readonly maxEntries?: number }) {
    this.#clock = options.clock;
    this.#ttlMs = options.ttlMs ?? 86_400_000;
    this.#maxEntries = options.maxEntries ?? 10_000;
  }

  /**
   * Answers a call once per key; callers that come while it is at work wait for the same answer.
   *
   * @param key the caller's idempotency key, made unique per capability
   * @param fingerprint what the key stands for; another one under the same key is a conflict
   * @param compute does the work; an answer that says "try again" (429, 5xx) is not kept
   */
  async answer(key: string, fingerprint: string, compute: () => Promise<Answer>): Promise<IdempotentAnswer> {
    const now = this.#clock.monotonicMs();
    const known = this.#entries.get(key);
    if (known !== undefined && known.expiresAtMs > now) {
      if (known.fingerprint !== fingerprint) return { kind: 'conflict' };
      return { kind: 'answered', answer: await known.answer, isReplay: true };
    }
    const entry: Entry = { fingerprint, answer: compute(), expiresAtMs: Number.POSITIVE_INFINITY };
    this.#entries.set(key, entry);
    try {
      const answer = await entry.answer;
      if (answer.status === 429 || answer.status >= 500) this.#entries.delete(key);
      else this.#keep(key, entry);
      return { kind: 'answered', answer, isReplay: false };
    } catch (error) {
      this.#entries.delete(key);
      throw error;
    }
  }

  /** Puts a finished answer at the young end and drops what is too old or too much. */
  #keep(key: string, entry: Entry): void {
    const now = this.#clock.monotonicMs();
    entry.expiresAtMs = now + this.#ttlMs;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const [oldKey, old] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries && old.expiresAtMs > now) break;
      if (Number.isFinite(old.expiresAtMs)) this.#entries.delete(oldKey);
      else if (this.#entries.size <= this.#maxEntries) break;
    }
  }
}
