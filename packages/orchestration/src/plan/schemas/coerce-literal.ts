/**
 * Converts values of the wrong type, as models write them and components return them: `"5"` for 5, `"true"` for true, 5 for
 * `"5"`. Objects and lists are never converted, and no part of them stands for the whole.
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
  if (!types.has('boolean')) return undefined;
  return trueTexts.has(text) ? true : falseTexts.has(text) ? false : undefined;
}

/** The Go original's table, so that plans written for it keep working. */
const trueTexts: ReadonlySet<string> = new Set(['true', 'True', 'TRUE', 't', 'T', '1']);
const falseTexts: ReadonlySet<string> = new Set(['false', 'False', 'FALSE', 'f', 'F', '0']);

const longestNumber = 32;

/** A number as JSON and people write it. The pattern has one way to match each text, and the text is short. */
function readNumber(text: string): number | undefined {
  if (text.length > longestNumber || !/^[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  // Beyond this, neighbours read as the same number.
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER) return undefined;
  return significantDigits(text) === significantDigits(String(number)) ? number : undefined;
}

/** Two texts of one number have the same; one that has more of them says more than a number can hold. */
function significantDigits(text: string): string {
  const [mantissa = ''] = text.toLowerCase().split('e');
  return mantissa.replaceAll(/[^\d]/g, '').replace(/^0+/, '').replace(/0+$/, '');
}
