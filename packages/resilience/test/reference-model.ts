/**
 * A second, slow and plain statement of what a circuit breaker does, for the model test: outcomes are a list, time is a
 * sorted list of what is due, and nothing is shared with the real one.
 *
 * @module
 */
import type { CircuitState } from '@gomind/core';

/** How one call of the model goes. `hang` never settles by itself. */
export type Behaviour = 'succeed' | 'fail' | 'ignore' | 'hang';

/** Options of the model, all of them given. */
export interface ModelOptions {
  readonly errorThreshold: number;
  readonly volumeThreshold: number;
  readonly windowMs: number;
  readonly windowCalls: number | undefined;
  readonly slowCallMs: number | undefined;
  readonly slowCallThreshold: number;
  readonly sleepWindowMs: number;
  readonly sleepJitter: number;
  readonly halfOpenMax: number;
  readonly timeoutMs: number | undefined;
  readonly probeTimeoutMs: number;
}

interface ModelCall {
  readonly id: number;
  readonly era: number;
  readonly isProbe: boolean;
  /** What happens first: its own end or its deadline. `undefined`: nothing, ever. */
  readonly dueAtMs: number | undefined;
  /** Order among calls that are due at the same time. */
  readonly order: number;
  readonly verdict: 'success' | 'failure' | 'ignored';
  readonly isSlow: boolean;
}

/** The model. */
export class ReferenceModel {
  readonly #options: ModelOptions;
  readonly #random: () => number;
  #isHeld = false;
  #nowMs = 0;
  #era = 0;
  #phase: 'closed' | 'open' | 'half-open' = 'closed';
  #wakeAtMs = 0;
  #windowStartMs = 0;
  #outcomes: { readonly atMs: number; readonly isFailure: boolean; readonly isSlow: boolean }[] = [];
  #running: ModelCall[] = [];
  #order = 0;
  /** Most probes that were ever in flight at once. */
  mostProbes = 0;
  readonly transitions: string[] = [];

  /** @param random draws for the jitter, in the order in which the real one draws */
  constructor(options: ModelOptions, random: () => number) {
    this.#options = options;
    this.#random = random;
  }

  /** Whether it was switched by hand and not reset since. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  get state(): CircuitState {
    return this.#phase === 'open' && this.#nowMs >= this.#wakeAtMs ? 'half-open' : this.#phase;
  }

  /** @returns whether the call is admitted */
  start(id: number, behaviour: Behaviour, latencyMs: number): boolean {
    if (this.state === 'half-open' && this.#phase === 'open') this.#go('half-open');
    const probes = this.#running.filter((running) => running.isProbe && running.era === this.#era).length;
    if (this.#phase === 'open' || (this.#phase === 'half-open' && probes >= this.#options.halfOpenMax)) return false;
    const isProbe = this.#phase === 'half-open';
    if (isProbe) this.mostProbes = Math.max(this.mostProbes, probes + 1);
    const deadlineMs = isProbe ? this.#options.probeTimeoutMs : this.#options.timeoutMs;
    const endsInTime = behaviour !== 'hang' && (deadlineMs === undefined || latencyMs < deadlineMs);
    // A deadline's timer is set before the operation begins, so of two equal times it comes first.
    const order = this.#order + (endsInTime ? 1 : 0);
    this.#order += 2;
    const afterMs = endsInTime ? latencyMs : deadlineMs;
    const verdict = !endsInTime
      ? 'failure'
      : ({ succeed: 'success', fail: 'failure', ignore: 'ignored' } as const)[behaviour];
    const { slowCallMs } = this.#options;
    this.#running.push({
      id,
      isSlow: slowCallMs !== undefined && (afterMs ?? 0) > slowCallMs,
      era: this.#era,
      isProbe,
      order,
      verdict,
      dueAtMs: afterMs === undefined ? undefined : this.#nowMs + afterMs,
    });
    return true;
  }

  cancel(id: number): void {
    this.#running = this.#running.filter((running) => running.id !== id);
  }

  /** Switches by hand. */
  force(how: 'open' | 'close' | 'reset'): void {
    this.#go(how === 'open' ? 'open' : 'closed', Number.POSITIVE_INFINITY);
    this.#isHeld = how !== 'reset';
  }

  isRunning(id: number): boolean {
    return this.#running.some((running) => running.id === id);
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#running
        .filter((running) => running.dueAtMs !== undefined && running.dueAtMs <= endMs)
        .sort((left, right) => (left.dueAtMs ?? 0) - (right.dueAtMs ?? 0) || left.order - right.order)[0];
      if (due === undefined) break;
      this.#nowMs = due.dueAtMs ?? endMs;
      this.cancel(due.id);
      this.#settle(due);
    }
    this.#nowMs = endMs;
  }

  /** Whether the window, now, asks for the circuit to open. */
  windowSaysOpen(): boolean {
    const { windowMs, windowCalls, volumeThreshold, errorThreshold, slowCallThreshold } = this.#options;
    const bucketMs = windowMs / 10;
    const bucketOf = (atMs: number): number => Math.floor((atMs - this.#windowStartMs) / bucketMs);
    const counted =
      windowCalls === undefined
        ? this.#outcomes.filter(({ atMs }) => bucketOf(this.#nowMs) - bucketOf(atMs) < 10)
        : this.#outcomes.slice(-windowCalls);
    const isTooMany = (share: number, threshold: number): boolean => share > threshold || share === 1;
    const shareOf = (which: 'isFailure' | 'isSlow'): number =>
      counted.filter((outcome) => outcome[which]).length / counted.length;
    return (
      counted.length >= volumeThreshold &&
      (isTooMany(shareOf('isFailure'), errorThreshold) || isTooMany(shareOf('isSlow'), slowCallThreshold))
    );
  }

  #settle(call: ModelCall): void {
    if (call.era !== this.#era || call.verdict === 'ignored') return;
    if (call.isProbe) {
      this.#go(call.verdict === 'success' && !call.isSlow ? 'closed' : 'open');
      return;
    }
    if (this.#isHeld) return;
    this.#outcomes.push({ atMs: this.#nowMs, isFailure: call.verdict === 'failure', isSlow: call.isSlow });
    if (this.windowSaysOpen()) this.#go('open');
  }

  #go(phase: 'closed' | 'open' | 'half-open', sleepMs?: number): void {
    if (this.#phase !== phase) this.transitions.push(`${this.#phase} -> ${phase}`);
    this.#phase = phase;
    this.#era++;
    if (phase === 'open') this.#wakeAtMs = this.#nowMs + (sleepMs ?? this.#sleepMs());
    if (phase === 'closed') {
      this.#outcomes = [];
      this.#windowStartMs = this.#nowMs;
    }
  }

  #sleepMs(): number {
    const { sleepWindowMs, sleepJitter } = this.#options;
    return sleepWindowMs * (1 + (sleepJitter === 0 ? 0 : sleepJitter * this.#random()));
  }
}
