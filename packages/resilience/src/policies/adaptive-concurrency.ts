/**
 * A bulkhead that finds its own size: as many calls at once as the dependency takes without making them wait.
 *
 * The rule stands in `adaptive/gradient-limit.ts`. No package that is kept up offers it for Node (docs/decisions/0012).
 *
 * @module
 */
import {
  aFunction,
  CallGate,
  checkNames,
  checkOptions,
  type Clock,
  GomindError,
  noopTelemetry,
  systemClock,
} from '@gomind/core';
import { aMetricRecorder, type MetricRecorder, unfailingRecorder } from '../circuit-breaker/metric-recorder.ts';
import { GradientLimit, type StartedCall } from '../adaptive/gradient-limit.ts';
import { type Bulkhead, guardedBy, refuseUnless } from './bulkhead.ts';

/** Options of {@link createAdaptiveConcurrency}. */
export interface AdaptiveConcurrencyOptions {
  /** Name of the dependency, for the error. */
  readonly name: string;
  /** Calls at work at once, before anything is known. Default: 10. */
  readonly initialConcurrent?: number;
  /** Calls at work at once that are always allowed. Default: 1. */
  readonly minConcurrent?: number;
  /** Calls at work at once, at most. Default: 200. */
  readonly maxConcurrent?: number;
  /** Calls that may wait for a place. Default: 0, so that what does not fit is refused at once. */
  readonly maxWaiting?: number;
  /** A median latency up to this many times that of an idle dependency is not yet taken for queueing. Default: 1.5. */
  readonly tolerance?: number;
  /** Milliseconds between two measurements of the idle latency, which some calls at a third of the limit take. Default: 10,000. */
  readonly probeIntervalMs?: number;
  /**
   * Whether an error says that the dependency has too much to do. Any other error teaches nothing, nor does one that it throws
   * for. Default: timeouts, and answers with status 429, 503 or 504.
   */
  readonly isOverload?: (error: unknown) => boolean;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Receives `gomind.concurrency.limit`. Default: none. */
  readonly telemetry?: MetricRecorder;
}

const optionNames: readonly (keyof AdaptiveConcurrencyOptions)[] = [
  'name',
  'initialConcurrent',
  'minConcurrent',
  'maxConcurrent',
  'maxWaiting',
  'tolerance',
  'probeIntervalMs',
  'isOverload',
  'clock',
  'telemetry',
];

/** A bulkhead whose size follows the dependency. */
export interface AdaptiveConcurrency extends Bulkhead {
  /** Calls that may be at work at once now. */
  readonly limit: number;
}

/**
 * Makes a bulkhead that adapts. Give each dependency one of its own, and let its calls pass through nothing else: what it learns
 * from is how long they take. It takes the place of the bulkhead in `wrap`.
 *
 * @throws GomindError `CONFIG_INVALID`; its calls throw `BULKHEAD_FULL` (retryable) and `CANCELLED`
 * @example
 * const rates = wrap({
 *   bulkhead: createAdaptiveConcurrency({ name: 'rates', maxWaiting: 100 }),
 *   timeout: createTimeout({ timeoutMs: 2_000 }),
 * });
 */
export function createAdaptiveConcurrency(options: AdaptiveConcurrencyOptions): AdaptiveConcurrency {
  checkOptions('createAdaptiveConcurrency', options, { isOverload: aFunction, telemetry: aMetricRecorder });
  checkNames('createAdaptiveConcurrency', options, optionNames);
  const { name, minConcurrent = 1, maxConcurrent = 200, maxWaiting = 0, tolerance = 1.5 } = options;
  const { initialConcurrent = Math.min(maxConcurrent, Math.max(minConcurrent, 10)), probeIntervalMs = 10_000 } =
    options;
  const { isOverload = saysOverload, clock = systemClock } = options;
  const telemetry = unfailingRecorder(options.telemetry ?? noopTelemetry);
  const bounds = { minConcurrent, initialConcurrent, maxConcurrent };
  const isOrdered = 1 <= minConcurrent && minConcurrent <= initialConcurrent && initialConcurrent <= maxConcurrent;
  refuseUnless(
    isOrdered && Object.values(bounds).every(Number.isSafeInteger),
    name,
    `minConcurrent ${String(minConcurrent)}, initialConcurrent ${String(initialConcurrent)} and maxConcurrent ${String(maxConcurrent)} must be whole numbers from 1 that do not fall`,
  );
  refuseUnless(
    Number.isSafeInteger(maxWaiting) && maxWaiting >= 0,
    name,
    `maxWaiting is ${String(maxWaiting)}; it must be a whole number from 0`,
  );
  refuseUnless(tolerance >= 1, name, `tolerance is ${String(tolerance)}; it must be 1 or more`);
  refuseUnless(probeIntervalMs > 0, name, `probeIntervalMs is ${String(probeIntervalMs)}; it must be above 0`);

  const limit = new GradientLimit({
    ...{ minLimit: minConcurrent, maxLimit: maxConcurrent, initialLimit: initialConcurrent },
    ...{ tolerance, probeIntervalMs },
  });
  const gate = new CallGate({ maxConcurrent: limit.limit, maxWaiting });
  const bulkhead = guardedBy(gate, name);
  const tell = (): void => {
    telemetry.recordMetric('gomind.concurrency.limit', limit.limit, { name }, { kind: 'gauge', unit: '{call}' });
  };
  const learn = (call: StartedCall, isDropped: boolean): void => {
    limit.finished(call, clock.monotonicMs(), isDropped);
    if (limit.limit === gate.maxConcurrent) return;
    gate.maxConcurrent = limit.limit;
    tell();
  };
  // Also before it changes for the first time: a gauge without a value looks like a limit that nobody set.
  tell();
  return {
    get running() {
      return gate.running;
    },
    get waiting() {
      return gate.waiting;
    },
    get limit() {
      return limit.limit;
    },
    execute: (operation, callOptions) =>
      bulkhead.execute(async (signal) => {
        const call = limit.started(clock.monotonicMs(), gate.running);
        try {
          const result = await operation(signal);
          learn(call, false);
          return result;
        } catch (error) {
          if (says(isOverload, error)) learn(call, true);
          else limit.ignored(call);
          throw error;
        }
      }, callOptions),
  };
}

const overloadCodes: ReadonlySet<string> = new Set(['TIMEOUT', 'STEP_TIMEOUT', 'RATE_LIMITED', 'OVERLOADED']);
const overloadStatuses: ReadonlySet<unknown> = new Set([429, 503, 504]);

/** What the call threw is what its caller gets, whatever becomes of the question. */
function says(question: (error: unknown) => boolean, error: unknown): boolean {
  try {
    return question(error);
  } catch {
    return false;
  }
}

function saysOverload(error: unknown): boolean {
  if (GomindError.isInstance(error)) {
    return overloadCodes.has(error.code) || overloadStatuses.has(error.details['status']);
  }
  if (typeof error !== 'object' || error === null) return false;
  return (
    ('status' in error && overloadStatuses.has(error.status)) ||
    ('statusCode' in error && overloadStatuses.has(error.statusCode))
  );
}
