/**
 * A circuit breaker: stops calling what keeps failing, and finds out with few probes when it may be called again.
 *
 * Invariants (each has a test; P1 to P4 a model test):
 *
 * - P1 Only a successful probe, or the operator, closes an open circuit.
 * - P2 At most `halfOpenMax` probes are in flight.
 * - P3 From any state, after all deadlines and one sleep window, a call is admitted: every probe has a deadline.
 * - P4 The circuit opens only when the window holds `volumeThreshold` calls and more than `errorThreshold` of them failed.
 * - Every change of state begins a generation; the result of a call admitted in an earlier one changes nothing.
 * - No timer belongs to the breaker itself, only to calls in flight; time passes when somebody asks.
 *
 * @module
 */
import {
  cancellationError,
  type CircuitBreaker,
  type CircuitCallOptions,
  type CircuitState,
  GomindError,
  withTimeout,
} from '@gomind/core';
import { gomindMetric } from '@gomind/telemetry';
import { type CircuitBreakerOptions, type CircuitBreakerSettings, resolveSettings } from './circuit-breaker-options.ts';
import { OutcomeWindow } from './outcome-window.ts';
import { type CircuitStateChangeReason, StateChangeNotifier } from './state-change.ts';

/** A circuit breaker that an operator can switch by hand. */
export interface OperableCircuitBreaker extends CircuitBreaker {
  /** Opens the circuit and keeps it open, whatever time passes, until {@link OperableCircuitBreaker.forceClose}. */
  forceOpen(): void;
  /** Closes the circuit with an empty window and ends {@link OperableCircuitBreaker.forceOpen}; from then on it guards as usual. */
  forceClose(): void;
}

interface Probe {
  readonly deadlineMs: number;
}

type InnerState =
  | { readonly kind: 'closed'; readonly generation: number }
  | { readonly kind: 'open'; readonly generation: number; readonly wakeAtMs: number; readonly isForced: boolean }
  | { readonly kind: 'half-open'; readonly generation: number; readonly probes: Set<Probe> };

interface Admission {
  readonly generation: number;
  /** Only in half-open. */
  readonly probe: Probe | undefined;
}

type Outcome = 'success' | 'failure' | 'ignored';

const neverAborted: AbortSignal = new AbortController().signal;

class WindowedCircuitBreaker implements OperableCircuitBreaker {
  readonly #settings: CircuitBreakerSettings;
  readonly #window: OutcomeWindow;
  readonly #notifier: StateChangeNotifier;
  #state: InnerState = { kind: 'closed', generation: 0 };
  #isClosed = false;

  constructor(settings: CircuitBreakerSettings) {
    this.#settings = settings;
    this.#window = new OutcomeWindow(settings.windowMs, settings.clock);
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
    const { name, clock, timeoutMs, probeTimeoutMs } = this.#settings;
    const what = `The call to "${name}"`;
    if (signal?.aborted === true) throw cancellationError(signal, what);
    const admission = this.#admit();
    let outcome: Outcome = 'ignored';
    try {
      const result = await withTimeout(operation, {
        timeoutMs: admission.probe === undefined ? timeoutMs : probeTimeoutMs,
        what,
        details: { dependency: name },
        signal,
        clock,
      });
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
    this.#closeCircuit('forced');
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Whether the circuit is open and its sleep is over, so that the next call is a probe. */
  #isAwake(): boolean {
    return this.#state.kind === 'open' && this.#settings.clock.monotonicMs() >= this.#state.wakeAtMs;
  }

  #admit(): Admission {
    if (this.#isAwake())
      this.#enter({ kind: 'half-open', generation: this.#nextGeneration(), probes: new Set() }, 'sleep-over');
    const state = this.#state;
    if (state.kind === 'closed') return { generation: state.generation, probe: undefined };
    const { clock, halfOpenMax, probeTimeoutMs } = this.#settings;
    if (state.kind === 'open' || state.probes.size >= halfOpenMax) throw this.#rejection();
    const probe: Probe = { deadlineMs: clock.monotonicMs() + probeTimeoutMs };
    state.probes.add(probe);
    return { generation: state.generation, probe };
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
    if (state.kind === 'half-open' && admission.probe !== undefined) {
      state.probes.delete(admission.probe);
      if (outcome === 'success') this.#closeCircuit('probe-succeeded');
      else if (outcome === 'failure') this.#open('probe-failed', this.#nextWakeAtMs());
    } else if (outcome !== 'ignored') {
      this.#window.record(outcome === 'failure');
      if (this.#hasFailedTooOften()) this.#open('failure-rate', this.#nextWakeAtMs());
    }
  }

  #hasFailedTooOften(): boolean {
    const { errorThreshold, volumeThreshold } = this.#settings;
    const { calls, failures } = this.#window.totals();
    return calls >= volumeThreshold && (failures / calls > errorThreshold || failures === calls);
  }

  #nextWakeAtMs(): number {
    const { clock, sleepWindowMs, sleepJitter } = this.#settings;
    const jitter = sleepJitter === 0 ? 0 : sleepJitter * clock.random();
    return clock.monotonicMs() + sleepWindowMs * (1 + jitter);
  }

