/**
 * A good run of a request becomes a workflow: what the request said becomes its inputs, the calls stay the same.
 *
 * @module
 */
import { GomindError, redactText } from '@gomind/core';
import type { StepResult } from '../plan/execution-result.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { WorkflowDefinition, WorkflowInput } from './definition.ts';
import { planToWorkflow } from './plan-to-workflow.ts';

/** What of a run is needed: an `OrchestratorResponse` has it all, but for the request. */
export interface PromotableRun {
  /** The user's words; without them nothing is lifted. */
  readonly request?: string;
  readonly status: string;
  readonly plan?: RoutingPlan | undefined;
  readonly steps: Readonly<Record<string, StepResult>>;
}

/** Options of {@link promoteRun}. */
export interface PromoteOptions {
  /** Default: made from the request. */
  readonly name?: string;
  readonly componentType?: (component: string) => 'tool' | 'agent';
}

/**
 * Makes a workflow from a finished run. Every literal of the plan that stands in the request becomes an input with that
 * value as its default, so that running the workflow without inputs makes the same calls.
 *
 * @param run a completed run
 * @throws GomindError `CONFIG_INVALID` for a run without a plan, or one that did not complete
 */
export function promoteRun(run: PromotableRun, options: PromoteOptions = {}): WorkflowDefinition {
  const { plan, request = '' } = run;
  const incomplete = plan?.steps.find(({ name }) => run.steps[name]?.status !== 'completed');
  if (plan === undefined || plan.steps.length === 0 || incomplete !== undefined) {
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message:
        incomplete === undefined
          ? 'The run has no plan, so there is nothing to promote.'
          : `Only a completed run can be promoted, and its step "${incomplete.name}" did not complete.`,
    });
  }
  const renamed = readableNames(plan);
  const lifter = new InputLifter(request);
  // The steps keep what they need; the words about them need no secret.
  const told = redactText(request);
  const steps = renamed.steps.map((step) => ({
    ...step,
    inputs: Object.fromEntries(Object.entries(step.inputs).map(([name, value]) => [name, lifter.lift(name, value)])),
  }));
  return planToWorkflow(
    { ...renamed, steps },
    {
      ...options,
      name: options.name ?? nameOf(told),
      ...(told === '' ? {} : { description: told.slice(0, 1_000) }),
      inputs: lifter.inputs,
    },
  );
}

/** Turns literals that the request holds into inputs. */
class InputLifter {
  readonly inputs: Record<string, WorkflowInput> = {};
  readonly #request: string;

  constructor(request: string) {
    this.#request = request.toLowerCase();
  }

  lift(name: string, value: unknown): unknown {
    if (!this.#stands(value)) return value;
    return `\${inputs.${this.#inputFor(name, value)}}`;
  }

  #stands(value: unknown): value is string | number {
    if (typeof value === 'number') return this.#asWord(String(value));
    return (
      typeof value === 'string' && value.trim().length > 1 && !value.includes('${') && this.#asWord(value.toLowerCase())
    );
  }

  /** As a word of its own: "usd" stands in "in USD", "1" does not stand in "100". */
  #asWord(text: string): boolean {
    for (let at = this.#request.indexOf(text); at !== -1; at = this.#request.indexOf(text, at + 1)) {
      const around = [this.#request[at - 1], this.#request[at + text.length]];
      if (around.every((character) => character === undefined || !/[\p{L}\p{N}]/u.test(character))) return true;
    }
    return false;
  }

  /** The same value under the same name is one input; another value gets a name of its own. */
  #inputFor(parameter: string, value: string | number): string {
    const base = parameter.replaceAll(/[^\p{L}\p{N}_]/gu, '_');
    for (let count = 1; ; count++) {
      const name = count === 1 ? base : `${base}_${String(count)}`;
      const known = this.inputs[name];
      if (known?.default === value) return name;
      if (known === undefined) {
        this.inputs[name] = {
          schema: { type: typeof value === 'number' ? 'number' : 'string' },
          required: false,
          default: value,
        };
        return name;
      }
    }
  }
}

/** Steps that a model named `step_1` or `s2` get the name of what they do. */
function readableNames(plan: RoutingPlan): RoutingPlan {
  const taken = new Set(plan.steps.map(({ name }) => name));
  const names = new Map<string, string>();
  for (const { name, action } of plan.steps) {
    const isPlaceholder = /^(?:s|step|task|t)?[\s_-]*\d+$/i.test(name);
    const wanted = (action ?? '').replaceAll(/[^\p{L}\p{N}_-]/gu, '-');
    if (!isPlaceholder || wanted === '') continue;
    const free = [wanted, ...Array.from({ length: plan.steps.length }, (_, index) => `${wanted}-${String(index + 2)}`)];
    const chosen = free.find((candidate) => !taken.has(candidate));
    if (chosen === undefined) continue;
    taken.add(chosen);
    names.set(name, chosen);
  }
  if (names.size === 0) return plan;
  return renameSteps(plan, names);
}

function renameSteps(plan: RoutingPlan, names: ReadonlyMap<string, string>): RoutingPlan {
  const nameOfStep = (name: string): string => names.get(name) ?? name;
  const rewrite = (value: unknown): unknown => {
    if (typeof value === 'string') {
      return value.includes('steps.')
        ? value.replaceAll(/\bsteps\.([\p{L}\p{N}_-]+)/gu, (_match, name: string) => `steps.${nameOfStep(name)}`)
        : value;
    }
    if (Array.isArray(value)) return value.map(rewrite);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rewrite(inner)]));
  };
  return {
    ...plan,
    steps: plan.steps.map((step) => ({
      ...step,
      name: nameOfStep(step.name),
      dependsOn: step.dependsOn.map(nameOfStep),
      inputs: rewrite(step.inputs) as typeof step.inputs,
      ...(step.inputsFrom === undefined ? {} : { inputsFrom: rewrite(step.inputsFrom) as string }),
      ...(step.when === undefined ? {} : { when: rewrite(step.when) as string }),
      ...(step.forEach === undefined ? {} : { forEach: rewrite(step.forEach) as typeof step.forEach }),
      ...(typeof step.onError === 'object' ? { onError: { fallback: nameOfStep(step.onError.fallback) } } : {}),
    })),
    ...(plan.outputs === undefined ? {} : { outputs: rewrite(plan.outputs) as NonNullable<RoutingPlan['outputs']> }),
  };
}

function nameOf(request: string): string {
  const words = request.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.slice(0, 6).join('-').slice(0, 60) || 'promoted-run';
}
