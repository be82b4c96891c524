/**
 * Writes workflows in TypeScript: the same definition as a file, with references typed from the components' schemas.
 *
 * @module
 */
import { type AnySchema, type CapabilityTypes, type InferOutput, type JsonSchema, toJsonSchema } from '@gomind/core';
import { emptyWorkflow, type WorkflowDefinition, type WorkflowInput, type WorkflowStep } from '../definition.ts';
import { readInput } from '../read-values.ts';
import type {
  AllOf,
  ApprovalOptions,
  Binding,
  BuilderScope,
  DeclaredInputs,
  GroupOptions,
  InputDeclaration,
  ListGroupOptions,
  NamedStep,
  OutputsOf,
  StepOptions,
  WholeGroupOptions,
} from './builder-types.ts';
import { lowerReferences } from './reference.ts';
import { baseOf, builderScope } from './step-base.ts';
import type { StepTarget } from './step-target.ts';

/** A text, or a function that makes it of references. */
type BoundText<Inputs, Steps> = string | ((scope: BuilderScope<Inputs, Steps>) => string);

/** Adds steps inside a group or a branch. */
export type Group<Inputs, Steps, More> = (group: WorkflowBuilder<Inputs, Steps>) => WorkflowBuilder<Inputs, More>;

/** The branches of a condition. */
export interface Branches<Inputs, Steps, Yes, No> {
  readonly then: Group<Inputs, Steps, Yes>;
  readonly else?: Group<Inputs, Steps, No>;
}

