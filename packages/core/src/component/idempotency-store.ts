/**
 * Answers a repeated call with the stored answer, so that the promise about effects does not rest on user code.
 *
 * @module
 */
import type { Clock } from '../contracts/clock.ts';
import type { Answer } from './envelope.ts';

/** How a call ended for good, which may be after its caller was told that it took too long. */
export interface CallEnd {
  readonly answer: Answer;
  /** Whether a repetition gets this answer too; else it runs again. */
  readonly isFinal: boolean;
}

/** A call that has begun. */
export interface StartedCall {
  /** What its caller is told. */
  readonly answer: Promise<Answer>;
  /** Neither this nor `answer` rejects. */
  readonly end: Promise<CallEnd>;
}

/** What a key stands for, and how its call is made. */
export interface KeyedCall {
  /** The caller's idempotency key, made unique per capability. */
  readonly key: string;
  /** Of the input; another one under the same key is a conflict. */
  readonly fingerprint: string;
  readonly start: () => StartedCall;
  /** Waits for the end of a call that another caller began. */
  readonly join: (end: Promise<Answer>) => Promise<Answer>;
}

/** How a key was met. */
export type IdempotentAnswer =
  { readonly kind: 'answered'; readonly answer: Answer; readonly isReplay: boolean } | { readonly kind: 'conflict' };

interface Entry {
  readonly fingerprint: string;
  readonly end: Promise<Answer>;
  /** Infinity while the call is at work. */
  expiresAtMs: number;
  characters: number;
}

/** A bounded store of answers by idempotency key. */
export class IdempotencyStore {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #maxEntries: number;
  readonly #maxCharacters: number;
  #characters = 0;

  /** @param options `ttlMs` default 24 h, `maxEntries` 10,000, `maxCharacters` of all answers 64 Mi; the oldest answers go first */
  constructor(options: {
    readonly clock: Clock;
    readonly ttlMs?: number;
    readonly maxEntries?: number;
    readonly maxCharacters?: number;
  }) {
    this.#clock = options.clock;
    this.#ttlMs = options.ttlMs ?? 86_400_000;
    this.#maxEntries = options.maxEntries ?? 10_000;
    this.#maxCharacters = options.maxCharacters ?? 64 * 1_048_576;
  }

  /** Makes a call once per key; whoever comes while it is at work waits for the same end, also when its first caller left. */
  async answer({ key, fingerprint, start, join }: KeyedCall): Promise<IdempotentAnswer> {
    const known = this.#entries.get(key);
    if (known !== undefined && known.expiresAtMs > this.#clock.monotonicMs()) {
      if (known.fingerprint !== fingerprint) return { kind: 'conflict' };
      return { kind: 'answered', answer: await join(known.end), isReplay: true };
    }
    const started = start();
    const entry: Entry = {
      fingerprint,
      end: started.end.then((end) => {
        this.#forget(key, entry);
        if (end.isFinal) this.#keep(key, entry, end.answer);
        return end.answer;
      }),
      expiresAtMs: Number.POSITIVE_INFINITY,
      characters: 0,
    };
    if (known !== undefined) this.#forget(key, known);
    this.#entries.set(key, entry);
    return { kind: 'answered', answer: await started.answer, isReplay: false };
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) !== entry) return;
    this.#entries.delete(key);
    this.#characters -= entry.characters;
  }

  /** Puts a finished answer at the young end and drops what is too old or too much; calls at work stay. */
  #keep(key: string, entry: Entry, answer: Answer): void {
    const now = this.#clock.monotonicMs();
    entry.expiresAtMs = now + this.#ttlMs;
    entry.characters = key.length + answer.body.length;
    this.#entries.set(key, entry);
    this.#characters += entry.characters;
    for (const [oldKey, old] of this.#entries) {
      const isTooMuch = this.#entries.size > this.#maxEntries || this.#characters > this.#maxCharacters;
      if (!isTooMuch && old.expiresAtMs > now) break;
      if (Number.isFinite(old.expiresAtMs)) this.#forget(oldKey, old);
    }
  }
}
