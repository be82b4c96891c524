/**
 * How much all runs of an orchestrator or engine may do at once: each run has slots of its own, they may share a limit in
 * which higher priorities come first, and both may follow the load of the process.
 *
 * @module
 */
import { CallGate, type Clock, noopTelemetry, type Priority, type Telemetry } from '@gomind/core';
import { LoadLimit } from './load-limit.ts';
import { SlotPool } from './slot-pool.ts';

/** Bounds of a {@link SharedConcurrency}. */
export interface SharedConcurrencyOptions {
  /** Handlers at work at the same time in one run; `auto`: 10, and fewer while the process is overloaded. Default: 10. */
  readonly maxConcurrency?: number | 'auto' | undefined;
  /** Handlers at work at the same time in all runs together. Default: no bound. */
  readonly maxTotalConcurrency?: number | undefined;
  readonly clock: Clock;
  /** Receives `gomind.concurrency.limit` while the limit follows the load. Default: none. */
  readonly telemetry?: Telemetry;
  /** Share of the heap's limit that is in use, from 0 to 1. Default: V8's own figures. */
  readonly heapShare?: () => number;
}

/** A run that wants slots. */
export interface RunSlotsOptions {
  /** Of this run alone, in place of the shared setting. */
  readonly maxConcurrency?: number | undefined;
  readonly priority: Priority;
  /** Runs what hands a slot out later. */
  readonly guard: (work: () => void) => void;
}

/** The slots of one run. */
export interface RunSlots {
  readonly slots: SlotPool;
  /** The run is over. */
  end(): void;
}

const defaultMaxConcurrency = 10;

/** Hands each run its slots. */
export class SharedConcurrency {
  readonly #maxConcurrency: number;
  readonly #maxTotal: number;
  readonly #total: CallGate | undefined;
  readonly #load: LoadLimit | undefined;
  readonly #telemetry: Telemetry;
  #toldLimit: number | undefined;

  constructor(options: SharedConcurrencyOptions) {
    const { maxConcurrency = defaultMaxConcurrency, maxTotalConcurrency: maxTotal } = options;
    this.#maxConcurrency = maxConcurrency === 'auto' ? defaultMaxConcurrency : maxConcurrency;
    this.#maxTotal = maxTotal ?? Number.POSITIVE_INFINITY;
    this.#total =
      maxTotal === undefined
        ? undefined
        : new CallGate({ maxConcurrent: maxTotal, maxWaiting: Number.POSITIVE_INFINITY });
    this.#telemetry = options.telemetry ?? noopTelemetry;
    this.#load = maxConcurrency === 'auto' ? new LoadLimit(options) : undefined;
  }

  /** Slots for a run that begins. */
  begin(run: RunSlotsOptions): RunSlots {
    const max = run.maxConcurrency ?? this.#maxConcurrency;
    const load = this.#load;
    const capacity = load === undefined ? max : affordable(max, load.share);
    const slots = new SlotPool(capacity, { total: this.#total, priority: run.priority, guard: run.guard });
    const close = (): void => {
      slots.close();
    };
    if (load === undefined) return { slots, end: close };
    this.#tell(affordable(this.#maxConcurrency, load.share));
    const unfollow = load.follow((share) => {
      this.#tell(affordable(this.#maxConcurrency, share));
      if (this.#total !== undefined) this.#total.maxConcurrent = affordable(this.#maxTotal, share);
      run.guard(() => {
        slots.resize(affordable(max, share));
      });
    });
    return {
      slots,
      end: () => {
        unfollow();
        close();
      },
    };
  }

  #tell(limit: number): void {
    if (limit === this.#toldLimit) return;
    this.#toldLimit = limit;
    this.#telemetry.recordMetric('gomind.concurrency.limit', limit, { name: 'run' }, { kind: 'gauge', unit: '{call}' });
  }
}

/** Never nothing: what is under way has to come to its end. */
function affordable(max: number, share: number): number {
  return Math.max(1, Math.floor(max * share));
}
