/**
 * Chooses among the instances of a component: the least busy first, ties in turn. One that fails is set aside for a while that
 * grows with each failure; then a single call probes it. What is set aside is still better than nothing.
 *
 * @module
 */
import type { Clock, ComponentInfo } from '@gomind/core';

/** Milliseconds that an instance is set aside after its first failure; each further one doubles them. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
const maxStates = 10_000;

/** How a call ended, as far as its instance is to blame: `unknown` when it is not. */
export type CallOutcome = 'ok' | 'failed' | 'unknown';

interface InstanceState {
  activeCalls: number;
  lastUsed: number;
  /** In a row. */
  failures: number;
  setAsideUntilMs: number;
  isProbed: boolean;
}

/** Load and recent trouble of each instance. */
export class InstanceBalancer {
  readonly #clock: Clock;
  readonly #states = new Map<string, InstanceState>();
  #uses = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The instance to call next.
   *
   * @param tried ids of those that this call tried in vain
   * @returns undefined when all were tried
   */
  choose(instances: readonly ComponentInfo[], tried: ReadonlySet<string>): ComponentInfo | undefined {
    const now = this.#clock.monotonicMs();
    let best: ComponentInfo | undefined;
    for (const instance of instances) {
      if (!tried.has(instance.id) && (best === undefined || this.#isBetter(instance.id, best.id, now))) best = instance;
    }
    return best;
  }

  /**
   * Notes that a call begins.
   *
   * @returns notes how it ended
   */
  begin(instance: ComponentInfo): (outcome: CallOutcome) => void {
    const state = this.#stateOf(instance.id);
    const isProbe = state.failures > 0;
    if (isProbe) state.isProbed = true;
    state.activeCalls++;
    state.lastUsed = ++this.#uses;
    return (outcome) => {
      state.activeCalls--;
      if (isProbe) state.isProbed = false;
      if (outcome === 'ok') state.failures = 0;
      if (outcome === 'failed') this.#setAside(state);
      this.#forgetIdle();
    };
  }

  /** Calls that were at work together fail together: that is one failure, not many. */
  #setAside(state: InstanceState): void {
    const now = this.#clock.monotonicMs();
    if (state.failures > 0 && now < state.setAsideUntilMs) return;
    state.setAsideUntilMs = now + Math.min(firstPauseMs * 2 ** state.failures, longestPauseMs);
    state.failures++;
  }

  #isBetter(id: string, thanId: string, now: number): boolean {
    const one = this.#states.get(id);
    const other = this.#states.get(thanId);
    const rank = Number(isSetAside(one, now)) - Number(isSetAside(other, now));
    if (rank !== 0) return rank < 0;
    const load = (one?.activeCalls ?? 0) - (other?.activeCalls ?? 0);
    return load === 0 ? (one?.lastUsed ?? 0) < (other?.lastUsed ?? 0) : load < 0;
  }

  #stateOf(id: string): InstanceState {
    let state = this.#states.get(id);
    if (state === undefined) {
      state = { activeCalls: 0, lastUsed: 0, failures: 0, setAsideUntilMs: 0, isProbed: false };
      this.#states.set(id, state);
    }
    return state;
  }

  /** Instances come and go; what is remembered of them stays bounded. */
  #forgetIdle(): void {
    if (this.#states.size <= maxStates) return;
    for (const [id, state] of this.#states) {
      if (state.activeCalls === 0) this.#states.delete(id);
    }
  }
}

function isSetAside(state: InstanceState | undefined, now: number): boolean {
  return state !== undefined && state.failures > 0 && (state.isProbed || now < state.setAsideUntilMs);
}
