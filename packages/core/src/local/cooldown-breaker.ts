/**
 * The built-in circuit breaker (layer 1 of the reference): so many failures in a row, then a cooldown, then one probe.
 * `@gomind/resilience` has the full one.
 *
 * @module
 */
import { withTimeout } from '../async/timeout.ts';
import {
  aFunction,
  checkNames,
  checkOptions,
  deadline,
  type OptionCheck,
  someText,
  wholeNumber,
} from '../config/check-options.ts';
import {
  type CircuitBreaker,
  type CircuitCallOptions,
  type CircuitState,
  neverAborted,
} from '../contracts/circuit-breaker.ts';
import { type Clock, systemClock } from '../contracts/clock.ts';
import { type Logger, noopLogger } from '../contracts/logger.ts';
import { noopTelemetry, type Telemetry } from '../contracts/telemetry.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { isServiceFailure } from '../errors/is-service-failure.ts';
import { withoutStack } from '../errors/without-stack.ts';
import { redactingLogger } from './redacting-logger.ts';

/** Options of {@link CooldownBreaker}. */
export interface CooldownBreakerOptions {
  /** Name of the guarded dependency. */
  readonly name: string;
  /** Failures in a row that open it. Default: 5. */
  readonly failureThreshold?: number;
  /** Milliseconds before the probe, perhaps by the failure that opened it; where that function fails, the default. Default: 30,000. */
  readonly cooldownMs?: number | ((error: unknown) => number);
  /** Milliseconds that a call may take; with Infinity, calls must have an end of their own. Default: 30,000. */
  readonly timeoutMs?: number;
  /**
   * Whether an error counts against the dependency; one that does not counts neither way, one that it throws for does. Default:
   * {@link isServiceFailure}.
   */
  readonly isFailure?: (error: unknown) => boolean;
  readonly clock?: Clock;
  /** Told when `isFailure` or `cooldownMs` fails. Default: none. */
  readonly logger?: Logger;
  /** Receives `gomind.circuit_breaker.rejections`. Default: none. */
  readonly telemetry?: Telemetry;
}

const defaultCooldownMs = 30_000;

const optionChecks: Readonly<Record<string, OptionCheck>> = {
  name: { ...someText, isRequired: true },
  failureThreshold: wholeNumber({ min: 1 }),
  cooldownMs: {
    fits: (value) => typeof value === 'function' || isPause(value),
    accepted: 'a number of milliseconds from 0, or a function that gives one',
  },
  timeoutMs: deadline,
  isFailure: aFunction,
};

const optionNames = [...Object.keys(optionChecks), 'clock', 'logger', 'telemetry'];

function isPause(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

/** Refuses calls for a while after failures in a row. Holds no timer of its own. */
export class CooldownBreaker implements CircuitBreaker {
  readonly name: string;
  readonly #failureThreshold: number;
  readonly #cooldownMsAfter: (error: unknown) => number;
  readonly #timeoutMs: number;
  readonly #isFailure: (error: unknown) => boolean;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #telemetry: Telemetry;
  #failuresInARow = 0;
  #openedAtMs: number | undefined;
  #cooldownMs = 0;
  /** When the probe at work must have ended; undefined without one. */
  #probeDueMs: number | undefined;
  /** Grows with each change of state; results of calls admitted earlier are ignored. */
  #generation = 0;
  #isClosed = false;

  /** @throws GomindError `CONFIG_INVALID` for an option that cannot be used */
  constructor(options: CooldownBreakerOptions) {
    checkOptions('CooldownBreaker', options, optionChecks);
    checkNames('CooldownBreaker', options, optionNames);
    this.name = options.name;
    this.#failureThreshold = options.failureThreshold ?? 5;
    const { cooldownMs = defaultCooldownMs } = options;
    this.#cooldownMsAfter = typeof cooldownMs === 'function' ? cooldownMs : () => cooldownMs;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#isFailure = options.isFailure ?? isServiceFailure;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger === undefined ? noopLogger : redactingLogger(options.logger);
    this.#telemetry = options.telemetry ?? noopTelemetry;
  }

  get state(): CircuitState {
    if (this.#openedAtMs === undefined) return 'closed';
    return this.#remainingMs() > 0 ? 'open' : 'half-open';
  }

  async execute<T>(operation: (signal: AbortSignal) => Promise<T>, options: CircuitCallOptions = {}): Promise<T> {
    if (this.#isClosed) return operation(options.signal ?? neverAborted);
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
    this.#isClosed = true;
    this.#generation++;
    this.#openedAtMs = undefined;
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
    if (this.#remainingMs() > 0 || this.#probeDueMs !== undefined) throw this.#refusal();
    this.#probeDueMs = this.#clock.monotonicMs() + this.#timeoutMs;
    this.#generation++;
    return { generation: this.#generation, isProbe: true };
  }

  #refusal(): GomindError {
    this.#telemetry.recordMetric(
      'gomind.circuit_breaker.rejections',
      1,
      { name: this.name },
      { kind: 'counter', unit: '{call}' },
    );
    const state = this.state;
    // Nobody knows when a probe without a deadline ends; one that fails at once begins a cooldown.
    const probeMs = (this.#probeDueMs ?? 0) - this.#clock.monotonicMs();
    const waitMs = state === 'open' ? this.#remainingMs() : Math.min(probeMs, this.#cooldownMs);
    const retryAfterMs = Math.max(0, waitMs);
    const what = state === 'open' ? 'is left alone for now' : 'is being tried again';
    return withoutStack(
      () =>
        new GomindError({
          code: 'CIRCUIT_OPEN',
          message: `"${this.name}" failed ${String(this.#failureThreshold)} times in a row and ${what}. Try again in ${String(Math.ceil(retryAfterMs / 1_000))} s.`,
          isRetryable: true,
          details: { dependency: this.name, state, retryAfterMs },
        }),
    );
  }

  #succeeded(): void {
    this.#failuresInARow = 0;
    if (this.#openedAtMs === undefined) return;
    this.#openedAtMs = undefined;
    this.#probeDueMs = undefined;
    this.#generation++;
  }

  #failed(error: unknown, call: { readonly isProbe: boolean; readonly isCancelled: boolean }): void {
    const counts = !call.isCancelled && this.#counts(error);
    if (call.isProbe) {
      // A probe that proved nothing frees its place for the next one; one that failed starts the cooldown anew.
      this.#probeDueMs = undefined;
      if (counts) this.#open(error);
      return;
    }
    if (!counts) return;
    this.#failuresInARow++;
    if (this.#failuresInARow >= this.#failureThreshold) this.#open(error);
  }

  /** What the options do must not come in the place of what the operation did, nor leave a probe behind. */
  #counts(error: unknown): boolean {
    try {
      return this.#isFailure(error);
    } catch (cause) {
      this.#report('isFailure', cause);
      return true;
    }
  }

  #pauseAfter(error: unknown): number {
    try {
      const pauseMs = this.#cooldownMsAfter(error);
      if (isPause(pauseMs)) return pauseMs;
      this.#report('cooldownMs', `It gave ${String(pauseMs)}`);
    } catch (cause) {
      this.#report('cooldownMs', cause);
    }
    return defaultCooldownMs;
  }

  #report(option: string, cause: unknown): void {
    this.#logger.error(`The ${option} option of a circuit breaker failed`, {
      circuitBreaker: this.name,
      error: cause,
    });
  }

  #open(error: unknown): void {
    this.#cooldownMs = this.#pauseAfter(error);
    this.#openedAtMs = this.#clock.monotonicMs();
    this.#failuresInARow = 0;
    this.#generation++;
  }
}
