/**
 * Writes workflows in TypeScript: the same definition as a file, with references typed from the components' schemas.
 *
 * @module
 */
import {
  type Agent,
  type AnySchema,
  type CapabilityTypes,
  type EffectClass,
  GomindError,
  type InferOutput,
  type JsonSchema,
  parseDurationMs,
  type Tool,
  toJsonSchema,
  type WithCapabilityTypes,
} from '@gomind/core';
import type { ForEach, OnError, StepRetry } from '../../plan/routing-plan.ts';
import type { WorkflowDefinition, WorkflowInput, WorkflowStep, WorkflowStepBase } from '../definition.ts';
import { type Bindable, lowerReferences, makeReference, type Reference } from './reference.ts';

/** What the bindings of a step see. */
export interface BuilderScope<Inputs, Steps> {
  readonly inputs: Reference<Inputs>;
  /** Earlier steps by name. */
  readonly steps: Steps;
  /** The item of a `forEach` step. */
  readonly item: Reference<unknown>;
  readonly index: Reference<number>;
  readonly env: Reference<Readonly<Record<string, string>>>;
  readonly secrets: Reference<Readonly<Record<string, string>>>;
}

/** What can be said about a step of the past. */
export interface StepReference<Output> {
  readonly output: Reference<Output>;
  readonly status: Reference<string>;
  readonly error: Reference<{ readonly code: string; readonly message: string }>;
}

/** A step by its name. */
export type NamedStep<Name extends string, Output> = Readonly<Record<Name, StepReference<Output>>>;

type OutputsOf<Steps> = {
  readonly [Name in keyof Steps]: Steps[Name] extends StepReference<infer Output> ? Output : unknown;
};

/** What any step may say. */
export interface StepOptions<Inputs, Steps> {
  readonly description?: string;
  /** Steps it waits for beside those it refers to. */
  readonly dependsOn?: readonly (keyof Steps & string)[];
  readonly when?: string | ((scope: BuilderScope<Inputs, Steps>) => string);
  readonly forEach?:
    { readonly items: unknown; readonly maxParallel?: number } | ((scope: BuilderScope<Inputs, Steps>) => unknown);
  readonly retry?: StepRetry;
  /** `"30s"` or milliseconds. */
  readonly timeout?: string | number;
  readonly onError?: OnError;
  readonly effect?: EffectClass;
  readonly compensate?: unknown;
  /** `"5m"`, milliseconds, or with a key of its own. */
  readonly cache?: string | number | { readonly ttl: string | number; readonly key?: string };
  readonly artifact?: boolean;
}

/** A capability of a component as the target of a step. */
export interface StepTarget<Types extends CapabilityTypes> {
  readonly componentType: 'tool' | 'agent';
  readonly component: string;
  readonly action?: string;
  readonly '~types'?: Types;
}

type CapabilitiesOf<Component> =
  Component extends WithCapabilityTypes<infer Capabilities> ? Capabilities : Readonly<Record<string, CapabilityTypes>>;

/**
 * The target of a step: a capability of a component that was defined with `defineTool` or `defineAgent`.
 *
 * @example
 * workflow('etl').step('extract', action(extractor, 'extract'), { source: 'orders.csv' })
 */
export function action<Component extends Tool | Agent, Name extends keyof CapabilitiesOf<Component> & string>(
  component: Component,
  name: Name,
): StepTarget<CapabilitiesOf<Component>[Name]> {
  return { componentType: component.type, component: component.name, action: name };
}

/**
 * The target of a step by name, for components that are not at hand; inputs and output are not typed.
 *
 * @param component name of a tool
 * @param name name of its capability; left out: its only one
 */
export function toolNamed(
  component: string,
  name?: string,
): StepTarget<{ input: Record<string, unknown>; output: unknown }> {
  return { componentType: 'tool', component, ...(name === undefined ? {} : { action: name }) };
}

type Binding<Inputs, Steps, Value> = Bindable<Value> | ((scope: BuilderScope<Inputs, Steps>) => Bindable<Value>);
type Group<Inputs, Steps, More> = (group: WorkflowBuilder<Inputs, Steps>) => WorkflowBuilder<Inputs, More>;

/** Collects the parts of a workflow; every call returns a new builder. */
export class WorkflowBuilder<Inputs, Steps> {
  readonly #definition: WorkflowDefinition;

  constructor(definition: WorkflowDefinition) {
    this.#definition = definition;
  }

