/**
 * The last look at a component step's inputs before the call: what the capability's schema asks for and they lack is filled
 * from what the step's dependencies returned, and values are converted where that loses nothing. Every change is an event; what
 * does not fit afterwards is an error before anything is called.
 *
 * The order is: exactly one field of the right name and type; then the {@link ParameterResolver}, which may only point at a
 * value that is there; then `PARAM_MISSING`.
 *
 * @module
 */
import {
  compileJsonSchema,
  describeIssues,
  GomindError,
  type JsonSchema,
  type JsonSchemaCheck,
  toGomindError,
} from '@gomind/core';
import { applyCorrections, coercionsFor, type InputCorrection, valueAt } from '../../plan/coerce-inputs.ts';
import { parsePath, printPath } from '../../plan/expressions/parse-path.ts';
import { fieldsNamed } from '../../plan/validation/match-fields.ts';
import type { PlanStep } from '../../plan/routing-plan.ts';
import { alternativesOf, fieldOf, type Parts, requiredNames } from '../../plan/schemas/schema-reader.ts';
import type { ParameterResolver } from './parameter-resolver.ts';
import type { StepContext } from '../step-handler.ts';
import { isRecord } from '../../plan/is-record.ts';

type Inputs = Readonly<Record<string, unknown>>;

/** What binding needs to know. */
export interface BindOptions {
  /** Schema of the capability's input; without one the inputs are passed on as they are. */
  readonly schema: JsonSchema | undefined;
  readonly resolver: ParameterResolver;
}

/**
 * The inputs that the call is made with.
 *
 * @param step the step
 * @param context of this attempt
 * @throws GomindError `PARAM_MISSING` naming step and parameter, `INPUT_ERROR` naming the path of each value that does not fit
 */
export async function bindInputs(step: PlanStep, context: StepContext, options: BindOptions): Promise<Inputs> {
  const { schema } = options;
  if (schema === undefined) return context.inputs;
  const check = checkOf(schema);
  if (check.check(context.inputs).ok) return context.inputs;
  const binding = new Binding(step, context, schema);
  binding.fillByName();
  await binding.ask(options.resolver);
  binding.requireAll();
  binding.convert();
  const result = check.check(binding.inputs);
  if (!result.ok) {
    throw new GomindError({
      code: 'INPUT_ERROR',
      message: `The inputs of step "${context.stepName}" do not fit ${called(step)}: ${describeIssues(result.issues)}`,
      details: { step: context.stepName, issues: result.issues, hasEffect: false },
    });
  }
  return binding.corrections.length === 0 ? context.inputs : context.correctInputs(binding.corrections, binding.reason);
}

/** Compiled once for each schema object that the catalog holds. */
const checks = new WeakMap<JsonSchema, JsonSchemaCheck>();

function checkOf(schema: JsonSchema): JsonSchemaCheck {
  const known = checks.get(schema);
  if (known !== undefined) return known;
  const check = compileJsonSchema(schema);
  checks.set(schema, check);
  return check;
}

function called(step: PlanStep): string {
  return `${step.component ?? ''}.${step.action ?? ''}`;
}

/** The work on one step's inputs. */
class Binding {
  readonly corrections: InputCorrection[] = [];
  readonly #step: PlanStep;
  readonly #context: StepContext;
  readonly #schema: JsonSchema;
  readonly #parts: Parts;
  readonly #sources: Record<string, unknown>;
  readonly #reasons: string[] = [];
  #missing: string[];
  #resolverFailure: GomindError | undefined;
  inputs: Inputs;

  constructor(step: PlanStep, context: StepContext, schema: JsonSchema) {
    this.#step = step;
    this.#context = context;
    this.#schema = schema;
    this.inputs = context.inputs;
    // A schema of several alternatives asks for nothing for sure.
    const alternatives = alternativesOf({ schema, root: schema });
    this.#parts = alternatives?.length === 1 ? (alternatives[0] ?? []) : [];
    this.#missing = requiredNames(this.#parts).filter((name) => !Object.hasOwn(context.inputs, name));
    this.#sources = outputsOf(step.dependsOn, context.scope.steps ?? {});
  }

  get reason(): string {
    return `${this.#reasons.join('; ')}.`;
  }

