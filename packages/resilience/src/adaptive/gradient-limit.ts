/**
 * How many calls a dependency can take at once without making them wait, found out from how long they take.
 *
 * A gradient controller, as in Netflix's concurrency-limits (`GradientLimit`, `Gradient2Limit`) and Envoy's adaptive
 * concurrency filter: while the median latency of a window stays near the latency of an idle dependency, the limit grows by
 * its square root; when calls begin to queue, it shrinks in the proportion of the two latencies, and by a tenth when the
 * dependency refuses calls or they time out (Netflix's `AIMDLimit`).
 *
 * The idle latency would drift upwards with what the limit itself lets queue. So from time to time some calls are measured at a
 * third of the limit, where nothing can queue (as BBR's ProbeRTT does for TCP; Envoy goes down to a handful of calls, which long
 * calls would make a long pause). What was measured then counts, also where the dependency has become slower for good. Those
 * calls are chosen by when they begin: of calls chosen by when they end, the short ones would come first.
 *
 * Pure: no clock, no timer; each call brings its times along.
 *
 * @module
 */

/** Bounds of a {@link GradientLimit}. */
export interface GradientLimitOptions {
  readonly minLimit: number;
  readonly maxLimit: number;
  readonly initialLimit: number;
  /** Latency above the idle latency, as a factor, that is not yet taken for queueing. */
  readonly tolerance: number;
  /** Milliseconds between two measurements of the idle latency. */
  readonly probeIntervalMs: number;
}

/** A call at work; times are of one monotonic clock. */
export interface StartedCall {
  readonly startedMs: number;
  /** Calls at work when it began, itself included. */
  readonly inFlight: number;
  /** The measurement of the idle latency that it counts for. */
  readonly probe: Probe | undefined;
}

/** A measurement of the idle latency. */
export interface Probe {
  readonly sinceMs: number;
  /** The limit to go back to. */
  readonly limit: number;
  /** Calls that have begun for it. */
  started: number;
  readonly samples: number[];
}

/** A window is judged when it has lasted this long, in milliseconds, and so many calls have ended in it. */
const windowMs = 100;
const windowCalls = 40;
/** Calls that the idle latency is measured with; the median is known when most of them have ended. */
const probeCalls = 30;
const probeEnds = 22;
/** It is measured at the limit divided by this. */
const probeShare = 3;
/** The pause between two measurements is at least so many times as long as one. */
const leastPause = 20;
/** Calls that are kept of one window. */
const maxSamples = 200;
const steepest = 0.5;
const dropFactor = 0.9;
/** So many windows at the lowest limit mean that the idle latency is not what it was. */
const patience = 5;
/** Weight of the newest measurement of the idle latency. */
const newest = 0.3;

/** Follows the concurrency that a dependency can take. */
export class GradientLimit {
  readonly #options: GradientLimitOptions;
  #limit: number;
  #idleMs: number | undefined;
  #windowStartedMs: number | undefined;
  #samples: number[] = [];
  #peak = 0;
  #hasDrops = false;
  #windowsAtMin = 0;
  #probeDueMs = Number.POSITIVE_INFINITY;
  #probe: Probe | undefined;

  constructor(options: GradientLimitOptions) {
    this.#options = options;
    this.#limit = options.initialLimit;
  }

  /** Calls that may be at work now; a whole number. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Milliseconds that a call takes when nothing queues; undefined before the first window. */
  get idleMs(): number | undefined {
    return this.#idleMs;
  }

  /** Takes note of a call that begins. */
  started(startedMs: number, inFlight: number): StartedCall {
    const probe = this.#probe;
    if (probe === undefined || probe.started >= probeCalls) return { startedMs, inFlight, probe: undefined };
    probe.started++;
    return { startedMs, inFlight, probe };
  }

