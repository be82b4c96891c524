/**
 * What the processes of a fleet tell each other of one circuit, through a store that may be slow or away: whether somebody
 * found the dependency down or up again, and whose turn it is to probe.
 *
 * Every question has a deadline. After one that failed the store is left alone for a while, so that a store that is down costs
 * a moment now and then, and nothing in between.
 *
 * @module
 */
import { type Clock, type JsonValue, type KeyValueStore, type Logger, withTimeout } from '@gomind/core';

/** Options of {@link SharedCircuit}. */
export interface SharedCircuitOptions {
  /** Name of the dependency: part of the keys. */
  readonly name: string;
  readonly store: KeyValueStore;
  /** Milliseconds that a question may take. */
  readonly storeTimeoutMs: number;
  /** Milliseconds that the store is left alone after a question that failed. */
  readonly storeRestMs: number;
  /** Milliseconds until nobody else may probe. */
  readonly turnMs: number;
  /** Milliseconds that a finding is kept. */
  readonly findingMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What somebody found out. */
export interface Finding {
  readonly state: 'open' | 'closed';
  /** Another one for each finding. */
  readonly id: string;
}

/** Holds the place of an owner that gave its turn back. */
const givenBack = '';

/** The answer to "is it my turn to probe?"; `unknown` when the store does not say. */
export type Turn = 'mine' | 'taken' | 'unknown';

/** One circuit in the store. */
export class SharedCircuit {
  readonly #options: SharedCircuitOptions;
  readonly #owner: string;
  readonly #stop = new AbortController();
  readonly #pending = new Set<Promise<unknown>>();
  #restsUntilMs = Number.NEGATIVE_INFINITY;
  #isAway = false;

  constructor(options: SharedCircuitOptions) {
    this.#options = options;
    this.#owner = options.clock.uuid();
  }

  /** Asks for the right to probe, which nobody else then has for a turn. */
  async takeTurn(): Promise<Turn> {
    const { store, turnMs: ttlMs } = this.#options;
    const isMine = await this.#ask(
      async () =>
        (await store.set(this.#turnKey, this.#owner, { ifAbsent: true, ttlMs })) ||
        (await store.compareAndSet(this.#turnKey, givenBack, this.#owner, { ttlMs })),
    );
    // A store in JavaScript may answer with anything.
    if (typeof isMine !== 'boolean') return 'unknown';
    return isMine ? 'mine' : 'taken';
  }

  /** Gives the right back, because the probe proved nothing. */
  async giveTurnBack(): Promise<void> {
    const { store, turnMs: ttlMs } = this.#options;
    // In one step, so that the turn of somebody else is left alone when ours was over.
    await this.#ask(() => store.compareAndSet(this.#turnKey, this.#owner, givenBack, { ttlMs }));
  }

  /** The last finding; undefined when there is none, or the store does not say. */
  async read(): Promise<Finding | undefined> {
    const { store } = this.#options;
    return findingOf(await this.#ask(() => store.get(this.#findingKey)));
  }

  /**
   * Tells the others.
   *
   * @returns the finding's id, at once
   */
  tell(state: Finding['state']): string {
    const { store, findingMs, clock } = this.#options;
    const id = clock.uuid();
    this.#track(this.#ask(() => store.set(this.#findingKey, { state, id }, { ttlMs: findingMs })));
    return id;
  }

  /** Lets work run on in the background; it must not reject. */
  run(work: () => Promise<void>): void {
    this.#track(work());
  }

  /** Ends every question. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#pending);
  }

  get #turnKey(): string {
    return `circuit-turn:${this.#options.name}`;
  }

  get #findingKey(): string {
    return `circuit:${this.#options.name}`;
  }

  #isClosed(): boolean {
    return this.#stop.signal.aborted;
  }

  #track(work: Promise<unknown>): void {
    this.#pending.add(work);
    void work.finally(() => this.#pending.delete(work));
  }

  /** @returns undefined when the store does not answer, or is left alone; never rejects */
  async #ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    const { name, clock, logger, storeTimeoutMs, storeRestMs } = this.#options;
    if (this.#isClosed() || clock.monotonicMs() < this.#restsUntilMs) return undefined;
    try {
      const answer = await withTimeout(question, {
        timeoutMs: storeTimeoutMs,
        what: 'Asking the store of the circuit breakers',
        signal: this.#stop.signal,
        clock,
      });
      if (this.#isAway) logger.info('The store of the circuit breakers answers again', { name });
      this.#isAway = false;
      return answer;
    } catch (error) {
      if (this.#isClosed()) return undefined;
      this.#restsUntilMs = clock.monotonicMs() + storeRestMs;
      if (!this.#isAway)
        logger.warn('The store of the circuit breakers does not answer; this process goes by what it sees itself', {
          name,
          error,
        });
      this.#isAway = true;
      return undefined;
    }
  }
}

/** Stores are shared with other versions of this code: what cannot be read says nothing. */
function findingOf(value: JsonValue | undefined): Finding | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { state, id } = value as Readonly<Record<string, JsonValue | undefined>>;
  return (state === 'open' || state === 'closed') && typeof id === 'string' ? { state, id } : undefined;
}
