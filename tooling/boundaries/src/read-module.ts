/**
 * Reads one file with a parser of its own (oxc, by way of rolldown; lint uses TypeScript's) and lists what it names. It
 * walks every node rather than the known forms of an import: a name is found wherever it stands.
 *
 * @module
 */
import { parseSync } from 'rolldown/utils';

/** A piece of text of a file, and its line, counted from 1. */
export interface Located {
  readonly text: string;
  readonly line: number;
}

/** What a file says about other modules. */
export interface ModuleReading {
  /** Names in imports, exports, `import()`, import types, `require()`, `import.meta.resolve()` and references. */
  readonly names: readonly Located[];
  /** Every other text in the code. */
  readonly texts: readonly Located[];
  /** Texts that are the first argument of a call. */
  readonly callTexts: readonly Located[];
  /** Loads whose name is computed. */
  readonly hidden: readonly Located[];
  readonly comments: readonly Located[];
  /** Whether it can load modules by calling a function. */
  readonly canRequire: boolean;
  /** What the parser did not understand. */
  readonly errors: readonly string[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

const loaders = /(?:\brequire|\bcreateRequire\s*\([^()]*\))(?:\s*\.\s*resolve)?$|^import\s*\.\s*meta\s*\.\s*resolve$/;

/** Reads a file. */
export function readModule(path: string, source: string): ModuleReading {
  const { program, comments, errors } = parseSync(path, source, { lang: /\.[cm]?js$/.test(path) ? 'js' : 'ts' });
  const lineOf = lineFinder(source);
  const reading = {
    names: [] as Located[],
    texts: [] as Located[],
    callTexts: [] as Located[],
    hidden: [] as Located[],
  };
  const add = (list: Located[], text: string, node: Node): void => {
    list.push({ text, line: lineOf(node.start) });
  };
  const name = (node: Node): void => {
    const text = textOf(node);
    if (text === undefined) add(reading.hidden, source.slice(node.start, node.end), node);
    else add(reading.names, text, node);
  };
  walk(program as unknown as Node, (node) => {
    const text = textOf(node);
    if (text !== undefined) add(reading.texts, text, node);
    if (isNode(node['source'])) name(node['source']);
    if (node.type === 'TSExternalModuleReference' && isNode(node['expression'])) name(node['expression']);
    if (node.type === 'TSModuleDeclaration' && isNode(node['id']) && textOf(node['id']) !== undefined) name(node['id']);
    if (node.type !== 'CallExpression' || !isNode(node['callee'])) return;
    const [first] = node['arguments'] as readonly Node[];
    if (first === undefined) return;
    const { start, end } = node['callee'];
    if (loaders.test(source.slice(start, end))) name(first);
    else if (textOf(first) !== undefined) add(reading.callTexts, textOf(first) ?? '', first);
  });
  for (const comment of comments) {
    const reference = /^\/\s*<reference\s+(path|types)\s*=\s*["']([^"']+)["']/.exec(comment.value);
    if (reference?.[2] === undefined) continue;
    const text = reference[1] === 'path' && !reference[2].startsWith('.') ? `./${reference[2]}` : reference[2];
    reading.names.push({ text, line: lineOf(comment.start) });
  }
  return {
    ...reading,
    comments: comments.map(({ value, start }) => ({ text: value, line: lineOf(start) })),
    canRequire: /\b(?:createRequire|require)\b/.test(source),
    errors: errors.map(({ message }) => message),
  };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The text of a literal, or of a template without holes. */
function textOf(node: Node): string | undefined {
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? node['value'] : undefined;
  if (node.type === 'TSLiteralType' && isNode(node['literal'])) return textOf(node['literal']);
  if (node.type !== 'TemplateLiteral') return undefined;
  const quasis = node['quasis'] as readonly { readonly value: { readonly cooked: string } }[];
  return quasis.length === 1 ? quasis[0]?.value.cooked : undefined;
}

function walk(root: Node, visit: (node: Node) => void): void {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const next = open.pop();
    if (Array.isArray(next)) open.push(...(next as unknown[]));
    else if (isNode(next)) {
      visit(next);
      open.push(...Object.values(next).filter((value) => typeof value === 'object'));
    }
  }
}

function lineFinder(source: string): (offset: number) => number {
  const starts = [0];
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => starts.findLastIndex((start) => start <= offset) + 1;
}
