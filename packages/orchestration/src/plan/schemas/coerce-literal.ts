/**
 * Converts literals that models write in the wrong type: `"5"` for 5, `"true"` for true, 5 for `"5"`.
 *
 * @module
 */
import type { JsonSchema } from '@gomind/core';
import { typesOf } from './schema-reader.ts';

/**
 * A literal as the type that a schema asks for, if that loses nothing.
 *
 * @param value a literal of the wrong type
 * @param schema what is asked for
 * @param root the document that the schema's `$ref`s point into
 * @returns the converted value, or undefined when it cannot be converted without loss
 */
export function coerceLossless(value: unknown, schema: JsonSchema, root: JsonSchema = schema): unknown {
  const choice = typeof value === 'string' ? choiceOf(value, schema) : undefined;
  if (choice !== undefined) return choice;
  const types = typesOf(schema, root);
  if (types === undefined) return undefined;
  if (typeof value === 'string') return coerceText(value.trim(), types);
  if (types.has('string') && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
  return undefined;
}

/** The one choice of a list that differs from a text only in case and in spaces around. */
function choiceOf(text: string, schema: JsonSchema): unknown {
  const key = text.trim().toLowerCase();
  const near = (schema.enum ?? []).filter((choice) => typeof choice === 'string' && choice.toLowerCase() === key);
  return near.length === 1 ? near[0] : undefined;
}

function coerceText(text: string, types: ReadonlySet<string>): unknown {
  const number = readNumber(text);
  if (number !== undefined && types.has('number')) return number;
  if (number !== undefined && types.has('integer') && Number.isSafeInteger(number)) return number;
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return undefined;
}

const longestNumber = 32;

/** A number as JSON and people write it. The pattern has one way to match each text, and the text is short. */
function readNumber(text: string): number | undefined {
  if (text.length > longestNumber || !/^[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  // Beyond this, neighbours read as the same number.
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : undefined;
}
