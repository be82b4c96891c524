/**
 * Chooses among the instances of a component: the least busy first, those that just failed to answer last.
 *
 * @module
 */
import type { Clock, ComponentInfo } from '@gomind/core';

/** Milliseconds that an unreachable instance is asked only when no other is left. */
const unreachableMs = 5_000;

interface InstanceState {
  activeCalls: number;
  lastUsed: number;
  unreachableUntilMs: number;
}

/** Load and recent trouble of each instance. */
export class InstanceBalancer {
  readonly #clock: Clock;
  readonly #states = new Map<string, InstanceState>();
  #uses = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The instances in the order in which they should be tried. */
  order(instances: readonly ComponentInfo[]): ComponentInfo[] {
    const now = this.#clock.monotonicMs();
    const rank = ({ id }: ComponentInfo): readonly [number, number, number] => {
      const state = this.#states.get(id);
      return [(state?.unreachableUntilMs ?? 0) > now ? 1 : 0, state?.activeCalls ?? 0, state?.lastUsed ?? 0];
    };
    return instances
      .map((instance) => ({ instance, rank: rank(instance) }))
      .sort(
        (left, right) => left.rank[0] - right.rank[0] || left.rank[1] - right.rank[1] || left.rank[2] - right.rank[2],
      )
      .map(({ instance }) => instance);
  }

  /**
   * Notes that a call begins.
   *
   * @returns notes that it ended; `isUnreachable` when no connection could be made
   */
  begin(instance: ComponentInfo): (end: { readonly isUnreachable: boolean }) => void {
    const state = this.#states.get(instance.id) ?? { activeCalls: 0, lastUsed: 0, unreachableUntilMs: 0 };
    state.activeCalls++;
    state.lastUsed = ++this.#uses;
    this.#states.set(instance.id, state);
    return ({ isUnreachable }) => {
      state.activeCalls--;
      state.unreachableUntilMs = isUnreachable ? this.#clock.monotonicMs() + unreachableMs : 0;
      this.#forgetIdle();
    };
  }

  /** Instances come and go; what is remembered of them stays bounded. */
  #forgetIdle(): void {
    if (this.#states.size <= 10_000) return;
    for (const [id, state] of this.#states) {
      if (state.activeCalls === 0) this.#states.delete(id);
    }
  }
}
