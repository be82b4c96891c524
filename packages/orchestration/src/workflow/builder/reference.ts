/**
 * References to inputs and outputs as typed values: reading a property of one makes the reference to that property.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import { printPath } from '../../plan/expressions/parse-path.ts';

declare const referredType: unique symbol;

/** Stands for a value of type `T` that is there when the workflow runs; as text it is `${...}`. */
export type Reference<T> = {
  readonly [referredType]: T;
  toString(): string;
} & ReferenceFields<T>;

type ReferenceFields<T> = unknown extends T
  ? { readonly [key: string]: Reference<unknown> }
  : T extends readonly unknown[]
    ? unknown
    : T extends object
      ? { readonly [Key in keyof T]-?: Reference<NonNullable<T[Key]>> }
      : unknown;

/** What may stand where a value of type `T` is asked for: the value, a reference, or an object of such. */
export type Bindable<T> =
  | T
  | Reference<T>
  | (T extends string ? string : never)
  | (T extends readonly (infer Item)[]
      ? readonly Bindable<Item>[]
      : T extends object
        ? { readonly [Key in keyof T]: Bindable<T[Key]> }
        : never);

interface ReferenceTarget {
  readonly root: string;
  readonly keys: readonly (string | number)[];
}

const targets = new WeakMap<object, ReferenceTarget>();
const maxKeys = 60;

/**
 * Makes a reference.
 *
 * @param root `inputs`, `steps`, `item`, `index`, `run`, `env` or `secrets`
 * @param keys where the value is behind the root
 */
export function makeReference<T>(root: string, keys: readonly (string | number)[] = []): Reference<T> {
  if (keys.length > maxKeys) {
    throw new GomindError({ code: 'LIMIT_EXCEEDED', message: `A reference may have ${String(maxKeys)} fields.` });
  }
  const expression = (): string => `\${${printPath({ root, keys })}}`;
  const proxy: object = new Proxy(
    {},
    {
      get: (_target, key) => {
        if (key === Symbol.toPrimitive || key === 'toString' || key === 'toJSON') return expression;
        if (typeof key === 'symbol') return undefined;
        // `steps.x.output[0]`: an index; a step may be named by digits, so the first key behind a root stays text.
        return makeReference(root, [...keys, keys.length > 0 && /^\d{1,9}$/.test(key) ? Number(key) : key]);
      },
    },
  );
  targets.set(proxy, { root, keys });
  return proxy as Reference<T>;
}

/**
 * The reference to one item of a list.
 *
 * @param list reference to a list
 * @param index from 0
 */
export function elementOf<Item>(list: Reference<readonly Item[]>, index: number): Reference<Item> {
  const target = targets.get(list);
  if (target === undefined) throw new TypeError('elementOf() takes a reference.');
  return makeReference(target.root, [...target.keys, index]);
}

/** The path of a reference, or undefined when the value is none. */
export function pathOfReference(value: unknown): string | undefined {
  const target = typeof value === 'object' && value !== null ? targets.get(value) : undefined;
  return target === undefined ? undefined : printPath(target);
}

/**
 * A value with every reference in it as text.
 *
 * @param value what a binding returned
 */
export function lowerReferences(value: unknown): unknown {
  const path = pathOfReference(value);
  if (path !== undefined) return `\${${path}}`;
  if (Array.isArray(value)) return value.map(lowerReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, lowerReferences(inner)]),
  );
}

/**
 * A condition: references inside the text become paths, everything else is CEL; texts and numbers become literals.
 *
 * @example
 * when: ({ steps }) => cel`${steps.count.output.rows} > ${limit}`
 */
export function cel(texts: TemplateStringsArray, ...values: readonly unknown[]): string {
  return texts.reduce((written, text, index) => {
    if (index === 0) return text;
    const value = values[index - 1];
    return `${written}${pathOfReference(value) ?? JSON.stringify(value)}${text}`;
  }, '');
}

/**
 * A text with references in it.
 *
 * @example
 * text`Dear ${inputs.name}`
 */
export function text(texts: TemplateStringsArray, ...values: readonly unknown[]): string {
  return texts.reduce((written, part, index) => {
    if (index === 0) return part;
    const value = lowerReferences(values[index - 1]);
    return `${written}${typeof value === 'string' ? value : JSON.stringify(value)}${part}`;
  }, '');
}
