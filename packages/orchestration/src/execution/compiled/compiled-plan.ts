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
import type { PlanStep, RoutingPlan } from '../../plan/routing-plan.ts';
import { StepGraph } from '../../plan/step-graph.ts';
import { EdgeList } from './edge-list.ts';
import { NameIndex } from './name-index.ts';

const maxFallbacks = 10;

/** A plan whose graph can be run; steps are named by their places in the plan. */
export interface CompiledPlan {
  readonly plan: RoutingPlan;
  readonly steps: readonly PlanStep[];
  /** Declared dependencies of each step. */
  readonly dependsOn: EdgeList;
  /** How many ends of other steps each step waits for: its dependencies, and what a fallback makes of them. */
  readonly waitsFor: EdgeList;
  /** Who waits for each step; a step that waits twice stands there twice. */
  readonly dependants: EdgeList;
  /** The step that stands in for a step. */
  readonly fallbackOf: ReadonlyMap<number, number>;
  /** The steps that a step stands in for. */
  readonly replacedBy: ReadonlyMap<number, readonly number[]>;
}

const noFallbacks: ReadonlyMap<number, number> = new Map();
const noneReplaced: ReadonlyMap<number, readonly number[]> = new Map();

/**
 * Compiles a plan in time proportional to its steps and edges.
 *
 * @throws GomindError `PLAN_REJECTED` for duplicate names, unknown dependencies and circles
 */
export function compilePlan(plan: RoutingPlan): CompiledPlan {
  const { steps } = plan;
  const places = new NameIndex(steps.length);
  let edges = 0;
  let index = 0;
  let hasFallbacks = false;
  for (const step of steps) {
    places.set(step.name, index++);
    edges += step.dependsOn.length;
    if (typeof step.onError === 'object') hasFallbacks = true;
  }
  if (places.size !== steps.length) throw rejected('two steps have the same name');
  const dependsOn = declaredEdges(steps, places, edges);
  const fallbackOf = hasFallbacks ? findFallbacks(steps, places) : noFallbacks;
  const replacedBy = hasFallbacks ? invert(fallbackOf) : noneReplaced;
  const waitsFor = hasFallbacks ? withFallbacks(dependsOn, fallbackOf, replacedBy) : dependsOn;
  // Edges that all point backwards cannot close a circle, and most plans are written that way.
  if (!waitsFor.pointsBackwards()) refuseCircle(steps, waitsFor);
  return { plan, steps, dependsOn, waitsFor, dependants: waitsFor.inverted(), fallbackOf, replacedBy };
}

function declaredEdges(steps: readonly PlanStep[], places: NameIndex, edges: number): EdgeList {
  const starts = new Int32Array(steps.length + 1);
  const targets = new Int32Array(edges);
  let node = 0;
  let count = 0;
  for (const step of steps) {
    for (const name of step.dependsOn) {
      const dependency = places.get(name);
      if (dependency === undefined) throw rejected(`step "${step.name}" depends on "${name}", which is not there`);
      targets[count++] = dependency;
    }
    starts[++node] = count;
  }
  return new EdgeList(starts, targets);
}

/** A fallback waits for the step it stands in for, and whoever waits for that step waits for its fallbacks, too. */
function withFallbacks(
  dependsOn: EdgeList,
  fallbackOf: ReadonlyMap<number, number>,
  replacedBy: ReadonlyMap<number, readonly number[]>,
): EdgeList {
  const starts = [0];
  const targets: number[] = [];
  for (let index = 0; index < dependsOn.nodes; index++) {
    for (const dependency of dependsOn.targetsOf(index)) {
      targets.push(dependency);
      for (let at = fallbackOf.get(dependency); at !== undefined && at !== index; at = fallbackOf.get(at)) {
        targets.push(at);
      }
    }
    targets.push(...(replacedBy.get(index) ?? []));
    starts.push(targets.length);
  }
  return new EdgeList(Int32Array.from(starts), Int32Array.from(targets));
}

function findFallbacks(steps: readonly PlanStep[], places: NameIndex): Map<number, number> {
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

function refuseCircle(steps: readonly PlanStep[], waitsFor: EdgeList): void {
  const nameAt = (index: number): string => steps[index]?.name ?? '';
  const nodes = steps.map(({ name }, index) => ({ name, dependsOn: waitsFor.targetsOf(index).map(nameAt) }));
  const circle = new StepGraph(nodes).findCycle();
  if (circle !== undefined) throw rejected(`steps wait for each other in a circle: ${circle.join(' -> ')}`);
}

function rejected(problem: string): GomindError {
  return new GomindError({ code: 'PLAN_REJECTED', message: `The plan cannot be run: ${problem}.` });
}