  /** What the workflow is given: an object schema (zod or any Standard Schema, or JSON Schema). */
  input<Schema extends AnySchema>(schema: Schema): WorkflowBuilder<InferOutput<Schema>, Steps> {
    return new WorkflowBuilder({ ...this.#definition, inputs: inputsOf(toJsonSchema(schema, 'input')) });
  }

  /** Settings of the whole workflow. */
  settings(
    settings: Partial<
      Pick<
        WorkflowDefinition,
        | 'version'
        | 'description'
        | 'timeoutMs'
        | 'maxConcurrency'
        | 'onError'
        | 'concurrency'
        | 'secrets'
        | 'env'
        | 'budget'
        | 'defaults'
        | 'compatibleWith'
        | 'migrations'
        | 'triggers'
      >
    >,
  ): WorkflowBuilder<Inputs, Steps> {
    return new WorkflowBuilder({ ...this.#definition, ...settings });
  }

  /** A call of a component. */
  step<Name extends string, Types extends CapabilityTypes>(
    name: Name,
    target: StepTarget<Types>,
    ...[inputs, options]: [inputs?: Binding<Inputs, Steps, Types['input']>, options?: StepOptions<Inputs, Steps>]
  ): WorkflowBuilder<Inputs, Steps & NamedStep<Name, Types['output']>> {
    const { componentType, component, action: actionName } = target;
    return this.#with({
      ...this.#base(name, inputs, options),
      kind: 'component',
      componentType,
      component,
      ...(actionName === undefined ? {} : { action: actionName }),
    });
  }

  /** Steps that run side by side; the output maps each to its output. */
  parallel<Name extends string, More>(
    name: Name,
    build: Group<Inputs, Steps, More>,
    options?: StepOptions<Inputs, Steps>,
  ): WorkflowBuilder<Inputs, More & NamedStep<Name, OutputsOf<Omit<More, keyof Steps>>>> {
    return this.#with({ ...this.#base(name, undefined, options), kind: 'parallel', steps: this.#inside(build) });
  }

  /** One branch or another. */
  branch<Name extends string, Yes, No = Steps>(
    name: Name,
    condition: string | ((scope: BuilderScope<Inputs, Steps>) => string),
    branches: { readonly then: Group<Inputs, Steps, Yes>; readonly else?: Group<Inputs, Steps, No> },
  ): WorkflowBuilder<Inputs, Yes & No & NamedStep<Name, unknown>> {
    return this.#with({
      ...this.#base(name, undefined, undefined),
      kind: 'if',
      condition: typeof condition === 'string' ? condition : condition(this.#scope()),
      then: this.#inside(branches.then),
      else: branches.else === undefined ? [] : this.#inside(branches.else),
    });
  }

  /** Another workflow as one step; its output is that workflow's outputs. */
  workflow<Name extends string>(
    name: Name,
    other: string,
    ...[inputs, options]: [
      inputs?: Binding<Inputs, Steps, Record<string, unknown>>,
      options?: StepOptions<Inputs, Steps>,
    ]
  ): WorkflowBuilder<Inputs, Steps & NamedStep<Name, unknown>> {
    return this.#with({ ...this.#base(name, inputs, options), kind: 'workflow', workflow: other });
  }

  /** A plan that is made while the workflow runs. */
  aiRouting<Name extends string>(
    name: Name,
    routing: {
      readonly prompt?: string;
      readonly components?: readonly string[];
      readonly inputs?: Binding<Inputs, Steps, Record<string, unknown>>;
    },
    options?: StepOptions<Inputs, Steps>,
  ): WorkflowBuilder<Inputs, Steps & NamedStep<Name, unknown>> {
    const { prompt, components, inputs } = routing;
    return this.#with({
      ...this.#base(name, inputs, options),
      kind: 'ai-routing',
      ...(prompt === undefined ? {} : { prompt }),
      ...(components === undefined ? {} : { components }),
    });
  }

  /** Waits for a decision of a person. */
  approval<Name extends string>(
    name: Name,
    prompt: string | ((scope: BuilderScope<Inputs, Steps>) => string),
    options?: StepOptions<Inputs, Steps>,
  ): WorkflowBuilder<Inputs, Steps & NamedStep<Name, { readonly decision: string; readonly comment?: string }>> {
    const text = typeof prompt === 'string' ? prompt : prompt(this.#scope());
    return this.#with({ ...this.#base(name, undefined, options), kind: 'approval', prompt: text });
  }

  /** Waits for a duration, a time or an event. */
  wait<Name extends string>(
    name: Name,
    wait: { readonly duration: string | number } | { readonly until: string } | { readonly event: string },
    options?: StepOptions<Inputs, Steps>,
  ): WorkflowBuilder<Inputs, Steps & NamedStep<Name, unknown>> {
    return this.#with({ ...this.#base(name, undefined, options), kind: 'wait', wait });
  }

  /** Steps that run after a failure. */
  onFailure<More>(build: Group<Inputs, Steps, More>): WorkflowBuilder<Inputs, Steps> {
    return new WorkflowBuilder({ ...this.#definition, onFailure: this.#inside(build) });
  }

  /** Steps that run at the end, whatever happened. */
  finally<More>(build: Group<Inputs, Steps, More>): WorkflowBuilder<Inputs, Steps> {
    return new WorkflowBuilder({ ...this.#definition, finally: this.#inside(build) });
  }

  /** What the workflow returns. */
  outputs(
    bind: (scope: BuilderScope<Inputs, Steps>) => Readonly<Record<string, unknown>>,
  ): WorkflowBuilder<Inputs, Steps> {
    const values = lowerReferences(bind(this.#scope())) as Readonly<Record<string, unknown>>;
    return new WorkflowBuilder({
      ...this.#definition,
      outputs: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])),
    });
  }

  /** The definition, equal to that of the same workflow in a file. */
  build(): WorkflowDefinition {
    return this.#definition;
  }

  #with<More>(step: WorkflowStep): WorkflowBuilder<Inputs, More> {
    return new WorkflowBuilder({ ...this.#definition, steps: [...this.#definition.steps, step] });
  }

  #inside<More>(build: Group<Inputs, Steps, More>): readonly WorkflowStep[] {
    return build(new WorkflowBuilder({ ...this.#definition, steps: [] })).build().steps;
  }

  #scope(): BuilderScope<Inputs, Steps> {
    return {
      inputs: makeReference('inputs'),
      steps: makeReference('steps') as unknown as Steps,
      item: makeReference('item'),
      index: makeReference('index'),
      env: makeReference('env'),
      secrets: makeReference('secrets'),
    };
  }

  #base(name: string, inputs: unknown, options: StepOptions<Inputs, Steps> = {}): WorkflowStepBase {
    const bound: unknown =
      typeof inputs === 'function' ? (inputs as (scope: unknown) => unknown)(this.#scope()) : inputs;
    const { dependsOn, when, forEach, timeout, cache, ...rest } = options;
    const timeoutMs = timeout === undefined ? undefined : durationOf(timeout, `the timeout of step "${name}"`);
    return {
      name,
      dependsOn: dependsOn ?? [],
      inputs: (lowerReferences(bound) ?? {}) as WorkflowStepBase['inputs'],
      ...(when === undefined ? {} : { when: typeof when === 'string' ? when : when(this.#scope()) }),
      ...(forEach === undefined ? {} : { forEach: this.#forEach(forEach) }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(cache === undefined ? {} : { cache: cacheOf(cache, name) }),
      ...rest,
    };
  }

  #forEach(forEach: NonNullable<StepOptions<Inputs, Steps>['forEach']>): ForEach {
    if (typeof forEach === 'function') return { items: lowerReferences(forEach(this.#scope())) };
    return { ...forEach, items: lowerReferences(forEach.items) };
  }
}

/**
 * Begins a workflow.
 *
 * @param name its name
 * @example
 * const etl = workflow('etl')
 *   .input(z.object({ source: z.string() }))
 *   .step('extract', action(extractor, 'extract'), ({ inputs }) => ({ source: inputs.source }))
 *   .step('load', action(loader, 'load'), ({ steps }) => ({ rows: steps.extract.output.rows }))
 *   .build();
 */
export function workflow(name: string): WorkflowBuilder<unknown, unknown> {
  return new WorkflowBuilder({
    name,
    inputs: {},
    steps: [],
    outputs: {},
    onFailure: [],
    finally: [],
    env: {},
    secrets: [],
    triggers: [],
    defaults: {},
    migrations: [],
  });
}

function inputsOf(schema: JsonSchema): Record<string, WorkflowInput> {
  const required = new Set(schema.required ?? []);
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, { default: fallback, ...property }]) => [
      name,
      { schema: property, required: required.has(name), ...(fallback === undefined ? {} : { default: fallback }) },
    ]),
  );
}

function cacheOf(
  cache: NonNullable<StepOptions<unknown, unknown>['cache']>,
  name: string,
): NonNullable<WorkflowStepBase['cache']> {
  const { ttl, ...rest } = typeof cache === 'object' ? cache : { ttl: cache };
  return { ttlMs: durationOf(ttl, `the cache of step "${name}"`), ...rest };
}

function durationOf(value: string | number, what: string): number {
  const durationMs = parseDurationMs(value);
  if (durationMs !== undefined && durationMs > 0) return durationMs;
  throw new GomindError({
    code: 'BAD_TIMEOUT',
    message: `${JSON.stringify(value)} is no duration for ${what}. Write "250ms", "30s", "5m", or milliseconds above 0.`,
  });
}
