/**
 * Parses JSON without changing a digit: a whole number that a JavaScript number cannot hold stays the text of its digits.
 *
 * @module
 */

/** A number of 16 digits or more, perhaps inside a text; only then is it worth the slower way of parsing. */
const longNumber = /(?:^|[[:,\s])-?\d{16}/;
const wholeNumber = /^-?\d+$/;

/**
 * Parses JSON; `9007199254740993` becomes `"9007199254740993"` instead of 9007199254740992.
 *
 * @throws SyntaxError for what is no JSON
 */
export function parseExactly(text: string): unknown {
  return longNumber.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const { source = '' } = context ?? {};
  return wholeNumber.test(source) && String(value) !== source ? source : value;
}

/** The same value with such texts as the nearest numbers: what a schema that asks for an integer has to look at. */
export function roundDigits(value: unknown): unknown {
  if (typeof value === 'string') return value.length >= 16 && wholeNumber.test(value) ? Number(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(roundDigits);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, roundDigits(inner)]));
}
