/**
 * Defines tools and agents; the types of their handlers follow from the schemas.
 *
 * @module
 */
import type { EffectClass } from '../contracts/capability.ts';
import type { ComponentType } from '../contracts/component.ts';
import { checkNames } from '../config/check-options.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { type CompiledSchema, compileSchema } from '../schema/compile-schema.ts';
import { type AnySchema, type InferInput, type InferOutput, isStandardSchema } from '../schema/standard-schema.ts';
import type {
  Agent,
  AgentContext,
  ComponentDefinition,
  DefinedCapability,
  Tool,
  ToolContext,
  WithCapabilityTypes,
} from './component-definition.ts';

/** What a handler may return: a value, or a promise of one. */
type Awaitable<T> = T | Promise<T>;

/** One capability as it is written down. */
export interface CapabilityOptions<Input extends AnySchema, Output, Context> {
  /** One or two sentences: what it does and when to use it. At most 1,000 characters. */
  readonly description: string;
  /** Schema of the input object; the handler gets the checked value. */
  readonly input: Input;
  /** Schema of the output. Absent: not checked. */
  // A test for `AnySchema` here would compare every zod type with it, which costs seconds in large projects.
  readonly output?: Output extends object ? Output : never;
  /** Default: `irreversible`. */
  readonly effect?: EffectClass;
  /** True hides it from planners. Default: false. */
  readonly internal?: boolean;
  readonly tags?: readonly string[];
  /**
   * Does the work. To refuse values throw a GomindError with the code `INPUT_ERROR` (answered as 422); other codes that map
   * to a status are `AUTH_ERROR` (401), `NOT_AUTHORIZED` (403), `NOT_FOUND CONFLICT RATE_LIMIT SERVICE_ERROR TIMEOUT`.
   */
  readonly handler: (input: InferOutput<Input>, context: Context) => Awaitable<OutputOf<Output>>;
}

/** Without an output schema anything may be returned. */
type OutputOf<Output> = unknown extends Output ? unknown : InferInput<Output>;

/** The types of a component's capabilities, from its schemas. */
export type CapabilityTypesOf<Inputs extends Record<string, AnySchema>, Outputs> = {
  readonly [Name in keyof Inputs & string]: {
    readonly input: InferInput<Inputs[Name]>;
    readonly output: unknown extends SchemaAt<Outputs, Name> ? unknown : InferOutput<SchemaAt<Outputs, Name>>;
  };
};

type SchemaAt<Schemas, Name> = Name extends keyof Schemas ? Schemas[Name] : unknown;

/** A component as it is written down. */
export interface ComponentOptions<Inputs extends Record<string, AnySchema>, Outputs, Context> {
  /** `[A-Za-z0-9_.-]{1,128}`; plans call the component by it. */
  readonly name: string;
  /** One or two sentences. At most 1,000 characters. */
  readonly description: string;
  /** Default: `1.0.0`. */
  readonly version?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** By name, each `[A-Za-z0-9_.-]{1,128}`. */
  readonly capabilities: {
    readonly [Name in keyof Inputs]: CapabilityOptions<Inputs[Name], SchemaAt<Outputs, Name>, Context>;
    // A second mapped type, so that the schemas of the outputs are inferred too.
  } & { readonly [Name in keyof Outputs]: { readonly output?: Outputs[Name] } };
}

/**
 * Defines a tool: a component that answers calls and cannot discover others.
 *
 * @throws GomindError `CONFIG_INVALID` for names, descriptions or schemas that cannot be used
 * @example
 * const greeter = defineTool({
 *   name: 'greeter',
 *   description: 'Greets people',
 *   capabilities: {
 *     greet: {
 *       description: 'Greet a person by name',
 *       input: z.object({ name: z.string() }),
 *       handler: ({ name }) => ({ text: `Hello, ${name}!` }),
 *     },
 *   },
 * });
 */
export function defineTool<
  const Inputs extends Record<string, AnySchema>,
  const Outputs extends Record<string, unknown>,
>(
  options: ComponentOptions<Inputs, Outputs, ToolContext>,
): Tool & WithCapabilityTypes<CapabilityTypesOf<Inputs, Outputs>> {
  return define('tool', options as LooseOptions<ToolContext>);
}

/**
 * Defines an agent: a component whose handlers also get a `discovery` to find others.
 *
 * @throws GomindError `CONFIG_INVALID` for names, descriptions or schemas that cannot be used
 */
export function defineAgent<
  const Inputs extends Record<string, AnySchema>,
  const Outputs extends Record<string, unknown>,
>(
  options: ComponentOptions<Inputs, Outputs, AgentContext>,
): Agent & WithCapabilityTypes<CapabilityTypesOf<Inputs, Outputs>> {
  return define('agent', options as LooseOptions<AgentContext>);
}

const namePattern = /^[A-Za-z0-9_.-]{1,128}$/;
const effects: readonly EffectClass[] = ['pure', 'idempotent', 'compensable', 'irreversible'];
const maxDescriptionLength = 1_000;
const componentNames: readonly string[] = ['name', 'description', 'version', 'metadata', 'capabilities'];
const capabilityNames: readonly string[] = ['description', 'input', 'output', 'effect', 'internal', 'tags', 'handler'];

