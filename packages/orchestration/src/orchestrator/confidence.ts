/**
 * How far the results carry an answer: a count, never a guess.
 *
 * @module
 */
import type { StepResult } from '../plan/execution-result.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import { StepGraph } from '../plan/step-graph.ts';

/**
 * The share of steps that completed, of those that were meant to run. A step whose condition was false was not meant to, nor was
 * what only follows from it, nor a fallback that was not needed; a step that something failed or cancelled kept from running was.
 *
 * @param plan the plan
 * @param steps how its steps ended; one that did not end did not complete
 * @returns 0 to 1; 0 when nothing ran
 */
export function completedShare(plan: RoutingPlan, steps: Readonly<Record<string, StepResult>>): number {
  const byName = new Map(plan.steps.map((step) => [step.name, step]));
  const stopped = new Set<string>();
  let meant = 0;
  let completed = 0;
  for (const name of new StepGraph(plan.steps).topologicalOrder()) {
    const step = byName.get(name);
    if (step === undefined) continue;
    const status = Object.hasOwn(steps, name) ? steps[name]?.status : undefined;
    if (status === 'completed') completed += 1;
    else if (status === 'skipped' && !step.dependsOn.some((dependency) => stopped.has(dependency))) continue;
    else if (step.onError !== 'continue' || status !== 'failed') stopped.add(name);
    meant += 1;
  }
  return meant === 0 ? 0 : completed / meant;
}
