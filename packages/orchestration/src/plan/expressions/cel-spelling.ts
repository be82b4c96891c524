/**
 * Our spelling of expressions in CEL's own: hyphenated names in paths, `??`, and the status functions of conditions.
 *
 * @module
 */
import { endOfSpacedName } from './parse-path.ts';
import { expressionRoots } from './scope.ts';

/** What `has()` becomes: takes a root and the keys behind it. */
export const presenceFunction = 'path_is_there';

/**
 * Our spelling in CEL's: names with hyphens or leading digits inside paths become indices, `has(a.b)` asks whether the path is
 * there, `a ?? b` becomes `has(a) ? a : b`, and the status functions become look-ups.
 *
 * @param source an expression
 */
export function rewrite(source: string): string {
  return rewriteCoalescing(rewriteHas(rewritePaths(source)))
    .replaceAll(/\bsucceeded\s*\(\s*\)/g, 'dependency_states.all(s, s != "failed")')
    .replaceAll(/\bfailed\s*\(\s*\)/g, 'dependency_states.exists(s, s == "failed")')
    .replaceAll(/\balways\s*\(\s*\)/g, 'true');
}

function rewritePaths(source: string): string {
  let result = '';
  let at = 0;
  while (at < source.length) {
    const character = source.charAt(at);
    if (character === '"' || character === "'") {
      const end = endOfString(source, at);
      result += source.slice(at, end);
      at = end;
    } else if (isNameStart(source.charCodeAt(at))) {
      const end = endOfPath(source, at);
      result += celPath(source.slice(at, end));
      at = end;
    } else if (isDigit(source.charCodeAt(at))) {
      const end = endOfNumber(source, at);
      result += source.slice(at, end);
      at = end;
    } else {
      result += character;
      at++;
    }
  }
  return result;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

function isWord(code: number): boolean {
  return isNameStart(code) || isDigit(code);
}

function isWordOrHyphen(code: number): boolean {
  return isWord(code) || code === 45;
}

function endOfString(source: string, open: number): number {
  for (let at = open + 1; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === source[open]) return at + 1;
  }
  return source.length;
}

function endOfNumber(source: string, start: number): number {
  let at = start;
  while (at < source.length && /[\d.eExXa-fA-Fu]/.test(source.charAt(at))) at++;
  return at;
}

/** The end of `name.name-with-hyphen.0`; only below a root may names hold hyphens, else `a-b` is a subtraction. */
function endOfPath(source: string, start: number): number {
  let at = start;
  while (at < source.length && isWord(source.charCodeAt(at))) at++;
  const root = source.slice(start, at);
  if (!(expressionRoots as readonly string[]).includes(root)) return at;
  if (root === 'steps' && source[at] === '.') at = endOfSpacedName(source, at + 1) ?? at;
  while (source[at] === '.' && isWordOrHyphen(source.charCodeAt(at + 1))) {
    at++;
    while (isWordOrHyphen(source.charCodeAt(at))) at++;
  }
  return at;
}

function celPath(path: string): string {
  const [root = '', ...names] = path.split('.');
  // The last name may be a method call such as size(): it cannot hold a hyphen, so it is left alone.
  return (
    root +
    names
      .map((name) => (/^[A-Za-z_]\w*$/.test(name) ? `.${name}` : /^\d+$/.test(name) ? `[${name}]` : `["${name}"]`))
      .join('')
  );
}

function rewriteCoalescing(source: string): string {
  const at = indexOutsideStrings(source, '??');
  if (at === -1) return source;
  const left = source.slice(0, at).trim();
  const right = rewriteCoalescing(source.slice(at + 2).trim());
  const open = openBracketBefore(left);
  const head = left.slice(0, open);
  const operand = left.slice(open).trim();
  // Both may be of any type: `dyn` keeps the library from comparing what it knows of them.
  return `${head}(${guardsOf(operand)} ? dyn(${operand}) : dyn(${right}))`;
}

/** Where the operand of `??` begins: behind the last bracket that is still open. */
function openBracketBefore(left: string): number {
  let depth = 0;
  for (let at = left.length - 1; at >= 0; at--) {
    const character = left[at];
    if (character === ')' || character === ']') depth++;
    else if (character === '(' || character === '[') {
      if (depth === 0) return at + 1;
      depth--;
    } else if (depth === 0 && (character === ',' || character === '?' || character === ':')) return at + 1;
  }
  return 0;
}

const text = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/.source;
// A name before a bracket is a method and no field.
const key = /\.[A-Za-z_]\w*\b(?!\s*\()|\["[^"]*"\]|\['[^']*'\]|\[\d+\]/.source;
const path = `(?<![\\w.])(?:${expressionRoots.join('|')})\\b(?:${key})*`;
const textOrPath = new RegExp(`${text}|${path}`, 'g');
const textOrHas = new RegExp(`${text}|(?<![\\w.])has\\(\\s*(${path})\\s*\\)`, 'g');

/** The library's own `has` takes plain names alone, and needs what is before the last one. */
function rewriteHas(source: string): string {
  return source.replaceAll(textOrHas, (found, inside: string | undefined) =>
    inside === undefined ? found : presenceOf(inside),
  );
}

function presenceOf(celPath: string): string {
  const [root = '', ...keys] = celPath.match(/^\w+|\.\w+|\["[^"]*"\]|\['[^']*'\]|\[\d+\]/g) ?? [];
  const names = keys.map((one) => (one.startsWith('.') ? JSON.stringify(one.slice(1)) : one.slice(1, -1)));
  return `${presenceFunction}(${root}, [${names.join(', ')}])`;
}

/** Every path in an operand is there, so that a missing parent counts as missing too, and something came of it. */
function guardsOf(operand: string): string {
  const paths = (operand.match(textOrPath) ?? []).filter((found) => !/^["']/.test(found));
  const guards = [...new Set(paths)].map(presenceOf);
  return `(${[...guards, `dyn(${operand}) != null`].join(' && ')})`;
}

function indexOutsideStrings(source: string, wanted: string): number {
  for (let at = 0; at < source.length; at++) {
    if (source[at] === '"' || source[at] === "'") at = endOfString(source, at) - 1;
    else if (source.startsWith(wanted, at)) return at;
  }
  return -1;
}
