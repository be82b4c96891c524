/**
 * Plans of steps that do nothing, in the shapes that tell engines apart.
 *
 * @module
 */
import type { PlanStep, RoutingPlan } from '@gomind/orchestration';

/** A plan of a size. */
export type PlanShape = (size: number) => RoutingPlan;

/** Each step waits for the one before. */
export const chain: PlanShape = (size) => planOf(size, (index) => (index === 0 ? [] : [index - 1]));

/** All steps but the last wait for the first, and the last waits for them. */
export const fanOut: PlanShape = (size) =>
  planOf(size, (index) => {
    if (index === 0) return [];
    return index < size - 1 ? [0] : Array.from({ length: size - 2 }, (_, middle) => middle + 1);
  });

/** As many layers as each has steps; a step waits for one to three of the layer before. The same graph every time. */
export const layered: PlanShape = (size) => {
  const width = Math.max(1, Math.round(Math.sqrt(size)));
  const random = seededRandom(42);
  return planOf(size, (index) => {
    const above = Math.floor(index / width) - 1;
    if (above < 0) return [];
    const count = 1 + Math.floor(random() * 3);
    return Array.from({ length: count }, () => above * width + Math.floor(random() * width));
  });
};

function planOf(size: number, dependenciesOf: (index: number) => readonly number[]): RoutingPlan {
  const steps = Array.from({ length: size }, (_, index): PlanStep => ({
    name: `step-${String(index)}`,
    kind: 'nothing',
    inputs: {},
    dependsOn: [...new Set(dependenciesOf(index))].map((other) => `step-${String(other)}`),
  }));
  return { steps };
}

/** A linear congruential generator (Numerical Recipes). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
