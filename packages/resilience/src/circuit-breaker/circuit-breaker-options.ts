/**
 * The options of a circuit breaker, their defaults, and the check that refuses nonsense when the breaker is made.
 *
 * @module
 */
import {
  aFunction,
  type Clock,
  GomindError,
  isServiceFailure,
  type Logger,
  noopLogger,
  noopTelemetry,
  type OptionCheck,
  redactingLogger,
  systemClock,
} from '@gomind/core';
import { aMetricRecorder, type MetricRecorder, unfailingRecorder } from './metric-recorder.ts';
import type { CircuitStateChange } from './state-change.ts';

/** Options of `createCircuitBreaker`. */
export interface CircuitBreakerOptions {
  /** Name of the guarded dependency, for errors, events and metrics. */
  readonly name: string;
  /** Opens when more than this share of the window's calls failed, from 0 to 1; 1 means: when all failed. Default: 0.5. */
  readonly errorThreshold?: number | undefined;
  /** Counted calls the window must hold before the share is judged. Default: 10. */
  readonly volumeThreshold?: number | undefined;
  /** Length of the sliding window in milliseconds; it slides in steps of a tenth. Default: 60,000. */
  readonly windowMs?: number | undefined;
  /** Makes the window the last so many counted calls (at most 10,000, a byte each), however long ago. Default: a window of time. */
  readonly windowCalls?: number | undefined;
  /** Milliseconds above which a counted call is slow. Default: none is. */
  readonly slowCallMs?: number | undefined;
  /** Opens when more than this share of the window's calls were slow, from 0 to 1; 1 means: when all were. Default: 0.5. */
  readonly slowCallThreshold?: number | undefined;
  /** Milliseconds from opening to the first probe. Default: 30,000. */
  readonly sleepWindowMs?: number | undefined;
  /** Lengthens each sleep by a random share of up to this much, so that many processes do not probe at once. Default: 0. */
  readonly sleepJitter?: number | undefined;
  /** Probes in flight at most while half-open; the first to succeed closes, the first to fail opens. Default: 1. */
  readonly halfOpenMax?: number | undefined;
  /** Deadline of each call in milliseconds. Default: none, but see `probeTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** Deadline of a probe in milliseconds: a probe always has one. Default: `timeoutMs`, else 30,000. */
  readonly probeTimeoutMs?: number | undefined;
  /** Whether an error counts against the service; one that does not counts neither way. Default: `isServiceFailure`. */
  readonly isFailure?: ((error: unknown) => boolean) | undefined;
  /** Called once for each change of state, in order. What it throws is logged. */
  readonly onStateChange?: ((change: CircuitStateChange) => void) | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** Default: none. */
  readonly logger?: Logger | undefined;
  /** Receives `gomind.circuit_breaker.*`. Default: none. */
  readonly telemetry?: MetricRecorder | undefined;
}

/** Options with every default filled in. */
export interface CircuitBreakerSettings {
  readonly name: string;
  readonly errorThreshold: number;
  readonly volumeThreshold: number;
  readonly windowMs: number;
  readonly windowCalls: number | undefined;
  readonly slowCallMs: number;
  readonly slowCallThreshold: number;
  readonly sleepWindowMs: number;
  readonly sleepJitter: number;
  readonly halfOpenMax: number;
  readonly timeoutMs: number | undefined;
  readonly probeTimeoutMs: number;
  readonly isFailure: (error: unknown) => boolean;
  readonly onStateChange: (change: CircuitStateChange) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: MetricRecorder;
}

/** Every option that has a meaning. */
export const breakerOptionNames: readonly (keyof CircuitBreakerOptions)[] = [
  'name',
  'errorThreshold',
  'volumeThreshold',
  'windowMs',
  'windowCalls',
  'slowCallMs',
  'slowCallThreshold',
  'sleepWindowMs',
  'sleepJitter',
  'halfOpenMax',
  'timeoutMs',
  'probeTimeoutMs',
  'isFailure',
  'onStateChange',
  'clock',
  'logger',
  'telemetry',
];

/** What the parts that a breaker is given must be; numbers are checked with their defaults filled in. */
export const breakerPartChecks: Readonly<Record<string, OptionCheck>> = {
  isFailure: aFunction,
  onStateChange: aFunction,
  telemetry: aMetricRecorder,
};

