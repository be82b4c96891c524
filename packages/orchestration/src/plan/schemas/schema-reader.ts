/**
 * Reads JSON Schemas as far as the proof of plans needs them. A schema is taken apart into its alternatives (`anyOf`, `oneOf`),
 * each a list of parts that all hold (`allOf`, `$ref`). What a schema does not say, or says in too many words, is unknown, and
 * unknown fits everything. Schemas come from strangers: circles, depth and number of alternatives are bounded.
 *
 * @module
 */
import type { JsonSchema } from '@gomind/core';

/** Parts that all hold of a value. */
export type Parts = readonly JsonSchema[];

/** A schema inside the document that its `$ref`s point into. */
export interface SchemaNode {
  readonly schema: JsonSchema;
  /** The whole document. */
  readonly root: JsonSchema;
}

const maxAlternatives = 32;
const maxParts = 64;
const maxHops = 32;

/** A schema in plain sight; `true`, `false` and nonsense are none. */
export function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : undefined;
}

/** A node for a schema that is a document of its own. */
export function schemaNode(schema: JsonSchema | undefined): SchemaNode | undefined {
  return schema === undefined ? undefined : { schema, root: schema };
}

const known = new WeakMap<JsonSchema, WeakMap<JsonSchema, readonly Parts[] | 'unknown'>>();

/**
 * The alternatives of a schema, worked out once for each schema object.
 *
 * @returns undefined when the schema is too complex, points nowhere, or goes in circles
 */
export function alternativesOf({ schema, root }: SchemaNode): readonly Parts[] | undefined {
  let ofRoot = known.get(root);
  if (ofRoot === undefined) known.set(root, (ofRoot = new WeakMap()));
  let alternatives = ofRoot.get(schema);
  if (alternatives === undefined) {
    alternatives = expand(schema, root, 0) ?? 'unknown';
    ofRoot.set(schema, alternatives);
  }
  return alternatives === 'unknown' ? undefined : alternatives;
}

function expand(schema: JsonSchema, root: JsonSchema, hops: number): readonly Parts[] | undefined {
  if (hops > maxHops) return undefined;
  let alternatives: readonly Parts[] | undefined = [[schema]];
  if (typeof schema['$ref'] === 'string') {
    const target = asSchema(followPointer(schema['$ref'], root));
    alternatives = product(alternatives, target === undefined ? undefined : expand(target, root, hops + 1));
  }
  for (const part of listOf(schema['allOf'])) {
    const inner = asSchema(part);
    if (inner !== undefined) alternatives = product(alternatives, expand(inner, root, hops + 1));
  }
  for (const keyword of ['anyOf', 'oneOf']) {
    const choices = listOf(schema[keyword]);
    if (choices.length > 0) alternatives = product(alternatives, union(choices, root, hops + 1));
  }
  return alternatives;
}

function union(choices: readonly unknown[], root: JsonSchema, hops: number): readonly Parts[] | undefined {
  if (choices.length > maxAlternatives) return undefined;
  const all: Parts[] = [];
  for (const choice of choices) {
    if (choice === false) continue;
    const inner = asSchema(choice);
    const expanded = inner === undefined ? undefined : expand(inner, root, hops);
    if (expanded === undefined || all.length + expanded.length > maxAlternatives) return undefined;
    all.push(...expanded);
  }
  return all;
}

