/**
 * A circuit breaker whose state a fleet of processes shares: when one finds the dependency down, the others leave it alone too;
 * when its sleep is over, one of them probes and the others wait for what it finds.
 *
 * Invariants (each has a test):
 *
 * - F1 While the store answers, at most one probe of the fleet begins in a sleep window, unless one was cancelled or proved nothing.
 * - F2 No call waits for the store but the one that may become the probe, and that for at most `storeTimeoutMs`.
 * - F3 Without the store each process is a circuit breaker of its own, with all its rules.
 * - F4 What an operator switches by hand holds, in this process alone.
 *
 * @module
 */
import {
  checkNames,
  checkOptions,
  type CircuitCallOptions,
  type CircuitState,
  type KeyValueStore,
  type OptionCheck,
  withMethods,
} from '@gomind/core';
import {
  breakerOptionNames,
  breakerPartChecks,
  type CircuitBreakerOptions,
  type CircuitBreakerSettings,
  isDuration,
  optionRefused,
  resolveSettings,
} from '../circuit-breaker/circuit-breaker-options.ts';
import {
  createSteerableCircuitBreaker,
  type OperableCircuitBreaker,
  type SteerableCircuitBreaker,
} from '../circuit-breaker/circuit-breaker.ts';
import type { CircuitStateChange } from '../circuit-breaker/state-change.ts';
import { type Finding, SharedCircuit, type Turn } from './shared-circuit.ts';

/** Options of {@link createFleetCircuitBreaker}: those of a breaker, but that a fleet has one probe at a time. */
export interface FleetCircuitBreakerOptions extends Omit<CircuitBreakerOptions, 'halfOpenMax'> {
  /** Shared by the fleet, for example a `RedisStorage`. Stays the caller's. */
  readonly store: KeyValueStore;
  /** Milliseconds that one question to the store may take. Default: 250. */
  readonly storeTimeoutMs?: number;
  /** Milliseconds between two looks at what the others found, made while calls are. Default: 1,000. */
  readonly syncMs?: number;
  /** Milliseconds that the store is left alone after a question that failed. Default: 5,000. */
  readonly storeRestMs?: number;
}

/**
 * Makes a circuit breaker that shares its state.
 *
 * @param options as of `createCircuitBreaker`, and the store; all processes give the same name and sleep window
 * @throws GomindError `CONFIG_INVALID` for an option out of range
 * @example
 * ```ts
 * const storage = new RedisStorage({ url });
 * const breaker = (name: string) => createFleetCircuitBreaker({ name, store: storage });
 * const orchestrator = createOrchestrator({ discovery, aiClient, breaker });
 * ```
 */
export function createFleetCircuitBreaker(options: FleetCircuitBreakerOptions): OperableCircuitBreaker {
  return new FleetCircuitBreaker(options);
}

const optionChecks: Readonly<Record<string, OptionCheck>> = {
  ...breakerPartChecks,
  store: {
    ...withMethods('a KeyValueStore such as new RedisStorage({ url })', ['get', 'set', 'compareAndSet']),
    isRequired: true,
  },
};

const optionNames = [...breakerOptionNames, 'store', 'storeTimeoutMs', 'syncMs', 'storeRestMs'];

type Call<T> = (signal: AbortSignal) => Promise<T>;

class FleetCircuitBreaker implements OperableCircuitBreaker {
  readonly #settings: CircuitBreakerSettings;
  readonly #inner: SteerableCircuitBreaker;
  readonly #shared: SharedCircuit;
  readonly #syncMs: number;
  readonly #storeTimeoutMs: number;
  /** Whether a call asks for the turn to probe. */
  #isAsking = false;
  /** The probe at work. A change of state ends it, though its call may go on: the next one has to ask for the turn again. */
  #probe: symbol | undefined;
  /** The last finding that was heard or told. */
  #heard: string | undefined;
  #nextSyncMs = Number.NEGATIVE_INFINITY;
  /** Grows with each change of state: what was asked before is answered too late. */
  #changes = 0;

