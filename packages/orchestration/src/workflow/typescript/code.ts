/**
 * Code as it is laid out: on one line where it fits, else one part a line.
 *
 * @module
 */

/** Parts in brackets: a call, a list, an object. */
interface CodeList {
  readonly open: string;
  readonly items: readonly Code[];
  readonly close: string;
  /** Between the brackets and what is inside, on one line. */
  readonly padding: '' | ' ';
}

/** Calls of methods, one after the other. */
interface CodeChain {
  readonly head: string;
  readonly calls: readonly Code[];
}

/** A piece of code. */
export type Code = string | CodeList | CodeChain;

const width = 120;

/** A call with its arguments. */
export function callOf(name: string, parameters: readonly Code[]): Code {
  return { open: `${name}(`, items: parameters, close: ')', padding: '' };
}

/** A list. */
export function arrayOf(items: readonly Code[]): Code {
  return { open: '[', items, close: ']', padding: '' };
}

/** An object; the entries whose value is undefined are left out. */
export function objectOf(entries: readonly (readonly [key: string, value: Code | undefined])[]): Code {
  const items = entries.flatMap(([key, value]) => (value === undefined ? [] : [withPrefix(`${keyOf(key)}: `, value)]));
  return { open: '{', items, close: '}', padding: ' ' };
}

/** Whether nothing stands between the brackets. */
export function isEmpty(code: Code): boolean {
  return typeof code === 'object' && 'items' in code && code.items.length === 0;
}

/** Code with a text before it. */
function withPrefix(prefix: string, code: Code): Code {
  if (typeof code === 'string') return prefix + code;
  return 'items' in code ? { ...code, open: prefix + code.open } : { ...code, head: prefix + code.head };
}

/** A function that returns the code: `(parameters) => code`. */
export function arrowOf(parameters: string, code: Code): Code {
  const head = `(${parameters}) => `;
  if (typeof code === 'string' || !('items' in code) || !code.open.endsWith('{')) return withPrefix(head, code);
  return { ...code, open: `${head}(${code.open}`, close: `${code.close})` };
}

/** A name as the key of an object. `__proto__` as a plain key would set the prototype. */
function keyOf(name: string): string {
  if (name === '__proto__') return `['__proto__']`;
  return isIdentifier(name) ? name : quote(name);
}

/** Whether a name may stand behind a dot. */
export function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
}

/** A text as a literal in single quotes. */
export function quote(text: string): string {
  const inside = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    // Of these, JSON lets pass what an editor or another tool might take for the end of a line, or lose.
    .replaceAll(/[\u007F-\u009F\u200B-\u200F\u2028-\u202F\uFEFF]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
  return `'${inside}'`;
}

/** The code as text. */
export function printCode(code: Code, indent = 0): string {
  const flat = flatOf(code);
  return flat !== undefined && indent + flat.length < width ? flat : printBroken(code, indent);
}

function printBroken(code: Code, indent: number): string {
  if (typeof code === 'string') return code;
  const inner = ' '.repeat(indent + 2);
  if ('calls' in code) {
    return [code.head, ...code.calls.map((call) => `${inner}.${printCode(call, indent + 2)}`)].join('\n');
  }
  const hugged = huggingLast(code, indent);
  if (hugged !== undefined) return hugged;
  const lines = code.items.map((item) => `${inner}${printCode(item, indent + 2)},\n`);
  return `${code.open}\n${lines.join('')}${' '.repeat(indent)}${code.close}`;
}

/** A call whose last argument alone goes over several lines, where what stands before it fits on the first one. */
function huggingLast({ open, items, close }: CodeList, indent: number): string | undefined {
  const last = items.at(-1);
  const before = items.slice(0, -1).map(flatOf);
  if (!open.endsWith('(') || typeof last !== 'object' || before.includes(undefined)) return undefined;
  const first = `${open}${before.map((text) => `${text ?? ''}, `).join('')}`;
  const start = 'items' in last ? last.open : last.head;
  if (indent + first.length + start.length >= width) return undefined;
  return `${first}${printBroken(last, indent)}${close}`;
}

/** The code on one line; undefined where that would not be readable, whatever its length. */
function flatOf(code: Code): string | undefined {
  if (typeof code === 'string') return code;
  if ('calls' in code) {
    const [only, ...others] = code.calls;
    if (only === undefined) return code.head;
    const call = others.length === 0 ? flatOf(only) : undefined;
    return call === undefined ? undefined : `${code.head}.${call}`;
  }
  const parts = code.items.map(flatOf);
  if (parts.includes(undefined)) return undefined;
  const padding = parts.length === 0 ? '' : code.padding;
  return `${code.open}${padding}${parts.join(', ')}${padding}${code.close}`;
}
