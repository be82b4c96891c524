/**
 * A circuit breaker: stops calling what keeps failing, and finds out with few probes when it may be called again.
 *
 * Invariants (each has a test; P1 to P4 a model test):
 *
 * - P1 Only a successful probe, or the operator, closes an open circuit.
 * - P2 At most `halfOpenMax` probes are in flight.
 * - P3 From any state, after all deadlines and one sleep window, a call is admitted: every probe has a deadline.
 * - P4 The circuit opens only when the window holds `volumeThreshold` calls and more than `errorThreshold` of them failed, or
 *   more than `slowCallThreshold` of them were slow.
 * - Every change of state begins a generation; the result of a call admitted in an earlier one changes nothing.
 * - No timer belongs to the breaker itself, only to calls in flight; time passes when somebody asks.
 *
 * @module
 */
import {
  cancellationError,
  checkNames,
  checkOptions,
  type CircuitBreaker,
  type CircuitCallOptions,
  type CircuitState,
  circuitStateNumber,
  GomindError,
  neverAborted,
  withoutStack,
  withTimeout,
} from '@gomind/core';
import { gomindMetric } from '@gomind/telemetry';
import {
  breakerOptionNames,
  breakerPartChecks,
  type CircuitBreakerOptions,
  type CircuitBreakerSettings,
  resolveSettings,
} from './circuit-breaker-options.ts';
import { CountWindow, type OutcomeWindow, TimeWindow } from './outcome-window.ts';
import { type CircuitStateChangeReason, StateChangeNotifier } from './state-change.ts';

/** A circuit breaker that an operator can switch by hand. */
export interface OperableCircuitBreaker extends CircuitBreaker {
  /** Opens the circuit and holds it open, whatever time passes, until {@link OperableCircuitBreaker.reset}. */
  forceOpen(): void;
  /** Closes the circuit and holds it closed, whatever fails, until {@link OperableCircuitBreaker.reset}. Deadlines still hold. */
  forceClose(): void;
  /** Closes the circuit with an empty window; from then on it guards as usual. */
  reset(): void;
}

/** A breaker that other parts of this package steer. */
export interface SteerableCircuitBreaker extends OperableCircuitBreaker {
  /** Opens the circuit, or lets an open one sleep anew; with 0 the next call is a probe. Changes nothing held by hand. */
  sleepFor(sleepMs: number, reason: CircuitStateChangeReason): void;
  /** Lets a circuit that is not closed sleep anew, while somebody else probes: who is refused is told so. Changes nothing held by hand. */
  waitForProbe(sleepMs: number): void;
  /** Closes the circuit with an empty window. Changes nothing held by hand. */
  wakeUp(reason: CircuitStateChangeReason): void;
}

interface Probe {
  readonly deadlineMs: number;
}

type InnerState =
  | { readonly kind: 'closed'; readonly generation: number; readonly isForced: boolean }
  | {
      readonly kind: 'open';
      readonly generation: number;
      readonly wakeAtMs: number;
      readonly isForced: boolean;
      /** Whether somebody else probes meanwhile. */
      readonly isProbed: boolean;
    }
  | { readonly kind: 'half-open'; readonly generation: number; readonly probes: Set<Probe> };

/** What a call that was let in has to remember. */
interface Admission {
  readonly generation: number;
  /** Only in half-open. */
  readonly probe: Probe | undefined;
  /** Only where slowness counts. */
  readonly startedAtMs: number;
}

type Outcome = 'success' | 'failure' | 'ignored';

class WindowedCircuitBreaker implements SteerableCircuitBreaker {
  readonly #settings: CircuitBreakerSettings;
  readonly #window: OutcomeWindow;
  readonly #notifier: StateChangeNotifier;
  #state: InnerState = { kind: 'closed', generation: 0, isForced: false };
  #isClosed = false;

  constructor(settings: CircuitBreakerSettings) {
    this.#settings = settings;
    const { windowMs, windowCalls, clock } = settings;
    this.#window = windowCalls === undefined ? new TimeWindow(windowMs, clock) : new CountWindow(windowCalls);
    this.#notifier = new StateChangeNotifier(settings.onStateChange, settings.logger);
  }

  get name(): string {
    return this.#settings.name;
  }

