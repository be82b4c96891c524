/**
 * One circuit breaker for each component and each model provider (the reference's `ResilientOrchestrator`): made on first use,
 * bounded in number, and watched, so that planning, health and running requests know who is left alone.
 *
 * Holds no timer: a breaker's state is looked at after each of its calls and whenever somebody asks.
 *
 * @module
 */
import {
  type CircuitBreaker,
  type CircuitCallOptions,
  type CircuitState,
  circuitStateNumber,
  type Clock,
  CooldownBreaker,
  GomindError,
  type Logger,
  type Telemetry,
  withMethods,
} from '@gomind/core';

/** A dependency that is left alone, or allowed again. */
export interface CircuitChange {
  readonly type: 'breaker.opened' | 'breaker.closed';
  readonly name: string;
}

/** Options of {@link CircuitBreakers}. */
export interface CircuitBreakersOptions {
  /** Makes the breaker of a dependency. Default: five failures in a row open it for 30 s. */
  readonly make?: ((name: string) => CircuitBreaker) | undefined;
  /** Breakers kept at most; the least recently used goes first, closed ones before open ones. Default: 1,000. */
  readonly maxBreakers?: number;
  /** Milliseconds without a call after which a closed breaker may go. Default: 600,000. */
  readonly idleMs?: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

interface Entry {
  readonly name: string;
  readonly breaker: CircuitBreaker;
  usedAtMs: number;
  /** As it was last told. */
  state: CircuitState;
}

/** What an application makes may be none, and would fail deep within a call. */
function checkBreaker(name: string, made: unknown): CircuitBreaker {
  if (isBreaker.fits(made)) return made as CircuitBreaker;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `The function "breaker" made no CircuitBreaker for "${name}". It must return one, such as createCircuitBreaker({ name }) or passThroughBreaker.`,
  });
}

const isBreaker = withMethods('a CircuitBreaker', ['execute', 'close']);

/** The breakers of one orchestrator or engine. */
export class CircuitBreakers {
  readonly #options: CircuitBreakersOptions;
  readonly #make: (name: string) => CircuitBreaker;
  /** By name, least recently used first. */
  readonly #own = new Map<string, Entry>();
  /** Breakers that others made and close. */
  readonly #watched: Entry[] = [];
  readonly #listeners = new Set<(change: CircuitChange) => void>();
  /** Who waits until a dependency is called again, by its name. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(options: CircuitBreakersOptions) {
    this.#options = options;
    const { clock, logger, telemetry } = options;
    // Whoever makes a call has a deadline for it, perhaps a longer one than a breaker would give.
    this.#make =
      options.make ??
      ((name) => new CooldownBreaker({ name, timeoutMs: Number.POSITIVE_INFINITY, clock, logger, telemetry }));
  }

  /**
   * Runs an operation under the breaker of a dependency.
   *
   * @throws GomindError `CIRCUIT_OPEN` when the dependency is left alone, `CONFIG_INVALID` when the application made no breaker
   *   for it; else what the operation throws
   */
  async guard<T>(
    name: string,
    operation: (signal: AbortSignal) => Promise<T>,
    options?: CircuitCallOptions,
  ): Promise<T> {
    const entry = this.#use(name);
    try {
      return await entry.breaker.execute(operation, options);
    } catch (error) {
      // A probe that proved nothing has left its place; one of those who wait may have it.
      if (entry.breaker.state === 'half-open' && !isRefusal(error, name)) this.#wakeNext(name);
      throw error;
    } finally {
      this.#look(entry);
    }
  }

  /** Tells of breakers that somebody else uses and closes; call {@link CircuitBreakers.look} when they may have changed. */
  watch(breakers: readonly CircuitBreaker[]): void {
    for (const breaker of breakers) this.#watched.push(this.#entryOf(breaker.name, breaker));
  }

