/**
 * The plan's graph while it runs: who waits for how many, and what the end of a dependency means for a step.
 *
 * A fallback step waits for the step it stands in for, and that step's dependants wait for the fallback too.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { StepResult } from '../plan/execution-result.ts';
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import { StepGraph } from '../plan/step-graph.ts';

/** How a step's dependencies stand once all have settled. */
export interface Standing {
  /** `unneeded`: a fallback whose step did not fail. */
  readonly kind: 'normal' | 'unneeded';
  readonly reason: string;
  /** Why the step cannot run, if a dependency failed. */
  readonly blockedBy: string | undefined;
  /** `completed`, `skipped` or `failed`, one for each dependency. */
  readonly states: readonly string[];
}

/** Counts down dependencies; each step is released exactly once. */
export class RunGraph {
  readonly #steps: ReadonlyMap<string, PlanStep>;
  readonly #graph: StepGraph;
  readonly #waiting = new Map<string, number>();
  readonly #released = new Set<string>();
  readonly #skippedByCondition = new Set<string>();
  /** Steps by the fallback that stands in for them. */
  readonly #replaced = new Map<string, string[]>();

  /** @throws GomindError `PLAN_REJECTED` for duplicate names, unknown dependencies and circles */
  constructor(plan: RoutingPlan) {
    this.#steps = new Map(plan.steps.map((step) => [step.name, step]));
    if (this.#steps.size !== plan.steps.length) throw rejected('two steps have the same name');
    for (const step of plan.steps) {
      const unknown = step.dependsOn.find((name) => !this.#steps.has(name));
      if (unknown !== undefined) throw rejected(`step "${step.name}" depends on "${unknown}", which is not there`);
      const fallback = fallbackOf(step);
      if (fallback === undefined) continue;
      if (!this.#steps.has(fallback)) throw rejected(`the fallback "${fallback}" of step "${step.name}" is not there`);
      this.#replaced.set(fallback, [...(this.#replaced.get(fallback) ?? []), step.name]);
    }
    this.#graph = new StepGraph(plan.steps.map((step) => ({ name: step.name, dependsOn: this.#waitsFor(step) })));
    const cycle = this.#graph.findCycle();
    if (cycle !== undefined) throw rejected(`steps wait for each other in a circle: ${cycle.join(' -> ')}`);
    for (const name of this.#steps.keys()) this.#waiting.set(name, this.#graph.dependenciesOf(name).length);
  }

  /** Steps that wait for nobody. */
  roots(): PlanStep[] {
    return [...this.#steps.values()]
      .filter((step) => this.#waiting.get(step.name) === 0)
      .map((step) => this.#release(step));
  }

  /** Takes note that a step has settled; returns the steps that waited for exactly this one. */
  release(name: string): PlanStep[] {
    const ready: PlanStep[] = [];
    for (const dependant of this.#graph.dependantsOf(name)) {
      const left = (this.#waiting.get(dependant) ?? 0) - 1;
      this.#waiting.set(dependant, left);
      const step = this.#steps.get(dependant);
      if (left === 0 && step !== undefined) ready.push(this.#release(step));
    }
    return ready;
  }

  /** Whether a step has been handed out to run. */
  isReleased(name: string): boolean {
    return this.#released.has(name);
  }

  markSkippedByCondition(name: string): void {
    this.#skippedByCondition.add(name);
  }

  /** Steps that a fallback stands in for. */
  replacedBy(fallback: string): readonly string[] {
    return this.#replaced.get(fallback) ?? [];
  }

  /** What the ends of a step's dependencies mean for it. */
  standingOf(step: PlanStep, results: ReadonlyMap<string, StepResult>): Standing {
    const replaced = this.replacedBy(step.name);
    if (replaced.length > 0 && replaced.every((name) => results.get(name)?.status !== 'failed')) {
      return { kind: 'unneeded', reason: `"${replaced.join('", "')}" did not fail`, blockedBy: undefined, states: [] };
    }
    const states = step.dependsOn.map((name) => this.#stateOf(name, results));
    const failed = step.dependsOn.find((name, index) => states[index] === 'failed' && !replaced.includes(name));
    return {
      kind: 'normal',
      reason: '',
      blockedBy: failed === undefined ? undefined : this.#reason(failed, results),
      states,
    };
  }

  #release(step: PlanStep): PlanStep {
    this.#released.add(step.name);
    return step;
  }

  #waitsFor(step: PlanStep): string[] {
    const fallbacks = step.dependsOn
      .map((name) => fallbackOf(this.#steps.get(name)))
      .filter((fallback) => fallback !== undefined && fallback !== step.name) as string[];
    return [...step.dependsOn, ...fallbacks, ...this.replacedBy(step.name)];
  }

  #stateOf(name: string, results: ReadonlyMap<string, StepResult>): 'completed' | 'skipped' | 'failed' {
    const result = results.get(name);
    if (result?.status === 'completed') return 'completed';
    if (result?.status === 'skipped' && this.#skippedByCondition.has(name)) return 'skipped';
    const step = this.#steps.get(name);
    if (result?.status === 'failed' && step?.onError === 'continue') return 'completed';
    const fallback = fallbackOf(step);
    const isReplaced =
      result?.status === 'failed' && fallback !== undefined && results.get(fallback)?.status === 'completed';
    return isReplaced ? 'completed' : 'failed';
  }

  #reason(name: string, results: ReadonlyMap<string, StepResult>): string {
    const result = results.get(name);
    return result?.status === 'skipped' && result.reason !== undefined
      ? result.reason
      : `step "${name}" ${result?.status ?? 'failed'}`;
  }
}

function fallbackOf(step: PlanStep | undefined): string | undefined {
  return typeof step?.onError === 'object' ? step.onError.fallback : undefined;
}

function rejected(problem: string): GomindError {
  return new GomindError({ code: 'PLAN_REJECTED', message: `The plan cannot be run: ${problem}.` });
}