  /**
   * Learns from a call that has ended.
   *
   * @param isDropped whether it timed out, or was refused because of overload
   */
  finished(call: StartedCall, endedMs: number, isDropped: boolean): void {
    const tookMs = endedMs - call.startedMs;
    if (this.#probe !== undefined) {
      if (isDropped) this.ignored(call);
      else if (call.probe === this.#probe) this.#measured(this.#probe, tookMs, endedMs);
      return;
    }
    this.#windowStartedMs ??= endedMs;
    // Nobody knows how long a call that was dropped would have taken.
    if (this.#samples.length < maxSamples) this.#samples.push(isDropped ? Number.POSITIVE_INFINITY : tookMs);
    this.#peak = Math.max(this.#peak, call.inFlight);
    this.#hasDrops ||= isDropped;
    const isFull = this.#samples.length >= windowCalls && endedMs - this.#windowStartedMs >= windowMs;
    if (isFull) this.#judge(endedMs);
  }

  /** Forgets a call whose end says nothing: it failed for a reason of its own. */
  ignored(call: StartedCall): void {
    if (call.probe !== undefined && call.probe === this.#probe) call.probe.started--;
  }

  #judge(nowMs: number): void {
    const latencyMs = middle(this.#samples, this.#samples.length);
    if (this.#probeDueMs === Number.POSITIVE_INFINITY) this.#probeDueMs = nowMs + this.#options.probeIntervalMs;
    if (Number.isFinite(latencyMs)) this.#idleMs ??= latencyMs;
    const isProbeDue = nowMs >= this.#probeDueMs || this.#windowsAtMin >= patience;
    // So few calls at once are a measurement already.
    if (isProbeDue && !this.#hasDrops && this.#peak <= this.#limit / probeShare) this.#learnIdle(latencyMs, nowMs);
    this.#adapt(latencyMs);
    if (nowMs >= this.#probeDueMs || this.#windowsAtMin >= patience) {
      this.#probe = { sinceMs: nowMs, limit: this.#limit, started: 0, samples: [] };
      this.#limit = Math.max(this.#options.minLimit, this.#limit / probeShare);
    }
    this.#windowStartedMs = undefined;
    this.#samples = [];
    this.#peak = 0;
    this.#hasDrops = false;
  }

  #adapt(latencyMs: number): void {
    const { tolerance, minLimit, maxLimit } = this.#options;
    const idleMs = this.#idleMs ?? latencyMs;
    const isQueueing = latencyMs > tolerance * idleMs;
    const gradient = isQueueing ? Math.max(steepest, (tolerance * idleMs) / latencyMs) : 1;
    let next = this.#limit * gradient + Math.sqrt(this.#limit);
    // A limit that nobody reaches has not been tried out.
    if (this.#peak < this.#limit / 2) next = Math.min(next, this.#limit);
    if (this.#hasDrops) next = Math.min(next, this.#limit * dropFactor);
    this.#limit = Math.min(maxLimit, Math.max(minLimit, next));
    this.#windowsAtMin = this.#limit === minLimit && gradient < 1 ? this.#windowsAtMin + 1 : 0;
  }

  #measured(probe: Probe, tookMs: number, nowMs: number): void {
    probe.samples.push(tookMs);
    if (probe.samples.length < probeEnds) return;
    this.#learnIdle(middle(probe.samples, probeCalls), nowMs);
    // Where calls are long or few, measuring takes its time; it shall not take more than a small share of all time.
    this.#probeDueMs = Math.max(this.#probeDueMs, nowMs + (nowMs - probe.sinceMs) * leastPause);
    this.#limit = probe.limit;
    this.#probe = undefined;
  }

  #learnIdle(latencyMs: number, nowMs: number): void {
    const before = this.#idleMs ?? latencyMs;
    // Much of it is chance, unless the one before was measured while everything queued.
    this.#idleMs = latencyMs < before / 3 ? latencyMs : before + (latencyMs - before) * newest;
    this.#windowsAtMin = 0;
    this.#probeDueMs = nowMs + this.#options.probeIntervalMs;
  }
}

/** The median of so many values, of which the largest may not be there yet. */
function middle(values: readonly number[], count: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(count / 2)] ?? 0;
}