  get state(): CircuitState {
    if (this.#isClosed) return 'closed';
    return this.#isAwake() ? 'half-open' : this.#state.kind;
  }

  async execute<T>(operation: (signal: AbortSignal) => Promise<T>, options: CircuitCallOptions = {}): Promise<T> {
    const { signal } = options;
    if (this.#isClosed) return operation(signal ?? neverAborted);
    if (signal?.aborted === true) throw cancellationError(signal, this.#what);
    const admission = this.#admit();
    if (admission === undefined) throw this.#refusal();
    let outcome: Outcome = 'ignored';
    try {
      const result = await this.#run(operation, admission, signal);
      outcome = 'success';
      return result;
    } catch (error) {
      outcome = this.#judge(error, signal);
      throw error;
    } finally {
      this.#settle(admission, outcome);
    }
  }

  forceOpen(): void {
    if (this.#isClosed) return;
    this.#open('forced', Number.POSITIVE_INFINITY);
  }

  forceClose(): void {
    if (this.#isClosed) return;
    this.#closeCircuit('forced', true);
  }

  reset(): void {
    if (this.#isClosed) return;
    this.#closeCircuit('forced', false);
  }

  sleepFor(sleepMs: number, reason: CircuitStateChangeReason): void {
    if (this.#isClosed || this.#isForced()) return;
    this.#open(reason, this.#settings.clock.monotonicMs() + sleepMs);
  }

  waitForProbe(sleepMs: number): void {
    if (this.#isClosed || this.#state.kind === 'closed' || this.#isForced()) return;
    const wakeAtMs = this.#settings.clock.monotonicMs() + sleepMs;
    const generation = this.#nextGeneration();
    this.#enter({ kind: 'open', generation, wakeAtMs, isForced: false, isProbed: true }, 'fleet');
  }

  wakeUp(reason: CircuitStateChangeReason): void {
    if (this.#isClosed || this.#isForced()) return;
    this.#closeCircuit(reason, false);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #what(): string {
    return `The call to "${this.name}"`;
  }

  #isForced(): boolean {
    return this.#state.kind !== 'half-open' && this.#state.isForced;
  }

  /** Nothing is built for a call that nothing can end early: most calls are such. */
  #run<T>(
    operation: (signal: AbortSignal) => Promise<T>,
    { probe }: Admission,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const { name, clock, timeoutMs, probeTimeoutMs } = this.#settings;
    const deadlineMs = probe === undefined ? timeoutMs : probeTimeoutMs;
    if (deadlineMs === undefined && signal === undefined) return operation(neverAborted);
    return withTimeout(operation, {
      timeoutMs: deadlineMs,
      what: this.#what,
      details: { dependency: name },
      signal,
      clock,
    });
  }

  /** Whether the circuit is open and its sleep is over, so that the next call is a probe. */
  #isAwake(): boolean {
    return this.#state.kind === 'open' && this.#settings.clock.monotonicMs() >= this.#state.wakeAtMs;
  }

  /** @returns undefined when the call is refused */
  #admit(): Admission | undefined {
    if (this.#isAwake())
      this.#enter({ kind: 'half-open', generation: this.#nextGeneration(), probes: new Set() }, 'sleep-over');
    const state = this.#state;
    const { clock, halfOpenMax, probeTimeoutMs, slowCallMs } = this.#settings;
    const startedAtMs = slowCallMs === Number.POSITIVE_INFINITY ? 0 : clock.monotonicMs();
    if (state.kind === 'closed') return { generation: state.generation, probe: undefined, startedAtMs };
    if (state.kind === 'open' || state.probes.size >= halfOpenMax) return undefined;
    const probe: Probe = { deadlineMs: clock.monotonicMs() + probeTimeoutMs };
    state.probes.add(probe);
    return { generation: state.generation, probe, startedAtMs };
  }

  #judge(error: unknown, signal: AbortSignal | undefined): Outcome {
    if (signal?.aborted === true) return 'ignored';
    try {
      return this.#settings.isFailure(error) ? 'failure' : 'ignored';
    } catch (classifierError) {
      this.#settings.logger.error('The isFailure option of a circuit breaker failed; the call counts as a failure', {
        circuitBreaker: this.name,
        error: classifierError,
      });
      return 'failure';
    }
  }

  #settle(admission: Admission, outcome: Outcome): void {
    const state = this.#state;
    if (this.#isClosed || admission.generation !== state.generation) return;
    if (outcome === 'ignored') {
      if (state.kind === 'half-open' && admission.probe !== undefined) state.probes.delete(admission.probe);
      return;
    }
    const { clock, slowCallMs } = this.#settings;
    const isSlow = slowCallMs !== Number.POSITIVE_INFINITY && clock.monotonicMs() - admission.startedAtMs > slowCallMs;
    if (state.kind === 'half-open') this.#settleProbe(outcome, isSlow);
    else if (state.kind === 'closed' && !state.isForced) this.#count(outcome, isSlow);
  }

  /** The first probe that says anything decides. */
  #settleProbe(outcome: Outcome, isSlow: boolean): void {
    if (outcome === 'failure') this.#open('probe-failed', this.#nextWakeAtMs());
    else if (isSlow) this.#open('probe-slow', this.#nextWakeAtMs());
    else this.#closeCircuit('probe-succeeded', false);
  }

  #count(outcome: Outcome, isSlow: boolean): void {
    this.#window.record(outcome === 'failure', isSlow);
    const { errorThreshold, slowCallThreshold, volumeThreshold } = this.#settings;
    const { calls, failures, slowCalls } = this.#window.totals();
    if (calls < volumeThreshold) return;
    if (isTooMany(failures, calls, errorThreshold)) this.#open('failure-rate', this.#nextWakeAtMs());
    else if (isTooMany(slowCalls, calls, slowCallThreshold)) this.#open('slow-call-rate', this.#nextWakeAtMs());
  }

  #nextWakeAtMs(): number {
    const { clock, sleepWindowMs, sleepJitter } = this.#settings;
    const jitter = sleepJitter === 0 ? 0 : sleepJitter * clock.random();
    return clock.monotonicMs() + sleepWindowMs * (1 + jitter);
  }