function product(
  left: readonly Parts[] | undefined,
  right: readonly Parts[] | undefined,
): readonly Parts[] | undefined {
  if (left === undefined || right === undefined || left.length * right.length > maxAlternatives) return undefined;
  const combined = left.flatMap((ours) => right.map((theirs) => [...ours, ...theirs]));
  return combined.every((parts) => parts.length <= maxParts) ? combined : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** What a local reference (`#/$defs/name`) points to. */
function followPointer(reference: string, root: JsonSchema): unknown {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let value: unknown = root;
  for (const token of reference.slice(2).split('/')) {
    const key = decode(token).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

function decode(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}

/** JSON types that values of all the parts can have; undefined when none of them says. */
export function typesOfParts(parts: Parts): ReadonlySet<string> | undefined {
  const kept = knownTypes.get(parts);
  if (kept !== undefined) return kept.types;
  const types = intersectTypes(parts);
  knownTypes.set(parts, { types });
  return types;
}

/** By the lists that {@link alternativesOf} keeps: every literal and reference of a plan asks for these. */
const knownTypes = new WeakMap<Parts, { readonly types: ReadonlySet<string> | undefined }>();

function intersectTypes(parts: Parts): ReadonlySet<string> | undefined {
  let types: ReadonlySet<string> | undefined;
  for (const part of parts) {
    const own = ownTypes(part);
    if (own !== undefined) types = types === undefined ? own : intersect(types, own);
  }
  return types;
}

function ownTypes(schema: JsonSchema): ReadonlySet<string> | undefined {
  if (typeof schema.type === 'string') return new Set([schema.type]);
  if (Array.isArray(schema.type)) return new Set(schema.type as readonly string[]);
  if (Array.isArray(schema.enum)) return new Set(schema.enum.map(typeOfValue));
  return 'const' in schema ? new Set([typeOfValue(schema.const)]) : undefined;
}

function intersect(left: ReadonlySet<string>, right: ReadonlySet<string>): ReadonlySet<string> {
  const both = new Set([...left].filter((type) => right.has(type)));
  // Every integer is a number.
  if ((left.has('integer') && right.has('number')) || (left.has('number') && right.has('integer'))) both.add('integer');
  return both;
}

/** JSON types that a value of a schema can have; undefined when the schema does not say. */
export function typesOf(
  schema: JsonSchema | undefined,
  root: JsonSchema | undefined = schema,
): ReadonlySet<string> | undefined {
  if (schema === undefined || root === undefined) return undefined;
  const types = alternativesOf({ schema, root })?.map(typesOfParts);
  if (types === undefined || types.includes(undefined)) return undefined;
  return new Set(types.flatMap((set) => [...(set ?? [])]));
}

/** The JSON type of a value; whole numbers are `integer`. */
export function typeOfValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** What is known about one field of an object, or one item of a list. */
export type Field =
  | { readonly found: 'schema'; readonly schema: JsonSchema }
  | { readonly found: 'unknown' }
  /** The parts do not name it. `isClosed` says that they rule it out. */
  | { readonly found: 'missing'; readonly isClosed: boolean };

/** The field that parts name under a key. */
export function fieldOf(parts: Parts, key: string): Field {
  const schemas: JsonSchema[] = [];
  let isNamed = false;
  let isOpen = false;
  for (const part of parts) {
    const { properties, additionalProperties, patternProperties } = part;
    if (asSchema(properties) !== undefined && Object.hasOwn(properties ?? {}, key)) {
      isNamed = true;
      const schema = asSchema(properties?.[key]);
      if (schema !== undefined) schemas.push(schema);
      continue;
    }
    const additional = asSchema(additionalProperties);
    if (additional !== undefined && Object.keys(additional).length > 0) {
      isNamed = true;
      schemas.push(additional);
    }
    if (additionalProperties === true || additional !== undefined || asSchema(patternProperties) !== undefined)
      isOpen = true;
  }
  if (schemas.length > 0) return { found: 'schema', schema: allOf(schemas) };
  if (isNamed) return { found: 'unknown' };
  if (isClosed(parts) && !isOpen) return { found: 'missing', isClosed: true };
  const isDescribed = parts.some((part) => asSchema(part.properties) !== undefined);
  return isDescribed && !isOpen ? { found: 'missing', isClosed: false } : { found: 'unknown' };
}

/** The item that parts describe at an index. */
export function itemOf(parts: Parts, index: number): Field {
  const schemas: JsonSchema[] = [];
  for (const { prefixItems, items } of parts) {
    const prefix = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
    if (index < prefix.length) {
      const own = asSchema(prefix[index]);
      if (own !== undefined) schemas.push(own);
    } else if (items === false) return { found: 'missing', isClosed: true };
    else {
      const own = asSchema(items);
      if (own !== undefined) schemas.push(own);
    }
  }
  return schemas.length > 0 ? { found: 'schema', schema: allOf(schemas) } : { found: 'unknown' };
}

/** Whether objects may have no other fields than those named. */
export function isClosed(parts: Parts): boolean {
  return parts.some((part) => part.additionalProperties === false || part['unevaluatedProperties'] === false);
}

/** Names of all fields. */
export function fieldNames(parts: Parts): string[] {
  return [...new Set(parts.flatMap((part) => Object.keys(asSchema(part.properties) ?? {})))];
}

/** Names of all fields that must be there. */
export function requiredNames(parts: Parts): string[] {
  const names = parts.flatMap((part) => listOf(part.required));
  return [...new Set(names.filter((name) => typeof name === 'string'))];
}

/** One schema that says what several say. */
export function allOf(schemas: readonly JsonSchema[]): JsonSchema {
  const [only] = schemas;
  return schemas.length === 1 && only !== undefined ? only : { allOf: schemas };
}
