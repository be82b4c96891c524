/**
 * Reads plain paths such as `steps.gather-data.output.items[0].name` by hand: linear, and hyphens belong to names.
 *
 * @module
 */

/** A path: its root and the keys behind it; a number is an index. */
export interface ReferencePath {
  readonly root: string;
  readonly keys: readonly (string | number)[];
}

const maxKeys = 64;
const maxPathLength = 1_024;

/** Letters and digits of any script, `_`, `$` and `-`. */
function isNameCharacter(source: string, at: number): boolean {
  const code = source.charCodeAt(at);
  if (code >= 128) return /[\p{L}\p{N}]/u.test(source.charAt(at));
  const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
  return isLetter || (code >= 48 && code <= 57) || code === 95 || code === 45 || code === 36;
}

const longestName = 128;

/**
 * Where the name of a step ends that has spaces in it: `first step` in `steps.first step.output`. Only where it is followed by
 * what a step has, so that `steps.a in steps.b.output` stays what it is.
 *
 * @param start where the name begins, behind `steps.`
 * @returns undefined when no such name begins there
 */
export function endOfSpacedName(source: string, start: number): number | undefined {
  let at = start;
  let hasSpace = false;
  while (at - start <= longestName && (source[at] === ' ' || (at < source.length && isNameCharacter(source, at)))) {
    hasSpace ||= source[at] === ' ';
    at++;
  }
  if (!hasSpace || source[start] === ' ' || source[at - 1] === ' ') return undefined;
  return /^\.(?:output|status|error)(?![\w-])/.test(source.slice(at, at + 8)) ? at : undefined;
}

/**
 * Reads a text that is nothing but a path.
 *
 * A step name with spaces may also stand in brackets: `steps['first step'].output`.
 *
 * @param text the inside of `${...}`
 * @returns undefined when the text is anything else (an operator, a call, a literal)
 */
export function parsePath(text: string): ReferencePath | undefined {
  const source = text.trim();
  if (source === '' || source.length > maxPathLength) return undefined;
  let at = 0;
  const readName = (): string => {
    const start = at;
    while (at < source.length && isNameCharacter(source, at)) at++;
    return source.slice(start, at);
  };
  const readStepName = (): string => {
    const end = endOfSpacedName(source, at);
    if (end === undefined) return readName();
    const start = at;
    at = end;
    return source.slice(start, end);
  };
  const root = readName();
  if (root === '' || /^\d/.test(root)) return undefined;
  const keys: (string | number)[] = [];
  while (at < source.length) {
    if (keys.length >= maxKeys) return undefined;
    if (source[at] === '.') {
      at++;
      const name = root === 'steps' && keys.length === 0 ? readStepName() : readName();
      if (name === '') return undefined;
      keys.push(/^\d+$/.test(name) && keys.length > 1 ? Number(name) : name);
    } else if (source[at] === '[') {
      const end = closingBracket(source, at);
      const key = end === -1 ? undefined : bracketKey(source.slice(at + 1, end));
      if (key === undefined) return undefined;
      keys.push(key);
      at = end + 1;
    } else return undefined;
  }
  return { root, keys };
}

function closingBracket(source: string, open: number): number {
  const quote = source[open + 1];
  if (quote !== "'" && quote !== '"') return source.indexOf(']', open);
  const end = source.indexOf(quote, open + 2);
  return end !== -1 && source[end + 1] === ']' ? end + 1 : -1;
}

function bracketKey(inside: string): string | number | undefined {
  const text = inside.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const quote = text[0];
  const isQuoted = text.length >= 2 && (quote === "'" || quote === '"') && text.endsWith(quote);
  return isQuoted ? text.slice(1, -1) : undefined;
}

/**
 * A path as people write it.
 *
 * @param path root and keys
 */
export function printPath(path: ReferencePath): string {
  return (
    path.root +
    path.keys
      .map((key) =>
        typeof key === 'number' ? `[${String(key)}]` : /^[\p{L}\p{N}_$-]+$/u.test(key) ? `.${key}` : `['${key}']`,
      )
      .join('')
  );
}