  /** Looks at the watched breakers now. */
  look(): void {
    for (const entry of this.#watched) this.#look(entry);
  }

  /** Whether calls of a dependency are refused now; false once its next call would be a probe. */
  isOpen(name: string): boolean {
    const entry = this.#own.get(name);
    return entry !== undefined && this.#look(entry) === 'open';
  }

  /** Names of all whose calls are refused now, watched ones included. */
  openCircuits(): readonly string[] {
    return [...this.#own.values(), ...this.#watched]
      .filter((entry) => this.#look(entry) === 'open')
      .map(({ name }) => name);
  }

  /** Those whose calls are not refused now; the same list when that is all of them. */
  available<T extends { readonly name: string }>(components: readonly T[]): readonly T[] {
    const isOpen = ({ name }: T): boolean => this.isOpen(name);
    return components.some(isOpen) ? components.filter((component) => !isOpen(component)) : components;
  }

  /** All of them, those whose calls are refused now at the end; the same list when there are none. */
  availableFirst<T extends { readonly name: string }>(components: readonly T[]): readonly T[] {
    const available = this.available(components);
    return available === components ? components : [...new Set([...available, ...components])];
  }

  /**
   * Tells of every circuit that opens or closes, from now on.
   *
   * @param listener must not wait; what it throws is logged
   * @returns ends the subscription
   */
  onChange(listener: (change: CircuitChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Tells once that a dependency may be called again: its circuit has closed, another one has come under its name, or it is this
   * one's turn to probe.
   *
   * @param name of a dependency whose circuit was open
   * @param listener must not wait; what it throws is logged
   * @returns ends the wait
   */
  onceCallable(name: string, listener: () => void): () => void {
    // One of its own, so that one function that waits twice is told twice.
    const own = (): void => {
      listener();
    };
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting.add(own));
    return () => {
      waiting.delete(own);
      if (waiting.size === 0 && this.#waiting.get(name) === waiting) this.#waiting.delete(name);
    };
  }

  /** Drops the breaker of a dependency that has gone: what comes next under that name is another one. */
  forget(name: string): void {
    const entry = this.#own.get(name);
    if (entry !== undefined) this.#drop(entry);
  }

  /** Begins with a new breaker for a dependency that is left alone and has come anew, and tells who waited for one of its name. */
  renew(name: string): void {
    const entry = this.#own.get(name);
    if (entry !== undefined && this.#look(entry) !== 'closed') this.#drop(entry);
    this.#wake(name);
  }

  /** Closes all breakers made here; calls run on unguarded. */
  async close(): Promise<void> {
    const all = [...this.#own.values()];
    this.#own.clear();
    this.#watched.length = 0;
    this.#listeners.clear();
    this.#waiting.clear();
    await Promise.all(all.map((entry) => this.#closeBreaker(entry)));
  }

  #use(name: string): Entry {
    let entry = this.#own.get(name);
    if (entry === undefined) {
      this.#makeRoom();
      entry = this.#entryOf(name, checkBreaker(name, this.#make(name)));
    } else {
      this.#own.delete(name);
      entry.usedAtMs = this.#options.clock.monotonicMs();
    }
    this.#own.set(name, entry);
    return entry;
  }

  #entryOf(name: string, breaker: CircuitBreaker): Entry {
    return { name, breaker, usedAtMs: this.#options.clock.monotonicMs(), state: 'closed' };
  }

  /** Forgetting who is down would cost calls, so they go last. */
  #makeRoom(): void {
    const { clock, maxBreakers = 1_000, idleMs = 600_000 } = this.#options;
    const idleBefore = clock.monotonicMs() - idleMs;
    for (const entry of this.#own.values()) {
      if (this.#own.size < maxBreakers && entry.usedAtMs > idleBefore) break;
      if (this.#look(entry) === 'closed') this.#drop(entry);
    }
    for (const entry of this.#own.values()) {
      if (this.#own.size < maxBreakers) break;
      this.#drop(entry);
    }
  }

  #drop(entry: Entry): void {
    this.#own.delete(entry.name);
    if (entry.state !== 'closed') this.#tell(entry, 'closed');
    void this.#closeBreaker(entry);
  }

  async #closeBreaker({ name, breaker }: Entry): Promise<void> {
    try {
      await breaker.close();
    } catch (error) {
      this.#options.logger.warn('A circuit breaker could not be closed', { name, error });
    }
  }

  #look(entry: Entry): CircuitState {
    const { state } = entry.breaker;
    if (state === entry.state) return state;
    const isKnown = this.#own.get(entry.name) === entry || this.#watched.includes(entry);
    if (isKnown) {
      this.#tell(entry, state);
      if (state === 'closed') this.#wake(entry.name);
    }
    return state;
  }

  #wakeNext(name: string): void {
    const waiting = this.#waiting.get(name);
    const [next] = waiting ?? [];
    if (waiting === undefined || next === undefined) return;
    waiting.delete(next);
    if (waiting.size === 0) this.#waiting.delete(name);
    this.#call(next, name);
  }

  #wake(name: string): void {
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const listener of waiting) this.#call(listener, name);
  }

  #call(listener: () => void, name: string): void {
    try {
      listener();
    } catch (error) {
      this.#options.logger.warn('A listener to circuit breakers threw', { name, error });
    }
  }

  #tell(entry: Entry, state: CircuitState): void {
    const { name, state: before } = entry;
    const { logger, telemetry } = this.#options;
    entry.state = state;
    telemetry.recordMetric('gomind.breaker.state', circuitStateNumber[state], { name }, { kind: 'gauge' });
    // Between open and half-open nothing changes for those who listen: the dependency is still down.
    if (before !== 'closed' && state !== 'closed') return;
    const change: CircuitChange = { type: state === 'closed' ? 'breaker.closed' : 'breaker.opened', name };
    if (state === 'closed') logger.info('A dependency is called again', { name });
    else logger.warn('A dependency failed too often and is left alone for a while', { name });
    for (const listener of this.#listeners) {
      this.#call(() => {
        listener(change);
      }, name);
    }
  }
}

function isRefusal(error: unknown, name: string): boolean {
  return GomindError.isInstance(error, 'CIRCUIT_OPEN') && error.details['dependency'] === name;
}
