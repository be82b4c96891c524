/**
 * Reads YAML (or JSON, which is YAML) into plain JSON values, safely and with the place of everything: duplicate keys are
 * found in linear time, aliases, size, depth and keys are bounded, only YAML's core types are accepted.
 *
 * @module
 */
import { createRequire } from 'node:module';
import type { Document, LineCounter } from 'yaml';
import type { Diagnostic } from '../../plan/diagnostic.ts';
import { maxDepth, YamlConverter } from './convert-node.ts';
import { type DocumentPath, locate } from './locate.ts';

/** Largest file in bytes. */
const maxYamlBytes = 1_048_576;
/** The parser needs superlinear time for input that is nothing but mistakes, so it is stopped after some. */
const maxErrors = 50;

const require = createRequire(import.meta.url);

/** A place in a file, counted from 1. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

/** What was read. */
export interface YamlFile {
  /** The value; undefined when the text is no YAML that is accepted. */
  readonly value: unknown;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether there was a value to read. */
  readonly isReadable: boolean;
  /** The place of a path's value, or of its key; the nearest one above it that exists when the path does not. */
  placeOf(path: DocumentPath, part?: 'key' | 'value'): SourcePlace;
  /** A scalar as it is written, or undefined when there is no scalar (so that `2.0` stays `2.0`). */
  sourceOf(path: DocumentPath): string | undefined;
}

/**
 * Reads a file. Never throws.
 *
 * @param source its text, or its bytes (UTF-8)
 */
export function readYaml(source: string | Uint8Array): YamlFile {
  if (typeof source !== 'string' && !isBytes(source)) {
    const message = 'A workflow is read from its text, or from bytes in UTF-8. Read the file first.';
    return unreadable([problem('YAML_SYNTAX', message, firstPlace)]);
  }
  if (Buffer.byteLength(source) > maxYamlBytes) {
    return unreadable([
      problem(
        'LIMIT_EXCEEDED',
        `The file is larger than ${String(maxYamlBytes)} bytes. Split it into sub-workflows.`,
        firstPlace,
      ),
    ]);
  }
  const decoded = decode(source);
  if (typeof decoded !== 'string') return unreadable([decoded]);
  const parsed = parse(decoded);
  const place = (offset: number): SourcePlace => {
    const { line, col } = parsed.lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const { document } = parsed;
  if (document === undefined || parsed.problems.length > 0) {
    return unreadable(parsed.problems.map(({ code, message, offset }) => problem(code, message, place(offset))));
  }
  const root = document.contents;
  const converter = new YamlConverter(document, (code, message, offset) => problem(code, message, place(offset)));
  const value = root === null ? undefined : converter.convert(root);
  const { diagnostics } = converter;
  return {
    value,
    diagnostics,
    isReadable: diagnostics.length === 0,
    placeOf: (path, part = 'value') => place(locate(document, path, part)),
    sourceOf: (path) => scalarSource(document, path),
  };
}

/** JavaScript callers are not held by types. */
function isBytes(source: unknown): boolean {
  return source instanceof Uint8Array;
}

const firstPlace: SourcePlace = { line: 1, column: 1 };

function unreadable(diagnostics: readonly Diagnostic[]): YamlFile {
  return { value: undefined, diagnostics, isReadable: false, placeOf: () => firstPlace, sourceOf: () => undefined };
}

function problem(code: string, message: string, place: SourcePlace): Diagnostic {
  return { code, severity: 'error', message, ...place };
}

function decode(source: string | Uint8Array): string | Diagnostic {
  if (typeof source === 'string') return source;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(source);
  } catch {
    const valid = new TextDecoder('utf-8').decode(source);
    const before = valid.slice(0, valid.indexOf('\uFFFD')).split('\n');
    return problem('YAML_SYNTAX', 'The file is not UTF-8. Save it as UTF-8.', {
      line: before.length,
      column: (before.at(-1)?.length ?? 0) + 1,
    });
  }
}

interface ParsedText {
  readonly document: Document | undefined;
  readonly lines: LineCounter;
  readonly problems: readonly TextProblem[];
}

interface TextProblem {
  readonly code: 'YAML_SYNTAX' | 'LIMIT_EXCEEDED';
  readonly message: string;
  readonly offset: number;
}

class TooManyErrors extends Error {}

function parse(source: string): ParsedText {
  const { Composer, LineCounter: Lines, Parser } = require('yaml') as typeof import('yaml');
  const lines = new Lines();
  const problems: TextProblem[] = [];
  let tooDeepAt: number | undefined;
  const note = (message: string, offset: number): void => {
    if (problems.length >= maxErrors) throw new TooManyErrors();
    problems.push({ code: 'YAML_SYNTAX', message: plainMessage(message), offset });
  };
  const composer = new Composer({
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    version: '1.2',
    schema: 'core',
  });
  // Errors are taken as they are found instead of from the finished document: see maxErrors.
  Reflect.set(
    composer,
    'onError',
    (at: number | [number, number] | { offset: number }, code: string, message: string) => {
      const offset = typeof at === 'number' ? at : Array.isArray(at) ? at[0] : at.offset;
      // The parser catches what it calls exhaustion itself, and also what is thrown here to stop it.
      if (code === 'RESOURCE_EXHAUSTION' && problems.length < maxErrors) tooDeepAt ??= offset;
      note(message, offset);
    },
  );
  let document: Document | undefined;
  try {
    for (const next of composer.compose(new Parser(lines.addNewLine).parse(source), true, source.length)) {
      if (document !== undefined) note('A file holds one document; a second one begins here', next.range[0]);
      document ??= next;
      for (const error of next.errors) note(error.message, error.pos[0]);
      for (const warning of next.warnings) note(warning.message, warning.pos[0]);
    }
  } catch (error) {
    if (error instanceof RangeError) tooDeepAt ??= 0;
    else if (!(error instanceof TooManyErrors)) throw error;
  }
  if (tooDeepAt === undefined) return { document, lines, problems };
  // Whatever else the parser found, it found because the stack was at its end.
  const message = `The file is nested more than ${String(maxDepth)} levels deep.`;
  return { document, lines, problems: [{ code: 'LIMIT_EXCEEDED', message, offset: tooDeepAt }] };
}

/** What the parser's words mostly come from. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/^Unexpected flow-map-start at node end/, " Inside { } an expression stands in quotes: { a: '${...}' }."],
  [/^Nested mappings are not allowed in compact mappings/, ' Text that holds ": " stands in quotes.'],
  [/^Sequence item without - indicator/, ' Keys of one item begin in the same column.'],
];

/** The parser's messages end with its own place and picture; ours are added later. */
function plainMessage(message: string): string {
  const [first = ''] = message.split('\n');
  const plain = first.replace(/:$/, '').replace(/ at line \d+, column \d+$/, '');
  const cause = causes.find(([pattern]) => pattern.test(plain))?.[1] ?? '';
  return `${plain}.${cause}`;
}

function scalarSource(document: Document, path: DocumentPath): string | undefined {
  const node: unknown = document.getIn(path, true);
  if (typeof node !== 'object' || node === null || !('source' in node)) return undefined;
  return typeof node.source === 'string' ? node.source : undefined;
}
