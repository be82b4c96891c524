/**
 * Converts values to the types that a schema asks for, at any depth, where that loses nothing. What cannot be converted stays
 * as it is, for the check of the schema to report.
 *
 * @module
 */
import type { JsonSchema } from '@gomind/core';
import { coerceLossless } from './schemas/coerce-literal.ts';
import { findAlternative, hasType, isInChoices } from './schemas/match-value.ts';
import { alternativesOf, type Field, fieldOf, itemOf } from './schemas/schema-reader.ts';

/** One change to a step's inputs. */
export interface InputCorrection {
  /** Keys from the inputs down to the value. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

const maxDepth = 32;

/**
 * The conversions that bring a value closer to its schema.
 *
 * @param value any JSON value
 * @param schema what is asked for
 * @param root the document that the schema's `$ref`s point into
 * @returns one correction for each converted value, in the order of the value
 */
export function coercionsFor(value: unknown, schema: JsonSchema, root: JsonSchema = schema): InputCorrection[] {
  const corrections: InputCorrection[] = [];
  collect(value, schema, { path: [], root, corrections });
  return corrections;
}

interface Spot {
  readonly path: readonly (string | number)[];
  readonly root: JsonSchema;
  readonly corrections: InputCorrection[];
}

function collect(value: unknown, schema: JsonSchema, spot: Spot): void {
  const alternatives = spot.path.length > maxDepth ? undefined : alternativesOf({ schema, root: spot.root });
  if (alternatives === undefined) return;
  const parts = findAlternative(value, alternatives);
  const mayBeRight = parts === undefined && alternatives.some((each) => hasType(value, each));
  if (mayBeRight) return;
  if (parts === undefined || !hasType(value, parts) || (typeof value !== 'object' && !isInChoices(value, parts))) {
    const converted = coerceLossless(value, schema, spot.root);
    if (converted !== undefined) spot.corrections.push({ path: spot.path, value: converted });
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collectInside(item, itemOf(parts, index), { ...spot, key: index });
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) collectInside(inner, fieldOf(parts, key), { ...spot, key });
  }
}

function collectInside(value: unknown, field: Field, spot: Spot & { readonly key: string | number }): void {
  if (field.found === 'schema') collect(value, field.schema, { ...spot, path: [...spot.path, spot.key] });
}

/**
 * Inputs with corrections made; what they do not touch is shared with the given ones, which stay as they are.
 *
 * @param inputs a step's inputs
 * @param corrections in the order in which they are to be made
 */
export function applyCorrections(
  inputs: Readonly<Record<string, unknown>>,
  corrections: readonly InputCorrection[],
): Readonly<Record<string, unknown>> {
  let corrected: unknown = inputs;
  for (const { path, value } of corrections) corrected = replaceAt(corrected, path, value);
  return corrected as Readonly<Record<string, unknown>>;
}

function replaceAt(target: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(target)) {
    return target.map((item: unknown, index) => (index === key ? replaceAt(item, rest, value) : item));
  }
  const record = (typeof target === 'object' && target !== null ? target : {}) as Readonly<Record<string, unknown>>;
  const inner = Object.hasOwn(record, key) ? record[String(key)] : undefined;
  // From entries, not by assignment: a key named "__proto__" stays an ordinary key.
  return Object.fromEntries([...Object.entries(record), [String(key), replaceAt(inner, rest, value)]]);
}

/** The value at a path, or undefined. */
export function valueAt(target: unknown, path: readonly (string | number)[]): unknown {
  let value = target;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return value;
}
