/**
 * The built-in circuit breaker (layer 1 of the reference): so many failures in a row, then a cooldown, then one probe.
 * `@gomind/resilience` has the full one.
 *
 * @module
 */
import { withTimeout } from '../async/timeout.ts';
import {
  type CircuitBreaker,
  type CircuitCallOptions,
  type CircuitState,
  neverAborted,
} from '../contracts/circuit-breaker.ts';
import { type Clock, systemClock } from '../contracts/clock.ts';
import { noopTelemetry, type Telemetry } from '../contracts/telemetry.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { isServiceFailure } from '../errors/is-service-failure.ts';
import { withoutStack } from '../errors/without-stack.ts';

/** Options of {@link CooldownBreaker}. */
export interface CooldownBreakerOptions {
  /** Name of the guarded dependency. */
  readonly name: string;
  /** Failures in a row that open it. Default: 5. */
  readonly failureThreshold?: number;
  /** Milliseconds before the probe, perhaps by the failure that opened it. Default: 30,000. */
  readonly cooldownMs?: number | ((error: unknown) => number);
  /** Milliseconds that a call may take. Default: 30,000; a probe always has an end. */
  readonly timeoutMs?: number;
  /** Whether an error counts against the dependency; one that does not counts neither way. Default: {@link isServiceFailure}. */
  readonly isFailure?: (error: unknown) => boolean;
  readonly clock?: Clock;
  /** Receives `gomind.circuit_breaker.rejections`. Default: none. */
  readonly telemetry?: Telemetry;
}

/** Refuses calls for a while after failures in a row. Holds no timer of its own. */
export class CooldownBreaker implements CircuitBreaker {
  readonly name: string;
  readonly #failureThreshold: number;
  readonly #cooldownMsAfter: (error: unknown) => number;
  readonly #timeoutMs: number;
  readonly #isFailure: (error: unknown) => boolean;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  #failuresInARow = 0;
  #openedAtMs: number | undefined;
  #cooldownMs = 0;
  #hasProbe = false;
  /** Grows with each change of state; results of calls admitted earlier are ignored. */
  #generation = 0;

  constructor(options: CooldownBreakerOptions) {
    this.name = options.name;
    this.#failureThreshold = options.failureThreshold ?? 5;
    const { cooldownMs = 30_000 } = options;
    this.#cooldownMsAfter = typeof cooldownMs === 'function' ? cooldownMs : () => cooldownMs;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#isFailure = options.isFailure ?? isServiceFailure;
    this.#clock = options.clock ?? systemClock;
    this.#telemetry = options.telemetry ?? noopTelemetry;
  }

  get state(): CircuitState {
    if (this.#openedAtMs === undefined) return 'closed';
    return this.#remainingMs() > 0 ? 'open' : 'half-open';
  }

  async execute<T>(operation: (signal: AbortSignal) => Promise<T>, options: CircuitCallOptions = {}): Promise<T> {
    const { generation, isProbe } = this.#admit();
    try {
      const result = await this.#run(operation, options.signal);
      if (generation === this.#generation) this.#succeeded();
      return result;
    } catch (error) {
      if (generation === this.#generation)
        this.#failed(error, { isProbe, isCancelled: options.signal?.aborted ?? false });
      throw error;
    }
  }

  close(): Promise<void> {
    this.#generation++;
    this.#openedAtMs = undefined;
    this.#failuresInARow = 0;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Nothing is built for a call that nothing can end early. */
  #run<T>(operation: (signal: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (signal === undefined && this.#timeoutMs === Number.POSITIVE_INFINITY) return operation(neverAborted);
    return withTimeout(async (own) => operation(own), {
      timeoutMs: this.#timeoutMs,
      what: `The call to "${this.name}"`,
      signal,
      clock: this.#clock,
    });
  }

  #remainingMs(): number {
    return (this.#openedAtMs ?? 0) + this.#cooldownMs - this.#clock.monotonicMs();
  }

  #admit(): { readonly generation: number; readonly isProbe: boolean } {
    if (this.#openedAtMs === undefined) return { generation: this.#generation, isProbe: false };
    const retryAfterMs = Math.max(0, this.#remainingMs());
    if (retryAfterMs > 0 || this.#hasProbe) {
      this.#telemetry.recordMetric(
        'gomind.circuit_breaker.rejections',
        1,
        { name: this.name },
        { kind: 'counter', unit: '{call}' },
      );
      throw withoutStack(
        () =>
          new GomindError({
            code: 'CIRCUIT_OPEN',
            message: `"${this.name}" failed ${String(this.#failureThreshold)} times in a row and is left alone for now. Try again in ${String(Math.ceil(retryAfterMs / 1_000))} s.`,
            isRetryable: true,
            details: { dependency: this.name, retryAfterMs },
          }),
      );
    }
    this.#hasProbe = true;
    this.#generation++;
    return { generation: this.#generation, isProbe: true };
  }

  #succeeded(): void {
    this.#failuresInARow = 0;
    if (this.#openedAtMs === undefined) return;
    this.#openedAtMs = undefined;
    this.#hasProbe = false;
    this.#generation++;
  }

  #failed(error: unknown, call: { readonly isProbe: boolean; readonly isCancelled: boolean }): void {
    const counts = !call.isCancelled && this.#isFailure(error);
    if (call.isProbe) {
      // A probe that proved nothing frees its place for the next one; one that failed starts the cooldown anew.
      this.#hasProbe = false;
      if (counts) this.#open(error);
      return;
    }
    if (!counts) return;
    this.#failuresInARow++;
    if (this.#failuresInARow >= this.#failureThreshold) this.#open(error);
  }

  #open(error: unknown): void {
    this.#cooldownMs = this.#cooldownMsAfter(error);
    this.#openedAtMs = this.#clock.monotonicMs();
    this.#failuresInARow = 0;
    this.#generation++;
  }
}
