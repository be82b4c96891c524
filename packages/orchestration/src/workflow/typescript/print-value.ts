/**
 * Values as TypeScript, with typed references where the builder knows what they refer to.
 *
 * @module
 */
import { parsePath, type ReferencePath } from '../../plan/expressions/parse-path.ts';
import { makeReference, pathOfReference } from '../builder/reference.ts';
import { arrayOf, arrowOf, type Code, isIdentifier, objectOf, quote } from './code.ts';

/** What an expression at some place of a workflow can refer to with a type. */
export interface KnownNames {
  readonly inputs: ReadonlySet<string>;
  /** Steps that were built before. */
  readonly steps: ReadonlySet<string>;
  /** Whether there is an item. */
  readonly isForEach?: boolean;
}

/**
 * A value as it is.
 *
 * @param value what JSON and YAML can hold
 */
export function printValue(value: unknown): Code {
  return valueCode(value, quote);
}

/**
 * A value that may refer to inputs and steps: a function of the scope where it does, the value itself elsewhere.
 *
 * @param known what can be referred to; any other expression stays a text
 */
export function printBinding(value: unknown, known: KnownNames): Code {
  const { code, roots } = bindingCode(value, known);
  return roots.length === 0 ? code : arrowOf(`{ ${roots.join(', ')} }`, code);
}

/** The same, as a function in any case. */
export function printBindingFunction(value: unknown, known: KnownNames): Code {
  const { code, roots } = bindingCode(value, known);
  return arrowOf(roots.length === 0 ? '' : `{ ${roots.join(', ')} }`, code);
}

function bindingCode(value: unknown, known: KnownNames): { readonly code: Code; readonly roots: readonly string[] } {
  const roots = new Set<string>();
  const code = valueCode(value, (text) => {
    const path = typedReference(text, known);
    if (path === undefined) return quote(text);
    roots.add(path.root);
    return memberCode(path);
  });
  return { code, roots: [...roots].sort() };
}

/** Whether a value is exactly one reference that is printed as such. */
export function isTypedReference(value: unknown, known: KnownNames): boolean {
  return typeof value === 'string' && typedReference(value, known) !== undefined;
}

function valueCode(value: unknown, text: (text: string) => string): Code {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return numberCode(value);
  if (Array.isArray(value)) return arrayOf(value.map((item) => valueCode(item, text)));
  if (typeof value === 'object' && value !== null)
    return objectOf(Object.entries(value).map(([key, inner]) => [key, valueCode(inner, text)]));
  return String(value);
}

function numberCode(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  if (Number.isNaN(value)) return 'Number.NaN';
  return value > 0 ? 'Number.POSITIVE_INFINITY' : 'Number.NEGATIVE_INFINITY';
}

/** The path of a text that is one reference whose type the builder knows, and that the builder writes as the same text. */
function typedReference(text: string, known: KnownNames): ReferencePath | undefined {
  if (!text.startsWith('${') || !text.endsWith('}')) return undefined;
  const inside = text.slice(2, -1);
  const path = parsePath(inside);
  if (path === undefined || !isKnown(path, known)) return undefined;
  const reference = path.keys.reduce<unknown>(
    (found, key) => (found as Readonly<Record<string, unknown>> | undefined)?.[key],
    makeReference(path.root),
  );
  return pathOfReference(reference) === inside ? path : undefined;
}

function isKnown({ root, keys }: ReferencePath, known: KnownNames): boolean {
  const [first, second, third] = keys;
  switch (root) {
    case 'inputs':
      return keys.length === 1 && known.inputs.has(String(first));
    case 'steps':
      if (typeof first !== 'string' || !known.steps.has(first)) return false;
      if (keys.length === 2) return second === 'output' || second === 'status';
      return keys.length === 3 && second === 'error' && (third === 'message' || third === 'code');
    case 'item':
    case 'index':
      return keys.length === 0 && known.isForEach === true;
    default:
      return false;
  }
}

function memberCode({ root, keys }: ReferencePath): string {
  return root + keys.map((key) => (isIdentifier(String(key)) ? `.${String(key)}` : `[${quote(String(key))}]`)).join('');
}