  #open(reason: CircuitStateChangeReason, wakeAtMs: number): void {
    const isForced = reason === 'forced';
    this.#enter({ kind: 'open', generation: this.#nextGeneration(), wakeAtMs, isForced }, reason);
  }

  #closeCircuit(reason: CircuitStateChangeReason): void {
    this.#window.clear();
    this.#enter({ kind: 'closed', generation: this.#nextGeneration() }, reason);
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
    this.#notifier.notify(change);
  }

  #rejection(): GomindError {
    const { name, telemetry } = this.#settings;
    const retryAfterMs = this.#retryAfterMs();
    telemetry.recordMetric(gomindMetric.circuitBreakerRejections, 1, { name }, { kind: 'counter', unit: '{call}' });
    const isForced = this.#state.kind === 'open' && this.#state.isForced;
    const reason = isForced
      ? 'it was opened by hand; call forceClose() to let calls pass again'
      : this.#state.kind === 'open'
        ? `it failed too often; the next probe is due in ${String(retryAfterMs)} ms`
        : 'it is being probed after too many failures; retry when the probe has ended';
    return new GomindError({
      code: 'CIRCUIT_OPEN',
      message: `The call to "${name}" was refused: ${reason}.`,
      isRetryable: true,
      details: { dependency: name, state: this.#state.kind, retryAfterMs },
    });
  }

  /** When asking again may help: at the end of the sleep, or when the first probe must have ended. */
  #retryAfterMs(): number {
    const { clock, sleepWindowMs } = this.#settings;
    const state = this.#state;
    if (state.kind === 'open' && state.isForced) return sleepWindowMs;
    const dueAtMs =
      state.kind === 'open'
        ? state.wakeAtMs
        : state.kind === 'half-open'
          ? Math.min(...[...state.probes].map((probe) => probe.deadlineMs))
          : 0;
    return Math.max(0, Math.ceil(dueAtMs - clock.monotonicMs()));
  }
}

/**
 * Makes a circuit breaker.
 *
 * @param options only `name` is required; defaults: opens above 50 % failures of at least 10 calls in 60 s, probes after 30 s
 * @returns a breaker; `close()` it when the dependency is gone
 * @throws GomindError `CONFIG_INVALID` for an option out of range
 * @example
 * ```ts
 * const breaker = createCircuitBreaker({ name: 'payments', timeoutMs: 2_000 });
 * const receipt = await breaker.execute((signal) => fetch(url, { signal }));
 * ```
 */
export function createCircuitBreaker(options: CircuitBreakerOptions): OperableCircuitBreaker {
  return new WindowedCircuitBreaker(resolveSettings(options));
}
