/**
 * A dry run: what running a plan can cost at most, without calling anything.
 *
 * @module
 */
import type { PlanStep, RoutingPlan } from './routing-plan.ts';
import { StepGraph } from './step-graph.ts';

/** What an estimate assumes where the plan does not say. */
export interface EstimatePlanOptions {
  /** Calls in all for a step without a `retry` of its own. Default: 3, as component steps have it. */
  readonly maxAttempts?: number;
  /** Items of a `for_each` whose list is not in the plan. Default: 10,000, the most that a step runs. */
  readonly maxItems?: number;
  /** Milliseconds that one call takes. Default: 1, so that times count calls one after the other. */
  callMs?(step: PlanStep): number;
}

/** Upper bounds of a run. */
export interface PlanEstimate {
  /** Those inside groups that run as a whole too, once. */
  readonly steps: number;
  /** Calls at most: every step runs, every call is made again as often as it may be. Plans of `plan` steps are not looked into. */
  readonly maxCalls: number;
  /** Steps on the longest chain of dependencies. */
  readonly depth: number;
  /** The steps that a run waits for even if everything else runs at the same time and every call is made once. */
  readonly criticalPath: readonly string[];
  /** Milliseconds along the critical path. */
  readonly criticalMs: number;
}

const defaultAttempts = 3;
const defaultItems = 10_000;

/**
 * Estimates a plan.
 *
 * @param plan a plan that was proved (`validatePlan`)
 */
export function estimatePlan(plan: RoutingPlan, options: EstimatePlanOptions = {}): PlanEstimate {
  const { maxAttempts = defaultAttempts, maxItems = defaultItems } = options;
  const steps = new Map(plan.steps.map((step) => [step.name, step]));
  const groups = new Map(plan.steps.flatMap((step) => groupOf(step, options)));
  const itemsOf = (step: PlanStep): number => {
    if (step.forEach === undefined) return 1;
    return Array.isArray(step.forEach.items) ? step.forEach.items.length : maxItems;
  };
  const millisecondsOf = (name: string): number => {
    const step = steps.get(name);
    if (step === undefined) return 0;
    const rounds = Math.ceil(itemsOf(step) / (step.forEach?.maxParallel ?? Number.POSITIVE_INFINITY));
    const onceMs = groups.get(name)?.criticalMs ?? options.callMs?.(step) ?? 1;
    return onceMs * Math.max(rounds, itemsOf(step) > 0 ? 1 : 0);
  };
  const graph = new StepGraph(plan.steps);
  const critical = graph.heaviestPath(millisecondsOf);
  const calls = plan.steps.map((step) => {
    const group = groups.get(step.name);
    if (group !== undefined) return itemsOf(step) * (step.retry?.maxAttempts ?? 1) * group.maxCalls;
    return itemsOf(step) * (step.retry?.maxAttempts ?? maxAttempts);
  });
  return {
    steps: [...groups.values()].reduce((sum, group) => sum + group.steps, plan.steps.length),
    maxCalls: calls.reduce((sum, count) => sum + count, 0),
    depth: graph.criticalPath((name) => 1 + (groups.get(name)?.depth ?? 0)),
    criticalPath: critical.names,
    criticalMs: critical.weight,
  };
}

/** What is inside a group that runs as a whole. */
function groupOf({ name, kind, config }: PlanStep, options: EstimatePlanOptions): (readonly [string, PlanEstimate])[] {
  return kind === 'group' ? [[name, estimatePlan(config?.['plan'] as RoutingPlan, options)]] : [];
}
