/**
 * Where the literal values of a plan come from: the request, the schema, or nowhere. Knows nothing of how the router finds them.
 *
 * @module
 */
import type { JsonSchema } from '@gomind/core';

/**
 * Where a value comes from. `written`: the request has it letter by letter. `said`: the request has it in other words ("two",
 * "March 5th", "Korean won"). `schema`: it is a default or one of the values that the schema lists. `step`: an earlier step gives
 * it. `invented`: none of these.
 */
export type Origin = 'written' | 'said' | 'schema' | 'step' | 'invented';

/** A value of a plan, and where it comes from. */
export interface Literal {
  readonly path: string;
  readonly value: unknown;
  readonly origin: Origin;
}

/** Every value inside some inputs, with its origin. */
export function literalsOf(inputs: unknown, schema: JsonSchema | undefined, request: string): Literal[] {
  return leavesOf(inputs, schema, '').map(({ path, value, schemas }) => ({
    path,
    value,
    origin: originOf(value, schemas, request),
  }));
}

interface Leaf {
  readonly path: string;
  readonly value: unknown;
  /** The schemas on the way to it. */
  readonly schemas: readonly JsonSchema[];
}

function leavesOf(value: unknown, schema: JsonSchema | undefined, path: string): Leaf[] {
  const own = typeof schema === 'object' ? [schema] : [];
  const inner = ([key, item]: readonly [string, unknown], of: JsonSchema | boolean | undefined): Leaf[] =>
    leavesOf(item, typeof of === 'object' ? of : undefined, `${path}/${key}`).map((leaf) => ({
      ...leaf,
      schemas: [...own, ...leaf.schemas],
    }));
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, at) => inner([String(at), item], schema?.items));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap((entry) => inner(entry, schema?.properties?.[entry[0]]));
  }
  return [{ path, value, schemas: own }];
}

function originOf(value: unknown, schemas: readonly JsonSchema[], request: string): Origin {
  if (typeof value === 'string' && /^\$\{steps\.[^}]+\}$/u.test(value)) return 'step';
  const own = schemas.at(-1);
  if (own !== undefined && isListed(value, own)) return 'schema';
  if (typeof value === 'number') return originOfNumber(value, request);
  if (typeof value !== 'string') return 'invented';
  if (squeezed(request).includes(squeezed(value))) return 'written';
  return isSaid(value, request) ? 'said' : 'invented';
}

function isListed(value: unknown, schema: JsonSchema): boolean {
  return [...(schema.enum ?? []), schema.const, schema.default].some(
    (option) => option !== undefined && JSON.stringify(option) === JSON.stringify(value),
  );
}

function squeezed(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/gu, ' ').trim();
}

const numberWords = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');
const scales: readonly (readonly [number, RegExp])[] = [
  [1e3, /^\s?(?:k|thousand)\b/iu],
  [1e6, /^\s?(?:m|million)\b/iu],
  [1e9, /^\s?(?:bn|billion)\b/iu],
];

function originOfNumber(value: number, request: string): Origin {
  const plain = request.replaceAll(/(?<=\d),(?=\d{3})/gu, '');
  for (const { 0: digits, index } of plain.matchAll(/\d+(?:\.\d+)?/gu)) {
    const behind = plain.slice(index + digits.length);
    if (Math.abs(value) === Number(digits)) return 'written';
    if (scales.some(([scale, word]) => Math.abs(value) === Number(digits) * scale && word.test(behind))) return 'said';
  }
  const word = numberWords[value];
  return word !== undefined && new RegExp(String.raw`\b${word}\b`, 'iu').test(request) ? 'said' : 'invented';
}

const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const relativeDay = /\b(?:today|tonight|tomorrow|yesterday|(?:sun|mon|tues|wednes|thurs|fri|satur)day)\b/iu;

/** The same thing in other words: a day, a code of a currency or a country, a sum with another sign for "times". */
function isSaid(value: string, request: string): boolean {
  const day = /^\d{4}-(\d{2})-(\d{2})$/u.exec(value);
  if (day !== null) return relativeDay.test(request) || saysDay(request, Number(day[1]), Number(day[2]));
  if (/^[A-Z]{3}$/u.test(value)) return namesCurrency(value, request);
  if (/^[A-Z]{2}$/u.test(value)) return squeezed(request).includes(squeezed(nameOf(value, 'region')));
  return squeezed(request).replaceAll('x', '*').includes(squeezed(value));
}

function saysDay(request: string, month: number, day: number): boolean {
  const name = monthNames[month - 1] ?? '';
  const both = String.raw`\b${name}[a-z]*\.?\s+0?${String(day)}(?:st|nd|rd|th)?\b|\b0?${String(day)}(?:st|nd|rd|th|\.)?\s+(?:of\s+)?${name}`;
  return new RegExp(both, 'iu').test(request);
}

function namesCurrency(code: string, request: string): boolean {
  const last = nameOf(code, 'currency').split(' ').at(-1)?.toLowerCase() ?? code;
  const symbol = new Intl.NumberFormat('en', { style: 'currency', currency: code, currencyDisplay: 'narrowSymbol' })
    .formatToParts(1)
    .find(({ type }) => type === 'currency')?.value;
  return request.toLowerCase().includes(last) || request.includes(symbol ?? code);
}

function nameOf(code: string, type: 'currency' | 'region'): string {
  return new Intl.DisplayNames('en', { type }).of(code) ?? code;
}
