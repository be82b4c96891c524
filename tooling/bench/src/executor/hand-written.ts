/**
 * The least that runs a graph: what a programmer would write by hand for promises in topological order. No events, limits,
 * deadlines, conditions, cancellation or results but the outputs.
 *
 * @module
 */
import type { PlanStep } from '@gomind/orchestration';

/**
 * Runs steps, each as soon as the last one that it waits for has ended.
 *
 * @returns outputs by name
 */
export function runByHand(
  steps: readonly PlanStep[],
  run: (step: PlanStep) => Promise<unknown>,
): Promise<ReadonlyMap<string, unknown>> {
  const outputs = new Map<string, unknown>();
  const waiting = new Map<string, number>();
  const dependants = new Map<string, PlanStep[]>();
  for (const step of steps) {
    waiting.set(step.name, step.dependsOn.length);
    for (const name of step.dependsOn) {
      const known = dependants.get(name);
      if (known === undefined) dependants.set(name, [step]);
      else known.push(step);
    }
  }
  return new Promise((resolve, reject) => {
    const start = (step: PlanStep): void => {
      run(step).then((output) => {
        outputs.set(step.name, output);
        if (outputs.size === steps.length) resolve(outputs);
        for (const dependant of dependants.get(step.name) ?? []) {
          const left = (waiting.get(dependant.name) ?? 0) - 1;
          waiting.set(dependant.name, left);
          if (left === 0) start(dependant);
        }
      }, reject);
    };
    for (const step of steps) if (step.dependsOn.length === 0) start(step);
  });
}