const defaultProbeTimeoutMs = 30_000;
const maxWindowCalls = 10_000;

/**
 * Fills in the defaults and checks every number.
 *
 * @throws GomindError `CONFIG_INVALID` that names the option and the accepted range
 */
export function resolveSettings(options: CircuitBreakerOptions): CircuitBreakerSettings {
  const settings: CircuitBreakerSettings = {
    name: options.name,
    errorThreshold: options.errorThreshold ?? 0.5,
    volumeThreshold: options.volumeThreshold ?? 10,
    windowMs: options.windowMs ?? 60_000,
    windowCalls: options.windowCalls,
    slowCallMs: options.slowCallMs ?? Number.POSITIVE_INFINITY,
    slowCallThreshold: options.slowCallThreshold ?? 0.5,
    sleepWindowMs: options.sleepWindowMs ?? 30_000,
    sleepJitter: options.sleepJitter ?? 0,
    halfOpenMax: options.halfOpenMax ?? 1,
    timeoutMs: options.timeoutMs,
    probeTimeoutMs: options.probeTimeoutMs ?? options.timeoutMs ?? defaultProbeTimeoutMs,
    isFailure: options.isFailure ?? isServiceFailure,
    onStateChange: options.onStateChange ?? (() => undefined),
    clock: options.clock ?? systemClock,
    logger: redactingLogger(options.logger ?? noopLogger),
    telemetry: options.telemetry === undefined ? noopTelemetry : unfailingRecorder(options.telemetry),
  };
  const { name } = settings;
  if (typeof name !== 'string' || name.trim() === '') {
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message: 'A circuit breaker needs a name: pass the name of the dependency it guards as options.name.',
      details: { option: 'name' },
    });
  }
  const refuseUnless = (isAccepted: boolean, option: NumberOption, accepted: string): void => {
    if (!isAccepted) throw optionRefused(name, { option, value: settings[option], accepted });
  };
  const { volumeThreshold, windowMs, windowCalls, slowCallMs, sleepWindowMs, halfOpenMax } = settings;
  for (const option of ['errorThreshold', 'slowCallThreshold', 'sleepJitter'] as const)
    refuseUnless(settings[option] >= 0 && settings[option] <= 1, option, 'a number from 0 to 1');
  refuseUnless(isCount(volumeThreshold), 'volumeThreshold', 'a whole number from 1');
  refuseUnless(isDuration(windowMs), 'windowMs', 'a number of milliseconds above 0');
  refuseUnless(
    windowCalls === undefined ||
      (isCount(windowCalls) && windowCalls >= volumeThreshold && windowCalls <= maxWindowCalls),
    'windowCalls',
    `a whole number from volumeThreshold (${String(volumeThreshold)}) to ${String(maxWindowCalls)}`,
  );
  refuseUnless(slowCallMs > 0, 'slowCallMs', 'a number of milliseconds above 0');
  refuseUnless(isDuration(sleepWindowMs), 'sleepWindowMs', 'a number of milliseconds above 0');
  refuseUnless(isCount(halfOpenMax), 'halfOpenMax', 'a whole number from 1');
  for (const option of ['timeoutMs', 'probeTimeoutMs'] as const) {
    const value = settings[option];
    refuseUnless(value === undefined || isDuration(value), option, 'a number of milliseconds above 0');
  }
  return settings;
}

/** The error for an option of a breaker that is out of range. */
export function optionRefused(
  name: string,
  { option, value, accepted }: { readonly option: string; readonly value: unknown; readonly accepted: string },
): GomindError {
  return new GomindError({
    code: 'CONFIG_INVALID',
    message: `Circuit breaker "${name}": option ${option} is ${String(value)}. Accepted: ${accepted}.`,
    details: { option, accepted },
  });
}

type NumberOption = {
  [Option in keyof CircuitBreakerSettings]: CircuitBreakerSettings[Option] extends number | undefined ? Option : never;
}[keyof CircuitBreakerSettings];

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

/** Whether a number is a time that can be waited: milliseconds above 0. */
export function isDuration(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}
