/**
 * Follows a path through a schema: what may stand at `output.items[0].name`?
 *
 * @module
 */
import type { JsonSchema } from '@gomind/core';
import {
  allOf,
  asSchema,
  alternativesOf,
  type Field,
  fieldNames,
  fieldOf,
  isClosed,
  itemOf,
  type Parts,
  type SchemaNode,
  typesOfParts,
} from './schema-reader.ts';

/** What following a path found. */
export type SchemaWalk =
  /** `isClosed` says that the object around it may have no other fields, so its author meant the schema to the letter. */
  | { readonly found: 'schema'; readonly node: SchemaNode; readonly isClosed: boolean }
  | { readonly found: 'unknown' }
  | {
      readonly found: 'missing';
      readonly field: string;
      readonly known: readonly string[];
      readonly isClosed: boolean;
    };

const maxAlternatives = 32;

/**
 * Follows a path.
 *
 * @param start schema of the value the path begins at
 * @param keys fields and indices
 */
export function followPath(start: SchemaNode | undefined, keys: readonly (string | number)[]): SchemaWalk {
  if (start === undefined) return { found: 'unknown' };
  let node = start;
  let closed = alternativesOf(start)?.every(isClosed) ?? false;
  for (const key of keys) {
    const alternatives = alternativesOf(node);
    if (alternatives === undefined) return { found: 'unknown' };
    const fields = alternatives.map((parts) => step(parts, key, closed));
    const schemas = fields.flatMap((field) => (field.found === 'schema' ? [field.schema] : []));
    if (fields.some(({ found }) => found === 'unknown') || schemas.length > maxAlternatives)
      return { found: 'unknown' };
    if (schemas.length === 0) {
      const known = [...new Set(alternatives.flatMap(fieldNames))];
      const isRuledOut = fields.every((field) => field.found === 'missing' && field.isClosed);
      return { found: 'missing', field: String(key), known, isClosed: isRuledOut };
    }
    if (alternatives.some(hasFields)) closed = alternatives.every(isClosed);
    node = { schema: anyOf(schemas), root: node.root };
  }
  return { found: 'schema', node, isClosed: closed };
}

/** A closed object around a value means its type to the letter too. */
function step(parts: Parts, key: string | number, isClosedAround: boolean): Field {
  const types = typesOfParts(parts);
  const mayBeList = types?.has('array') ?? true;
  const mayBeObject = types?.has('object') ?? true;
  if (!mayBeList && !mayBeObject) return { found: 'missing', isClosed: isClosedAround };
  if (typeof key === 'number' && mayBeList) {
    const item = itemOf(parts, key);
    if (item.found !== 'unknown' || !mayBeObject || types === undefined) return item;
  }
  return mayBeObject ? fieldOf(parts, String(key)) : { found: 'missing', isClosed: isClosedAround };
}

function hasFields(parts: Parts): boolean {
  return parts.some(({ properties }) => asSchema(properties) !== undefined);
}

function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  const distinct = [...new Set(schemas)];
  return distinct.length === 1 ? allOf(distinct) : { anyOf: distinct };
}
