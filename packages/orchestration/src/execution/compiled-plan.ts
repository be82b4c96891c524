/**
 * A plan made ready to run: names become indices, and edges become lists of indices.
 *
 * A fallback step waits for the step it stands in for, and that step's dependants wait for the fallback too.
 *
 * Nothing is made for each step: in a plan of 10,000 steps, objects that live as long as the run cost more to carry through
 * garbage collections than the steps cost to run.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import { StepGraph } from '../plan/step-graph.ts';
import type { EdgeList } from './edge-list.ts';
import { groupEdges } from './edge-list.ts';

const maxFallbacks = 10;

/** A plan whose graph can be run; steps are named by their places in the plan. */
export interface CompiledPlan {
  readonly plan: RoutingPlan;
  readonly steps: readonly PlanStep[];
  /** Declared dependencies of each step. */
  readonly dependsOn: EdgeList;
  /** Who waits for each step; a step that waits twice stands there twice. */
  readonly dependants: EdgeList;
  /** How many ends of other steps each step waits for, each as often as it stands in their `dependants`. */
  readonly waitsFor: Int32Array;
  /** The step that stands in for a step. */
  readonly fallbackOf: ReadonlyMap<number, number>;
  /** The steps that a step stands in for. */
  readonly replacedBy: ReadonlyMap<number, readonly number[]>;
}

/**
 * Compiles a plan in time proportional to its steps and edges.
 *
 * @throws GomindError `PLAN_REJECTED` for duplicate names, unknown dependencies and circles
 */
export function compilePlan(plan: RoutingPlan): CompiledPlan {
  const { steps } = plan;
  const places = new Map<string, number>();
  for (const [index, step] of steps.entries()) places.set(step.name, index);
  if (places.size !== steps.length) throw rejected('two steps have the same name');
  const fallbackOf = findFallbacks(steps, places);
  const replacedBy = invert(fallbackOf);

  const declared = new EdgeCollector(steps.length);
  const waits = new EdgeCollector(steps.length);
  for (const [index, step] of steps.entries()) {
    for (const name of step.dependsOn) {
      const dependency = places.get(name);
      if (dependency === undefined) throw rejected(`step "${step.name}" depends on "${name}", which is not there`);
      declared.add(index, dependency);
      waits.add(index, dependency);
      for (let at = fallbackOf.get(dependency); at !== undefined && at !== index; at = fallbackOf.get(at)) {
        waits.add(index, at);
      }
    }
    for (const replaced of replacedBy.get(index) ?? []) waits.add(index, replaced);
  }
  // Edges that all point backwards cannot close a circle, and most plans are written that way.
  if (!waits.pointsBackwards) refuseCircle(steps, waits);
  return {
    plan,
    steps,
    dependsOn: groupEdges(declared.from, declared.to, steps.length),
    dependants: groupEdges(waits.to, waits.from, steps.length),
    waitsFor: waits.countFrom,
    fallbackOf,
    replacedBy,
  };
}

/** Edges in the order in which they are found. */
class EdgeCollector {
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly countFrom: Int32Array;
  pointsBackwards = true;

  constructor(steps: number) {
    this.countFrom = new Int32Array(steps);
  }

  add(from: number, to: number): void {
    this.from.push(from);
    this.to.push(to);
    this.countFrom[from] = (this.countFrom[from] ?? 0) + 1;
    if (to >= from) this.pointsBackwards = false;
  }
}

function findFallbacks(steps: readonly PlanStep[], places: ReadonlyMap<string, number>): Map<number, number> {
  const fallbackOf = new Map<number, number>();
  for (const [index, step] of steps.entries()) {
    if (typeof step.onError !== 'object') continue;
    const name = step.onError.fallback;
    const fallback = places.get(name);
    if (fallback === undefined) throw rejected(`the fallback "${name}" of step "${step.name}" is not there`);
    fallbackOf.set(index, fallback);
  }
  for (const [index] of fallbackOf) refuseLongChain(index, fallbackOf, steps);
  return fallbackOf;
}

/** Chains of fallbacks are followed for each edge, so they must be short; this refuses circles, too. */
function refuseLongChain(index: number, fallbackOf: ReadonlyMap<number, number>, steps: readonly PlanStep[]): void {
  let length = 0;
  for (let at = fallbackOf.get(index); at !== undefined; at = fallbackOf.get(at)) {
    if (++length > maxFallbacks) {
      const name = steps[index]?.name ?? '';
      throw rejected(`step "${name}" has more than ${String(maxFallbacks)} fallbacks in a row, or they go in a circle`);
    }
  }
}

function invert(fallbackOf: ReadonlyMap<number, number>): Map<number, number[]> {
  const replacedBy = new Map<number, number[]>();
  for (const [replaced, fallback] of fallbackOf) {
    const known = replacedBy.get(fallback);
    if (known === undefined) replacedBy.set(fallback, [replaced]);
    else known.push(replaced);
  }
  return replacedBy;
}

function refuseCircle(steps: readonly PlanStep[], waits: EdgeCollector): void {
  const waitsFor = steps.map((): string[] => []);
  for (const [at, from] of waits.from.entries()) waitsFor[from]?.push(steps[waits.to[at] ?? -1]?.name ?? '');
  const graph = new StepGraph(steps.map(({ name }, index) => ({ name, dependsOn: waitsFor[index] ?? [] })));
  const circle = graph.findCycle();
  if (circle !== undefined) throw rejected(`steps wait for each other in a circle: ${circle.join(' -> ')}`);
}

function rejected(problem: string): GomindError {
  return new GomindError({ code: 'PLAN_REJECTED', message: `The plan cannot be run: ${problem}.` });
}
