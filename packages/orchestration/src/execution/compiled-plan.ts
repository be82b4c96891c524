/**
 * A plan made ready to run: names become indices, edges become lists of indices, and whatever is the same for every run of
 * a step is found out once.
 *
 * A fallback step waits for the step it stands in for, and that step's dependants wait for the fallback too.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import { handlesFailures } from '../plan/expressions/evaluate-condition.ts';
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import { StepGraph } from '../plan/step-graph.ts';
import { compileStepInputs, type StepInputs } from './step-inputs.ts';

/** A step with its place in the graph. */
export class CompiledStep {
  readonly step: PlanStep;
  readonly index: number;
  readonly inputs: StepInputs;
  /** Whether its condition decides about failed dependencies itself. */
  readonly handlesFailures: boolean;
  /** Its declared dependencies. */
  readonly dependsOn: number[] = [];
  /** Who waits for it; a step that waits twice stands here twice. */
  readonly dependants: number[] = [];
  /** The steps it stands in for. */
  replaces: readonly number[] = [];
  /** The step that stands in for it, or -1. */
  fallback = -1;
  /** How many ends of other steps it waits for, each as often as it stands in their `dependants`. */
  waitsFor = 0;

  constructor(step: PlanStep, index: number) {
    this.step = step;
    this.index = index;
    this.inputs = compileStepInputs(step);
    this.handlesFailures = handlesFailures(step.when);
  }
}

/** A plan whose graph can be run. */
export interface CompiledPlan {
  readonly plan: RoutingPlan;
  readonly steps: readonly CompiledStep[];
}

/**
 * Compiles a plan in time proportional to its steps and edges.
 *
 * @throws GomindError `PLAN_REJECTED` for duplicate names, unknown dependencies and circles
 */
export function compilePlan(plan: RoutingPlan): CompiledPlan {
  const indices = new Map<string, number>();
  const steps = plan.steps.map((step, index) => {
    indices.set(step.name, index);
    return new CompiledStep(step, index);
  });
  if (indices.size !== steps.length) throw rejected('two steps have the same name');
  connectFallbacks(steps, indices);
  const pointsBackwards = connectDependencies(steps, indices);
  // Edges that all point backwards cannot close a circle, and most plans are written that way.
  if (!pointsBackwards) refuseCircle(steps);
  return { plan, steps };
}

function connectFallbacks(steps: readonly CompiledStep[], indices: ReadonlyMap<string, number>): void {
  for (const node of steps) {
    if (typeof node.step.onError !== 'object') continue;
    const name = node.step.onError.fallback;
    const fallback = steps[indices.get(name) ?? -1];
    if (fallback === undefined) throw rejected(`the fallback "${name}" of step "${node.step.name}" is not there`);
    if (fallback === node) throw rejected(`step "${name}" is its own fallback`);
    node.fallback = fallback.index;
    fallback.replaces = [...fallback.replaces, node.index];
  }
}

/** @returns whether every edge points to an earlier step */
function connectDependencies(steps: readonly CompiledStep[], indices: ReadonlyMap<string, number>): boolean {
  let pointsBackwards = true;
  const connect = (waiting: CompiledStep, on: CompiledStep): void => {
    on.dependants.push(waiting.index);
    waiting.waitsFor++;
    pointsBackwards &&= on.index < waiting.index;
  };
  for (const node of steps) {
    for (const name of node.step.dependsOn) {
      const dependency = steps[indices.get(name) ?? -1];
      if (dependency === undefined) {
        throw rejected(`step "${node.step.name}" depends on "${name}", which is not there`);
      }
      node.dependsOn.push(dependency.index);
      connect(node, dependency);
      if (dependency.fallback < 0) continue;
      for (const fallback of fallbacksOf(dependency, steps)) if (fallback !== node) connect(node, fallback);
    }
    for (const replaced of node.replaces) connect(node, steps[replaced] ?? node);
  }
  return pointsBackwards;
}

/** The fallback of a step, the fallback's own fallback, and so on. */
function* fallbacksOf(node: CompiledStep, steps: readonly CompiledStep[]): Generator<CompiledStep> {
  const seen = new Set([node]);
  for (let next = steps[node.fallback]; next !== undefined && !seen.has(next); next = steps[next.fallback]) {
    seen.add(next);
    yield next;
  }
}

function refuseCircle(steps: readonly CompiledStep[]): void {
  const waitsFor = steps.map((): string[] => []);
  for (const { dependants, step } of steps) for (const dependant of dependants) waitsFor[dependant]?.push(step.name);
  const graph = new StepGraph(steps.map(({ step, index }) => ({ name: step.name, dependsOn: waitsFor[index] ?? [] })));
  const circle = graph.findCycle();
  if (circle !== undefined) throw rejected(`steps wait for each other in a circle: ${circle.join(' -> ')}`);
}

function rejected(problem: string): GomindError {
  return new GomindError({ code: 'PLAN_REJECTED', message: `The plan cannot be run: ${problem}.` });
}
