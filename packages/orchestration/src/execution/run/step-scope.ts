/**
 * What expressions see of steps: the results of those that have settled, by name.
 *
 * @module
 */
import type { StepResult } from '../../plan/execution-result.ts';
import type { ExpressionScope } from '../../plan/expressions/scope.ts';
import type { CompiledPlan } from '../compiled/compiled-plan.ts';
import { emptyRecord, setOwn } from './own-keys.ts';

/** Made when the first expression looks at a step, kept up to date from then on: many plans have none that does. */
export class StepScope {
  readonly #plan: CompiledPlan;
  readonly #results: readonly (StepResult | undefined)[];
  readonly #earlier: Readonly<Record<string, unknown>> | undefined;
  #seen: Record<string, unknown> | undefined;

  /**
   * @param results by the steps' places in the plan; filled in while the plan runs
   * @param earlier steps that have ended before
   */
  constructor(
    plan: CompiledPlan,
    results: readonly (StepResult | undefined)[],
    earlier: Readonly<Record<string, unknown>> | undefined,
  ) {
    this.#plan = plan;
    this.#results = results;
    this.#earlier = earlier;
  }

  get steps(): Readonly<Record<string, unknown>> {
    if (this.#seen === undefined) {
      this.#seen = Object.assign(emptyRecord(this.#results.length), this.#earlier);
      for (const index of this.#results.keys()) this.#show(index, this.#seen);
    }
    return this.#seen;
  }

  /** The result of a step is there. */
  settled(index: number): void {
    if (this.#seen !== undefined) this.#show(index, this.#seen);
  }

  #show(index: number, seen: Record<string, unknown>): void {
    const result = this.#results[index];
    if (result === undefined) return;
    const output = this.#standInFor(index);
    const isReplaced = result.status === 'failed' && output !== undefined;
    setOwn(seen, this.#plan.steps[index]?.name ?? '', isReplaced ? { ...result, output: output.value } : result);
    // Whom this step stands in for is seen with its output.
    if (result.status === 'completed' || isReplaced) {
      for (const replaced of this.#plan.replacedBy.get(index) ?? []) this.#show(replaced, seen);
    }
  }

  /** The output of the fallback (or its fallback) that completed in a step's stead. */
  #standInFor(index: number): { readonly value: unknown } | undefined {
    for (let at = this.#plan.fallbackOf.get(index); at !== undefined; at = this.#plan.fallbackOf.get(at)) {
      const result = this.#results[at];
      if (result?.status === 'completed') return { value: result.output };
    }
    return undefined;
  }
}

/** A scope that shows the steps of a plan. */
export function withSteps(scope: ExpressionScope, stepScope: StepScope): ExpressionScope {
  return {
    ...scope,
    get steps() {
      return stepScope.steps;
    },
  };
}