  constructor(options: FleetCircuitBreakerOptions) {
    checkOptions('createFleetCircuitBreaker', options, optionChecks);
    checkNames('createFleetCircuitBreaker', options, optionNames);
    const { store, storeTimeoutMs = 250, storeRestMs = 5_000, syncMs = 1_000, ...own } = options;
    this.#settings = resolveSettings({ ...own, halfOpenMax: 1 });
    const { name, clock, logger, sleepWindowMs, sleepJitter, probeTimeoutMs } = this.#settings;
    checkDurations(name, { storeTimeoutMs, storeRestMs, syncMs });
    this.#storeTimeoutMs = storeTimeoutMs;
    this.#syncMs = Math.min(syncMs, sleepWindowMs);
    // Perhaps an async function: what it rejects with is the inner breaker's to log.
    const onStateChange: (change: CircuitStateChange) => unknown = this.#settings.onStateChange;
    this.#inner = createSteerableCircuitBreaker({
      ...this.#settings,
      onStateChange: (change) => {
        this.#note(change);
        return onStateChange(change);
      },
    });
    this.#shared = new SharedCircuit({
      ...{ name, store, storeTimeoutMs, storeRestMs, clock, logger },
      turnMs: sleepWindowMs,
      findingMs: 2 * sleepWindowMs * (1 + sleepJitter) + probeTimeoutMs,
    });
  }

  get name(): string {
    return this.#inner.name;
  }

  get state(): CircuitState {
    // Who asks for the turn is about to probe, whatever holds the others off meanwhile.
    return this.#isAsking && this.#inner.state !== 'closed' ? 'half-open' : this.#inner.state;
  }

  async execute<T>(operation: Call<T>, options: CircuitCallOptions = {}): Promise<T> {
    const isDue = this.#inner.state === 'half-open' && options.signal?.aborted !== true;
    if (isDue && this.#isAsking) this.#inner.waitForProbe(this.#storeTimeoutMs);
    else if (isDue && this.#probe === undefined) return this.#tryToProbe(operation, options);
    this.#syncSoon();
    return this.#inner.execute(operation, options);
  }

  forceOpen(): void {
    this.#inner.forceOpen();
  }

  forceClose(): void {
    this.#inner.forceClose();
  }

  reset(): void {
    this.#inner.reset();
  }

  async close(): Promise<void> {
    await this.#inner.close();
    await this.#shared.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #tryToProbe<T>(operation: Call<T>, options: CircuitCallOptions): Promise<T> {
    this.#isAsking = true;
    // Whoever comes meanwhile is refused.
    this.#inner.waitForProbe(this.#storeTimeoutMs);
    const changes = this.#changes;
    const [turn, finding] = await Promise.all([this.#shared.takeTurn(), this.#shared.read()]);
    this.#isAsking = false;
    this.#hear(finding, changes);
    // Not mine alone to say: somebody else, or the operator, may have closed or opened it meanwhile.
    this.#inner.waitForProbe(turn === 'taken' ? this.#syncMs : 0);
    const isProbe = turn !== 'taken' && this.#inner.state === 'half-open';
    if (turn === 'mine' && !isProbe) this.#giveTurnBack();
    return isProbe ? this.#probeWith(operation, { options, turn }) : this.#inner.execute(operation, options);
  }

  async #probeWith<T>(operation: Call<T>, { options, turn }: { options: CircuitCallOptions; turn: Turn }): Promise<T> {
    const probe = Symbol('probe');
    this.#probe = probe;
    try {
      return await this.#inner.execute(operation, options);
    } finally {
      // Cancelled, or an answer that says nothing of the service's health; else the change of state has told the others.
      if (this.#probe === probe) {
        this.#probe = undefined;
        if (turn === 'mine') this.#giveTurnBack();
      }
    }
  }

  #giveTurnBack(): void {
    this.#shared.run(() => this.#shared.giveTurnBack());
  }

  /** Asks what the others found, without making the call wait. */
  #syncSoon(): void {
    const nowMs = this.#settings.clock.monotonicMs();
    if (nowMs < this.#nextSyncMs || this.#isAsking || this.#probe !== undefined) return;
    this.#nextSyncMs = nowMs + this.#syncMs;
    const changes = this.#changes;
    this.#shared.run(async () => {
      this.#hear(await this.#shared.read(), changes);
    });
  }

  #hear(finding: Finding | undefined, changes: number): void {
    if (finding === undefined || finding.id === this.#heard || changes !== this.#changes) return;
    this.#heard = finding.id;
    const { clock, sleepWindowMs, sleepJitter } = this.#settings;
    const isClosed = this.#inner.state === 'closed';
    if (finding.state === 'closed' && !isClosed) this.#inner.wakeUp('fleet');
    if (finding.state === 'open' && isClosed)
      this.#inner.sleepFor(sleepWindowMs * (1 + sleepJitter * clock.random()), 'fleet');
  }

  /** What this process found out itself is told; what it heard, or was told by hand, is not. */
  #note({ from, reason }: CircuitStateChange): void {
    this.#changes++;
    if (from === 'half-open') this.#probe = undefined;
    if (reason === 'fleet' || reason === 'forced' || reason === 'sleep-over') return;
    this.#heard = this.#shared.tell(reason === 'probe-succeeded' ? 'closed' : 'open');
  }
}

function checkDurations(name: string, durations: Readonly<Record<string, number>>): void {
  for (const [option, value] of Object.entries(durations))
    if (!isDuration(value)) throw optionRefused(name, { option, value, accepted: 'a number of milliseconds above 0' });
}
