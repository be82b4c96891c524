/**
 * A plan as nodes, edges and layers, for all the ways to draw it.
 *
 * @module
 */
import type { PlanStep, RoutingPlan } from '@gomind/orchestration/workflow';

/** One step as it is drawn. */
export interface GraphNode {
  readonly name: string;
  /** What it does: `tool.action`, its kind, or the steps of a group that runs as a whole. */
  readonly label: string;
  readonly kind: string;
  readonly hasCondition: boolean;
  /** Longest way from a root, from 0. */
  readonly layer: number;
}

/** A drawing's content. */
export interface Graph {
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

/** The graph of a plan that can be run. */
export function graphOf(plan: RoutingPlan): Graph {
  const steps = new Map(plan.steps.map((step) => [step.name, step]));
  const layers = new Map<string, number>();
  for (const name of orderOf(plan)) {
    const before = steps.get(name)?.dependsOn.map((dependency) => layers.get(dependency) ?? 0) ?? [];
    layers.set(name, before.length === 0 ? 0 : Math.max(...before) + 1);
  }
  return {
    title: plan.name ?? 'plan',
    nodes: plan.steps.map((step) => ({
      name: step.name,
      label: labelOf(step),
      kind: step.kind ?? 'component',
      hasCondition: step.when !== undefined,
      layer: layers.get(step.name) ?? 0,
    })),
    edges: plan.steps.flatMap((step) => step.dependsOn.map((from) => ({ from, to: step.name }))),
  };
}

function labelOf(step: PlanStep): string {
  if (step.component !== undefined) return `${step.component}${step.action === undefined ? '' : `.${step.action}`}`;
  if (step.kind !== 'group') return step.kind ?? 'step';
  const { steps } = step.config?.['plan'] as RoutingPlan;
  return `${step.forEach === undefined ? 'group' : 'for each'}: ${steps.map(({ name }) => name).join(', ')}`;
}

/** Names so that each comes after what it waits for. */
function orderOf(plan: RoutingPlan): string[] {
  const waiting = new Map(plan.steps.map((step) => [step.name, new Set(step.dependsOn).size]));
  const dependants = new Map<string, string[]>();
  for (const step of plan.steps) {
    for (const dependency of new Set(step.dependsOn)) {
      const names = dependants.get(dependency);
      if (names === undefined) dependants.set(dependency, [step.name]);
      else names.push(step.name);
    }
  }
  const order = [...waiting].filter(([, count]) => count === 0).map(([name]) => name);
  for (let index = 0; index < order.length; index++) {
    for (const name of dependants.get(order[index] ?? '') ?? []) {
      const left = (waiting.get(name) ?? 0) - 1;
      waiting.set(name, left);
      if (left === 0) order.push(name);
    }
  }
  return order;
}
