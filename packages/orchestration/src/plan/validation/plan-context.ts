/**
 * What the checks of a plan share.
 *
 * @module
 */
import type { Capability } from '@gomind/core';
import { type ReferencePath } from '../expressions/parse-path.ts';
import { stepOf } from '../expressions/collect-references.ts';
import type { OfferedCapabilities } from './offered-capabilities.ts';
import type { PlanFindings } from './plan-findings.ts';
import type { ValidatePlanOptions } from './plan-validation.ts';
import type { PlanStep, RoutingPlan } from '../routing-plan.ts';
import { followPath, type SchemaWalk } from '../schemas/follow-path.ts';
import { schemaNode, type SchemaNode } from '../schemas/schema-reader.ts';
import { type GraphNode, StepGraph } from '../step-graph.ts';

const shownNames = 20;

/** Where the plan inside a step stands that sees the steps around it. */
export interface ContextAround {
  readonly context: PlanContext;
  /** Name of the step that holds the plan. */
  readonly step: string;
}

/** A plan under proof. */
export class PlanContext {
  readonly plan: RoutingPlan;
  readonly steps: ReadonlyMap<string, PlanStep>;
  readonly offered: OfferedCapabilities;
  readonly options: ValidatePlanOptions;
  readonly findings: PlanFindings;
  /** Declared dependencies, without those of steps on themselves. */
  readonly graph: StepGraph;
  readonly #around: ContextAround | undefined;
  readonly #visibleElsewhere: ReadonlySet<string>;
  #offeredNames: string | undefined;

  constructor(
    plan: RoutingPlan,
    offered: OfferedCapabilities,
    more: {
      readonly options: ValidatePlanOptions;
      readonly findings: PlanFindings;
      readonly around?: ContextAround | undefined;
    },
  ) {
    this.plan = plan;
    this.offered = offered;
    this.options = more.options;
    this.findings = more.findings;
    this.#around = more.around;
    this.#visibleElsewhere = new Set(more.options.visibleSteps);
    const steps = new Map<string, PlanStep>();
    for (const step of plan.steps) steps.set(step.name, step);
    this.steps = steps;
    this.graph = new StepGraph(plan.steps.map(withoutItself));
  }

  /** Whether a step that is not of this plan can be referred to: it stands around it, or has ended before. */
  seesOutside(name: string): boolean {
    if (this.#visibleElsewhere.has(name)) return true;
    if (this.#around === undefined || name === this.#around.step) return false;
    const { context } = this.#around;
    return context.steps.has(name) || context.seesOutside(name);
  }

  /** The end of a sentence about a step that cannot be referred to, and what may have been meant. */
  describeAbsent(name: string): { readonly because: string; readonly suggestion: string | undefined } {
    const known = this.options.explainAbsent?.(name);
    if (known !== undefined) return { because: known.because, suggestion: undefined };
    return {
      because: `the plan has no step "${name}"`,
      suggestion: this.findings.suggest(name, this.steps.keys()),
    };
  }

  /** The capability that a step calls, if it is offered. */
  capabilityOf(step: PlanStep): Capability | undefined {
    const capabilities = step.component === undefined ? undefined : this.offered?.get(step.component);
    if (step.action !== undefined) return capabilities?.get(step.action);
    const [only, second] = capabilities?.values() ?? [];
    return second === undefined ? only : undefined;
  }

  /** The first names of offered components, for messages. */
  get offeredNames(): string {
    this.#offeredNames ??= listNames([...(this.offered?.keys() ?? [])]);
    return this.#offeredNames;
  }

  /** What the schemas say about a reference to a step's output. */
  follow(reference: ReferencePath): SchemaWalk {
    const name = stepOf(reference);
    if (name === undefined || reference.keys[1] !== 'output') return { found: 'unknown' };
    return followPath(this.outputOf(name), reference.keys.slice(2));
  }

  /** Schema of a step's output; a step that runs for each item returns a list. */
  outputOf(name: string): SchemaNode | undefined {
    const step = this.steps.get(name);
    if (step === undefined && this.#around !== undefined && this.seesOutside(name))
      return this.#around.context.outputOf(name);
    const schema = step === undefined ? undefined : this.capabilityOf(step)?.outputSchema;
    if (schema === undefined || step?.forEach === undefined) return schemaNode(schema);
    return { schema: { type: 'array', items: schema }, root: schema };
  }
}

function withoutItself(step: PlanStep): GraphNode {
  const { name, dependsOn } = step;
  return dependsOn.includes(name) ? { name, dependsOn: dependsOn.filter((other) => other !== name) } : step;
}

/** The first names of many, as text. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, shownNames).join(', ');
  return names.length > shownNames ? `${shown}, ...` : shown;
}
