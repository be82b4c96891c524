/**
 * Which of a schema's alternatives a literal is meant for, and which values it may be.
 *
 * @module
 */
import { fieldOf, isClosed, type Parts, requiredNames, typeOfValue, typesOfParts } from './schema-reader.ts';

/**
 * The one alternative that a value can be meant for. Looks at the value's own type, its fields' names and its constant fields
 * only, not deeper: trying each alternative on each inner value would cost their product.
 *
 * @returns undefined when several fit, or none
 */
export function findAlternative(value: unknown, alternatives: readonly Parts[]): Parts | undefined {
  if (alternatives.length === 1) return alternatives[0];
  const ofType = alternatives.filter((parts) => hasType(value, parts) && isInChoices(value, parts));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return only(ofType);
  return only(ofType.filter((parts) => fitsFields(value as Readonly<Record<string, unknown>>, parts)));
}

function only<T>(values: readonly T[]): T | undefined {
  return values.length === 1 ? values[0] : undefined;
}

/** Whether a value has a type that all parts allow; JSON knows no difference between 5 and 5.0. */
export function hasType(value: unknown, parts: Parts): boolean {
  const types = typesOfParts(parts);
  const actual = typeOfValue(value);
  return types === undefined || types.has(actual) || (actual === 'integer' && types.has('number'));
}

function fitsFields(value: Readonly<Record<string, unknown>>, parts: Parts): boolean {
  if (requiredNames(parts).some((name) => !Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, inner]) => {
    const field = fieldOf(parts, name);
    if (field.found === 'missing') return !isClosed(parts);
    return field.found === 'unknown' || typeof inner === 'object' || isInChoices(inner, [field.schema]);
  });
}

const choiceSets = new WeakMap<readonly unknown[], ReadonlySet<unknown>>();

/** Whether a value is one of those that `enum` and `const` leave. */
export function isInChoices(value: unknown, parts: Parts): boolean {
  return parts.every((part) => {
    const choices = ownChoices(part);
    return choices === undefined || isOneOf(value, choices);
  });
}

/** The values that the first `enum` or `const` leaves. */
export function choicesOf(parts: Parts): readonly unknown[] {
  for (const part of parts) {
    const choices = ownChoices(part);
    if (choices !== undefined) return choices;
  }
  return [];
}

function ownChoices(part: Parts[number]): readonly unknown[] | undefined {
  if (Array.isArray(part.enum)) return part.enum as readonly unknown[];
  return 'const' in part ? [part.const] : undefined;
}

/** Lists of choices may be long and stand in every step: they are made into sets once. */
function isOneOf(value: unknown, choices: readonly unknown[]): boolean {
  let set = choiceSets.get(choices);
  if (set === undefined) {
    set = new Set(choices.map(keyOf));
    choiceSets.set(choices, set);
  }
  return set.has(keyOf(value));
}

/** Objects are compared by their JSON text, everything else by itself. */
function keyOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? `json:${JSON.stringify(value)}` : value;
}