  #open(reason: CircuitStateChangeReason, wakeAtMs: number): void {
    const isForced = reason === 'forced';
    const generation = this.#nextGeneration();
    this.#enter({ kind: 'open', generation, wakeAtMs, isForced, isProbed: false }, reason);
  }

  #closeCircuit(reason: CircuitStateChangeReason, isForced: boolean): void {
    this.#window.clear();
    this.#enter({ kind: 'closed', generation: this.#nextGeneration(), isForced }, reason);
  }

  #nextGeneration(): number {
    return this.#state.generation + 1;
  }

  #enter(next: InnerState, reason: CircuitStateChangeReason): void {
    const from = this.#state.kind;
    this.#state = next;
    if (from === next.kind) return;
    const { name, telemetry, logger } = this.#settings;
    const change = { name, from, to: next.kind, reason };
    if (next.kind === 'open') logger.warn('A circuit breaker opened', change);
    else logger.info('A circuit breaker changed its state', change);
    telemetry.recordMetric(gomindMetric.circuitBreakerStateChanges, 1, change, { kind: 'counter', unit: '{change}' });
    telemetry.recordMetric(
      gomindMetric.circuitBreakerState,
      circuitStateNumber[next.kind],
      { name },
      { kind: 'gauge' },
    );
    this.#notifier.notify(change);
  }

  #refusal(): GomindError {
    const { name, telemetry } = this.#settings;
    const retryAfterMs = this.#retryAfterMs();
    telemetry.recordMetric(gomindMetric.circuitBreakerRejections, 1, { name }, { kind: 'counter', unit: '{call}' });
    const { kind } = this.#state;
    const state = kind === 'open' && this.#state.isProbed ? 'half-open' : kind;
    const reason = this.#isForced()
      ? 'it was opened by hand; call reset() to let calls pass again'
      : state === 'open'
        ? `it failed too often; the next probe is due in ${String(retryAfterMs)} ms`
        : 'it is being probed after too many failures; retry when the probe has ended';
    const details = { dependency: name, state, retryAfterMs };
    const message = `The call to "${name}" was refused: ${reason}.`;
    return withoutStack(() => new GomindError({ code: 'CIRCUIT_OPEN', message, isRetryable: true, details }));
  }

  /** When asking again may help: at the end of the sleep, or when the first probe must have ended. */
  #retryAfterMs(): number {
    const { clock, sleepWindowMs } = this.#settings;
    const state = this.#state;
    if (state.kind === 'open' && state.isForced) return sleepWindowMs;
    // All probes have the same time, so the first to begin must be the first to end.
    const [firstProbe] = state.kind === 'half-open' ? state.probes : [];
    const dueAtMs = state.kind === 'open' ? state.wakeAtMs : (firstProbe?.deadlineMs ?? 0);
    return Math.max(0, Math.ceil(dueAtMs - clock.monotonicMs()));
  }
}

/** More than the threshold; all are too many too, or a threshold of 1 would never be passed. */
function isTooMany(count: number, calls: number, threshold: number): boolean {
  return count > calls * threshold || count === calls;
}

/**
 * Makes a circuit breaker.
 *
 * @param options only `name` is required; defaults: opens above 50 % failures of at least 10 calls in 60 s, probes after 30 s
 * @returns a breaker; `close()` it when the dependency is gone
 * @throws GomindError `CONFIG_INVALID` for an option that cannot be used
 * @example
 * ```ts
 * const breaker = createCircuitBreaker({ name: 'payments', timeoutMs: 2_000 });
 * const receipt = await breaker.execute((signal) => fetch(url, { signal }));
 * ```
 */
export function createCircuitBreaker(options: CircuitBreakerOptions): OperableCircuitBreaker {
  checkOptions('createCircuitBreaker', options, breakerPartChecks);
  checkNames('createCircuitBreaker', options, breakerOptionNames);
  return createSteerableCircuitBreaker(options);
}

/** Makes a circuit breaker for parts of this package that decide some of its changes. */
export function createSteerableCircuitBreaker(options: CircuitBreakerOptions): SteerableCircuitBreaker {
  return new WindowedCircuitBreaker(resolveSettings(options));
}
