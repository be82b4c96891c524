/**
 * Follows types through JSON Schemas, as far as validation of plans needs it. What a schema does not say is unknown, and
 * unknown fits everything.
 *
 * @module
 */
import type { JsonSchema } from '@gomind/core';

/** JSON types that a value of a schema can have; undefined when the schema does not say. */
export function typesOf(schema: JsonSchema | undefined): ReadonlySet<string> | undefined {
  if (schema === undefined) return undefined;
  if (typeof schema.type === 'string') return new Set([schema.type]);
  if (Array.isArray(schema.type)) return new Set(schema.type as readonly string[]);
  if (schema.enum !== undefined) return new Set(schema.enum.map(typeOfValue));
  if ('const' in schema) return new Set([typeOfValue(schema.const)]);
  const alternatives = schema['anyOf'] ?? schema['oneOf'];
  if (!Array.isArray(alternatives)) return undefined;
  const types = alternatives.map((alternative) => typesOf(asSchema(alternative)));
  return types.includes(undefined) ? undefined : new Set(types.flatMap((set) => [...(set ?? [])]));
}

/** The JSON type of a value; whole numbers are `integer`. */
export function typeOfValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** Whether a value of one of some types may stand where others are asked for, without loss. */
export function isAssignable(from: ReadonlySet<string> | undefined, to: ReadonlySet<string> | undefined): boolean {
  if (from === undefined || to === undefined) return true;
  return [...from].some((type) => fits(type, to));
}

function fits(type: string, to: ReadonlySet<string>): boolean {
  if (to.has(type)) return true;
  if (type === 'integer') return to.has('number') || to.has('string');
  // A number without a fraction may be an integer, and text takes numbers.
  return type === 'number' && (to.has('integer') || to.has('string'));
}

/** A schema in plain sight; `true`, `false` and nonsense are none. */
export function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : undefined;
}

/** What following a path through a schema found. */
export type SchemaWalk =
  | { readonly found: 'schema'; readonly schema: JsonSchema }
  | { readonly found: 'unknown' }
  | {
      readonly found: 'missing';
      readonly field: string;
      readonly known: readonly string[];
      readonly isClosed: boolean;
    };

/**
 * Follows a path through a schema.
 *
 * @param schema schema of the value the path begins at
 * @param keys fields and indices
 */
export function followPath(schema: JsonSchema | undefined, keys: readonly (string | number)[]): SchemaWalk {
  let current = schema;
  for (const key of keys) {
    if (current === undefined) return { found: 'unknown' };
    const types = typesOf(current);
    if (typeof key === 'number' && (types === undefined || types.has('array'))) {
      const prefix = current['prefixItems'];
      current = (Array.isArray(prefix) ? asSchema(prefix[key]) : undefined) ?? asSchema(current.items);
      continue;
    }
    const known: Readonly<Record<string, JsonSchema>> = current.properties ?? {};
    if (Object.hasOwn(known, String(key))) {
      current = asSchema(known[String(key)]);
      continue;
    }
    const isScalar = types !== undefined && !types.has('object') && !types.has('array');
    const isClosed = current.additionalProperties === false || isScalar;
    const isDescribed = current.properties !== undefined || isScalar;
    if (!isDescribed && !isClosed) return { found: 'unknown' };
    const additional = asSchema(current.additionalProperties);
    if (additional !== undefined && Object.keys(additional).length > 0) {
      current = additional;
      continue;
    }
    return { found: 'missing', field: String(key), known: Object.keys(known), isClosed };
  }
  return current === undefined ? { found: 'unknown' } : { found: 'schema', schema: current };
}

/** The one choice of a list that differs from a text only in case and in spaces around. */
function choiceOf(text: string, schema: JsonSchema): unknown {
  const key = text.trim().toLowerCase();
  const near = (schema.enum ?? []).filter((choice) => typeof choice === 'string' && choice.toLowerCase() === key);
  return near.length === 1 ? near[0] : undefined;
}

/**
 * A literal as the type that a schema asks for, if that loses nothing: `"5"` for 5, `"true"` for true, 5 for `"5"`.
 *
 * @param value a literal of the wrong type
 * @param schema what is asked for
 * @returns the converted value, or undefined when it cannot be converted without loss
 */
export function coerceLossless(value: unknown, schema: JsonSchema): unknown {
  const choice = typeof value === 'string' ? choiceOf(value, schema) : undefined;
  if (choice !== undefined) return choice;
  const types = typesOf(schema);
  if (types === undefined) return undefined;
  if (typeof value === 'string') {
    const text = value.trim();
    const isNumber = /^[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text));
    if (isNumber && types.has('number')) return Number(text);
    if (isNumber && types.has('integer') && Number.isSafeInteger(Number(text))) return Number(text);
    if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
    return undefined;
  }
  if (types.has('string') && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
  return undefined;
}