/** The branches of a switch, by the value that chooses them. */
export interface CasesOf<Inputs, Steps, Cases, Otherwise> {
  readonly cases: { readonly [Case in keyof Cases]: Group<Inputs, Steps, Cases[Case]> };
  readonly default?: Group<Inputs, Steps, Otherwise>;
}

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

  /** What the workflow is given, declared one by one as in a file: `{ source: { type: 'string', required: true } }`. */
  inputs<const Declared extends Readonly<Record<string, InputDeclaration>>>(
    declared: Declared,
  ): WorkflowBuilder<DeclaredInputs<Declared>, Steps> {
    const inputs = Object.fromEntries(Object.entries(declared).map(([name, value]) => [name, readInput(value)]));
    return new WorkflowBuilder({ ...this.#definition, inputs });
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
    const { componentType, component, action } = target;
    return this.#with({
      ...baseOf(name, inputs, options),
      kind: 'component',
      componentType,
      component,
      ...(action === undefined ? {} : { action }),
    });
  }

  /** A call of whatever component offers a capability when the step runs. */
  capability<Name extends string>(
    name: Name,
    capability: string,
    ...[inputs, options]: [
      inputs?: Binding<Inputs, Steps, Record<string, unknown>>,
      options?: StepOptions<Inputs, Steps>,
    ]
  ): WorkflowBuilder<Inputs, Steps & NamedStep<Name, unknown>> {
    return this.#with({ ...baseOf(name, inputs, options), kind: 'capability', capability });
  }

  /**
   * Steps that run side by side; the output maps each to its output. With `forEach`, `retry`, `timeout`, `cache` or `artifact` the
   * group runs as a whole, and later steps see its output and not its steps.
   */
  parallel<Name extends string, More>(
    name: Name,
    build: Group<Inputs, Steps, More>,
    options: ListGroupOptions<Inputs, Steps>,
  ): WorkflowBuilder<Inputs, Steps & NamedStep<Name, readonly OutputsOf<Omit<More, keyof Steps>>[]>>;
  parallel<Name extends string, More>(
    name: Name,
    build: Group<Inputs, Steps, More>,
    options: WholeGroupOptions<Inputs, Steps>,
  ): WorkflowBuilder<Inputs, Steps & NamedStep<Name, OutputsOf<Omit<More, keyof Steps>>>>;
  parallel<Name extends string, More>(
    name: Name,
    build: Group<Inputs, Steps, More>,
    options?: GroupOptions<Inputs, Steps>,
  ): WorkflowBuilder<Inputs, More & NamedStep<Name, OutputsOf<Omit<More, keyof Steps>>>>;
  parallel(
    name: string,
    build: Group<Inputs, Steps, unknown>,
    options?: GroupOptions<Inputs, Steps>,
  ): WorkflowBuilder<Inputs, unknown> {
    return this.#with({ ...baseOf(name, options?.inputs, options), kind: 'parallel', steps: this.#inside(build) });
  }

  /** One branch or another; the output maps each step that ran to its output. Options as for `parallel`. */
  branch<Name extends string, Yes, No = Steps>(
    name: Name,
    condition: BoundText<Inputs, Steps>,
    ...[branches, options]: [Branches<Inputs, Steps, Yes, No>, WholeGroupOptions<Inputs, Steps>]
  ): WorkflowBuilder<Inputs, Steps & NamedStep<Name, unknown>>;
  branch<Name extends string, Yes, No = Steps>(
    name: Name,
    condition: BoundText<Inputs, Steps>,
    ...[branches, options]: [Branches<Inputs, Steps, Yes, No>, GroupOptions<Inputs, Steps>?]
  ): WorkflowBuilder<Inputs, Yes & No & NamedStep<Name, unknown>>;
  branch(
    name: string,
    condition: BoundText<Inputs, Steps>,
    ...[branches, options]: [Branches<Inputs, Steps, unknown, unknown>, GroupOptions<Inputs, Steps>?]
  ): WorkflowBuilder<Inputs, unknown> {
    return this.#with({
      ...baseOf(name, options?.inputs, options),
      kind: 'if',
      condition: textOf(condition),
      then: this.#inside(branches.then),
      else: branches.else === undefined ? [] : this.#inside(branches.else),
    });
  }

  /**
   * One of several branches, by the value of an expression (CEL); the output maps each step that ran to its output. Options as for
   * `parallel`.
   */
  switch<Name extends string, Cases extends Readonly<Record<string, unknown>>, Otherwise = Steps>(
    name: Name,
    subject: BoundText<Inputs, Steps>,
    ...[branches, options]: [CasesOf<Inputs, Steps, Cases, Otherwise>, WholeGroupOptions<Inputs, Steps>]
  ): WorkflowBuilder<Inputs, Steps & NamedStep<Name, unknown>>;
  switch<Name extends string, Cases extends Readonly<Record<string, unknown>>, Otherwise = Steps>(
    name: Name,
    subject: BoundText<Inputs, Steps>,
    ...[branches, options]: [CasesOf<Inputs, Steps, Cases, Otherwise>, GroupOptions<Inputs, Steps>?]
  ): WorkflowBuilder<Inputs, Steps & AllOf<Cases[keyof Cases]> & Otherwise & NamedStep<Name, unknown>>;
  switch(
    name: string,
    subject: BoundText<Inputs, Steps>,
    ...[branches, options]: [
      CasesOf<Inputs, Steps, Readonly<Record<string, unknown>>, unknown>,
      GroupOptions<Inputs, Steps>?,
    ]
  ): WorkflowBuilder<Inputs, unknown> {
    const cases = Object.entries(branches.cases);
    return this.#with({
      ...baseOf(name, options?.inputs, options),
      kind: 'switch',
      subject: textOf(subject),
      cases: Object.fromEntries(cases.map(([value, build]) => [value, this.#inside(build)])),
      default: branches.default === undefined ? [] : this.#inside(branches.default),
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
    return this.#with({ ...baseOf(name, inputs, options), kind: 'workflow', workflow: other });
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
      ...baseOf(name, inputs, options),
      kind: 'ai-routing',
      ...(prompt === undefined ? {} : { prompt }),
      ...(components === undefined ? {} : { components }),
    });
  }

  /** Waits for a decision of a person; without a prompt, its description or name is asked. */
  approval<Name extends string>(
    name: Name,
    prompt?: BoundText<Inputs, Steps>,
    options?: ApprovalOptions<Inputs, Steps>,
  ): WorkflowBuilder<Inputs, Steps & NamedStep<Name, { readonly decision: string; readonly comment?: string }>> {
    return this.#with({
      ...baseOf(name, options?.inputs, options),
      kind: 'approval',
      ...(prompt === undefined ? {} : { prompt: textOf(prompt) }),
      ...(options?.approvers === undefined ? {} : { approvers: options.approvers }),
    });
  }

  /** Waits for a duration, a time or an event. */
  wait<Name extends string>(
    name: Name,
    wait: { readonly duration: string | number } | { readonly until: string } | { readonly event: string },
    options?: GroupOptions<Inputs, Steps>,
  ): WorkflowBuilder<Inputs, Steps & NamedStep<Name, unknown>> {
    return this.#with({ ...baseOf(name, options?.inputs, options), kind: 'wait', wait });
  }

  /** Steps that run after a failure. */
  onFailure<More>(build: Group<Inputs, Steps, More>): WorkflowBuilder<Inputs, Steps> {
    return new WorkflowBuilder({ ...this.#definition, onFailure: this.#inside(build) });
  }

  /** Steps that run at the end, whatever happened. */
  finally<More>(build: Group<Inputs, Steps, More>): WorkflowBuilder<Inputs, Steps> {
    return new WorkflowBuilder({ ...this.#definition, finally: this.#inside(build) });
  }

  /** What the workflow returns, and the JSON Schemas that it is checked against, by the same names. */
  outputs(
    bind: (scope: BuilderScope<Inputs, Steps>) => Readonly<Record<string, unknown>>,
    schemas: Readonly<Record<string, JsonSchema>> = {},
  ): WorkflowBuilder<Inputs, Steps> {
    const values = lowerReferences(bind(builderScope())) as Readonly<Record<string, unknown>>;
    const outputs = Object.entries(values).map(([name, value]) => {
      const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
      return [name, { value, ...(schema === undefined ? {} : { schema }) }] as const;
    });
    return new WorkflowBuilder({ ...this.#definition, outputs: Object.fromEntries(outputs) });
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
  return new WorkflowBuilder({ ...emptyWorkflow, name });
}

function textOf<Inputs, Steps>(text: BoundText<Inputs, Steps>): string {
  return typeof text === 'string' ? text : text(builderScope());
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
