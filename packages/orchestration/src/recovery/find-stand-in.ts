/**
 * Finds a component that can do what another one, which is away, was asked to do.
 *
 * @module
 */
import {
  type Capability,
  compileJsonSchema,
  type ComponentInfo,
  type EffectClass,
  GomindError,
  type JsonSchema,
} from '@gomind/core';

/** What the stand-in must be able to do. */
export interface WantedCapability {
  /** Names of components that have failed already. */
  readonly tried: ReadonlySet<string>;
  readonly action: string;
  /** Undefined when the component is gone; then nothing is promised that a stand-in could break. */
  readonly capability: Capability | undefined;
  readonly effect: EffectClass;
  /** For the call at hand. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

const effects: readonly EffectClass[] = ['pure', 'idempotent', 'compensable', 'irreversible'];

/**
 * The first component that has a public capability of the same name, takes the same inputs, promises the same output, and does
 * no more to the world.
 *
 * @param offered who may stand in
 */
export function findStandIn(offered: readonly ComponentInfo[], wanted: WantedCapability): ComponentInfo | undefined {
  return offered.find(
    (component) =>
      !wanted.tried.has(component.name) &&
      component.capabilities.some((capability) => capability.name === wanted.action && canStandIn(capability, wanted)),
  );
}

function canStandIn(capability: Capability, wanted: WantedCapability): boolean {
  return (
    capability.internal !== true &&
    effects.indexOf(capability.effect ?? 'irreversible') <= effects.indexOf(wanted.effect) &&
    takes(capability.inputSchema, wanted.inputs) &&
    promises(capability.outputSchema, wanted.capability?.outputSchema)
  );
}

/** Inputs must fit a stated schema: whoever states none may do anything with them. */
function takes(schema: JsonSchema | undefined, inputs: Readonly<Record<string, unknown>>): boolean {
  if (!isObject(schema)) return false;
  try {
    return compileJsonSchema(schema).check(inputs).ok;
  } catch (error) {
    // A schema of a stranger that is too deep or too large.
    if (GomindError.isInstance(error, 'CONFIG_INVALID')) return false;
    throw error;
  }
}

/** Every field that the first one promised, of the same type. */
function promises(output: JsonSchema | undefined, expected: JsonSchema | undefined): boolean {
  if (expected === undefined) return true;
  if (!isObject(output) || JSON.stringify(output.type) !== JSON.stringify(expected.type)) return false;
  return (expected.required ?? []).every((name) => {
    const [theirs, ours] = [output.properties?.[name], expected.properties?.[name]];
    return output.required?.includes(name) === true && typeOf(theirs) === typeOf(ours);
  });
}

function typeOf(schema: unknown): string {
  return isObject(schema) && 'type' in schema ? JSON.stringify(schema.type) : '';
}

/** Records come from a registry: what is no object says nothing. */
function isObject<T>(value: T): value is T & object {
  return typeof value === 'object' && value !== null;
}