  /** Takes what has the parameter's name and fits, if there is exactly one such field. */
  fillByName(): void {
    for (const parameter of this.#missing) {
      const places = Object.entries(this.#sources).flatMap(([name, output]) =>
        fieldsNamed(parameter, (path) => fieldsAt(output, path)).map((path) => [name, 'output', ...path]),
      );
      const fitting = places.filter((keys) => this.#fits(parameter, this.#read(keys)));
      const [only] = fitting;
      if (fitting.length === 1 && only !== undefined) this.#fill(parameter, only);
    }
    this.#forgetFilled();
  }

  /** Asks where the rest stands. An answer counts only when the value is there and fits. */
  async ask(resolver: ParameterResolver): Promise<void> {
    if (this.#missing.length === 0 || Object.keys(this.#sources).length === 0) return;
    const { stepName: step, signal, budget } = this.#context;
    const { component = '', action = '' } = this.#step;
    const parameters = Object.fromEntries(this.#missing.map((name) => [name, this.#schemaOf(name) ?? {}]));
    let answers: Readonly<Record<string, string>>;
    try {
      const emit = this.#context.emit.bind(this.#context);
      const question = { step, component, action, parameters, sources: this.#sources, signal, budget, emit };
      answers = await resolver.resolve(question);
    } catch (error) {
      this.#resolverFailure = toGomindError(error, { code: 'PARAM_MISSING' });
      if (signal.aborted || this.#resolverFailure.code === 'BUDGET_EXCEEDED') throw error;
      return;
    }
    for (const parameter of this.#missing) {
      const path = Object.hasOwn(answers, parameter) ? parsePath(answers[parameter] ?? '') : undefined;
      const isOutput = path?.root === 'steps' && path.keys[1] === 'output' && path.keys.length > 2;
      if (path === undefined || !isOutput || !Object.hasOwn(this.#sources, String(path.keys[0]))) continue;
      if (this.#fits(parameter, this.#read(path.keys))) this.#fill(parameter, path.keys);
    }
    this.#forgetFilled();
  }

  /** @throws GomindError `PARAM_MISSING` */
  requireAll(): void {
    if (this.#missing.length === 0) return;
    const names = this.#missing.map((name) => `"${name}"`).join(', ');
    const sources = Object.keys(this.#sources);
    const where =
      sources.length === 0
        ? 'It waits for no step that could have returned it.'
        : `Nothing that ${sources.map((name) => `"${name}"`).join(', ')} returned fits it alone.`;
    throw new GomindError({
      code: 'PARAM_MISSING',
      message:
        `Step "${this.#context.stepName}" lacks the required parameter ${names} of ${called(this.#step)}. ` +
        `${where} Give it in the plan.`,
      details: { step: this.#context.stepName, parameters: this.#missing, hasEffect: false },
      cause: this.#resolverFailure,
    });
  }

  convert(): void {
    for (const correction of coercionsFor(this.inputs, this.#schema)) {
      this.corrections.push(correction);
      this.#reasons.push(`${correction.path.join('.')} was converted to the type that ${called(this.#step)} asks for`);
    }
    this.inputs = applyCorrections(this.inputs, this.corrections);
  }

  #fill(parameter: string, keys: readonly (string | number)[]): void {
    const correction = { path: [parameter], value: this.#read(keys) };
    this.corrections.push(correction);
    this.#reasons.push(`${parameter} was missing and taken from ${printPath({ root: 'steps', keys })}`);
    this.inputs = applyCorrections(this.inputs, [correction]);
  }

  #forgetFilled(): void {
    this.#missing = this.#missing.filter((name) => !Object.hasOwn(this.inputs, name));
  }

  #schemaOf(parameter: string): JsonSchema | undefined {
    const field = fieldOf(this.#parts, parameter);
    return field.found === 'schema' ? field.schema : undefined;
  }

  /** As it is, or converted without loss. */
  #fits(parameter: string, value: unknown): boolean {
    const schema = this.#schemaOf(parameter);
    if (value === undefined || value === null) return false;
    if (schema === undefined) return true;
    // The parameter alone, with what its schema may point to; the whole is checked at the end.
    const { $defs = {}, definitions = {} } = this.#schema;
    const converted = applyCorrections(
      { value },
      coercionsFor({ value }, { properties: { value: schema } }, this.#schema),
    );
    return compileJsonSchema({ $defs, definitions, properties: { value: schema } }).check(converted).ok;
  }

  /** @param keys step, `output`, and the path inside it */
  #read([name = '', _output, ...path]: readonly (string | number)[]): unknown {
    return valueAt(this.#sources, [name, ...path]);
  }
}

/** What the dependencies returned, without those that returned nothing. */
function outputsOf(names: readonly string[], steps: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const step = Object.hasOwn(steps, name) ? steps[name] : undefined;
      const output = typeof step === 'object' && step !== null && 'output' in step ? step.output : undefined;
      return output === undefined || output === null ? [] : [[name, output]];
    }),
  );
}

function fieldsAt(output: unknown, path: readonly string[]): string[] | undefined {
  const value = valueAt(output, path);
  return isRecord(value) ? Object.keys(value) : undefined;
}