/** A capability without the types that only its author needs. */
interface LooseCapability<Context> {
  readonly description: string;
  readonly input: AnySchema;
  readonly output?: AnySchema;
  readonly effect?: EffectClass;
  readonly internal?: boolean;
  readonly tags?: readonly string[];
  readonly handler: (input: never, context: Context) => unknown;
}

interface LooseOptions<Context> {
  readonly name: string;
  readonly description: string;
  readonly version?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly capabilities: Readonly<Record<string, LooseCapability<Context>>>;
}

function define<Type extends ComponentType, Context>(
  type: Type,
  options: LooseOptions<Context>,
): ComponentDefinition<Type, Context> {
  if (!isObject(options)) throw invalid(`A ${type} is defined by an object: { name, description, capabilities }.`);
  checkNames(typeof options.name === 'string' ? `the ${type} "${options.name}"` : `a ${type}`, options, componentNames);
  checkName(`The name of a ${type}`, options.name);
  checkDescription(`The description of ${type} "${options.name}"`, options.description);
  const capabilities = new Map<string, DefinedCapability<Context>>();
  for (const [name, capability] of Object.entries(isObject(options.capabilities) ? options.capabilities : {})) {
    capabilities.set(name, defineCapability(options.name, name, capability));
  }
  if (capabilities.size === 0) {
    throw invalid(`The ${type} "${options.name}" has no capability. Add at least one under "capabilities".`);
  }
  return {
    type,
    name: options.name,
    description: options.description,
    version: options.version ?? '1.0.0',
    metadata: options.metadata ?? {},
    capabilities,
  };
}

function defineCapability<Context>(
  component: string,
  name: string,
  capability: LooseCapability<Context>,
): DefinedCapability<Context> {
  const place = `capability "${name}" of "${component}"`;
  checkName(`The name of ${place}`, name);
  if (!isObject(capability)) throw invalid(`The ${place} must be an object: { description, input, handler }.`);
  checkNames(place, capability, capabilityNames);
  checkDescription(`The description of ${place}`, capability.description);
  if (typeof capability.handler !== 'function') throw invalid(`The ${place} has no handler function.`);
  checkEffect(place, capability.effect);
  if (capability.tags !== undefined && !isTextList(capability.tags)) {
    throw invalid(`The tags of ${place} must be a list of texts.`);
  }
  return {
    name,
    description: capability.description,
    input: compileInput(place, capability.input),
    output: capability.output === undefined ? undefined : compile(place, capability.output, 'output'),
    effect: capability.effect ?? 'irreversible',
    internal: capability.internal ?? false,
    tags: capability.tags ?? [],
    handler: capability.handler as (input: unknown, context: Context) => unknown,
  };
}

/** A call brings its inputs by name, so a schema for anything but an object would refuse every call. */
function compileInput(place: string, schema: AnySchema): CompiledSchema<unknown> {
  const compiled = compile(place, schema, 'input');
  const { type } = compiled.jsonSchema;
  if (type === undefined || type === 'object' || (Array.isArray(type) && type.includes('object'))) return compiled;
  throw invalid(
    `The input of ${place} accepts ${JSON.stringify(type)}, but inputs are given by name. Use an object: z.object({ ... }).`,
  );
}

function compile(place: string, schema: AnySchema, direction: 'input' | 'output'): CompiledSchema<unknown> {
  if (isObject(schema) && !isStandardSchema(schema) && Object.values(schema).some(isSchemaOfAField)) {
    throw invalid(`The ${direction} of ${place} is an object of schemas. Make one schema of it: z.object({ ... }).`);
  }
  try {
    return compileSchema(schema, direction);
  } catch (error) {
    if (!GomindError.isInstance(error)) throw error;
    const { code, details } = error;
    const message = `The ${direction} of ${place} cannot be used. ${error.message}`;
    throw new GomindError({ code, message, details, cause: error });
  }
}

function isSchemaOfAField(value: unknown): boolean {
  return isObject(value) && isStandardSchema(value as AnySchema);
}

function checkName(what: string, name: unknown): void {
  if (typeof name === 'string' && namePattern.test(name)) return;
  throw invalid(`${what} must be 1 to 128 letters, digits, "_", "." or "-", but it is ${JSON.stringify(name)}.`);
}

function checkDescription(what: string, description: unknown): void {
  if (typeof description === 'string' && description.trim() !== '' && description.length <= maxDescriptionLength)
    return;
  throw invalid(`${what} must be text of 1 to ${String(maxDescriptionLength)} characters: planners choose by it.`);
}

/** A word that nobody knows would decide what may be repeated. */
function checkEffect(place: string, effect: unknown): void {
  if (effect === undefined || effects.some((known) => known === effect)) return;
  throw invalid(`The effect of ${place} is ${JSON.stringify(effect)}; it must be one of ${effects.join(', ')}.`);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((tag) => typeof tag === 'string');
}

function invalid(message: string): GomindError {
  return new GomindError({ code: 'CONFIG_INVALID', message });
}
