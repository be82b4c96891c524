/**
 * Finds where the parts of a JSON document stand in its text, so that findings about a plan can say line and column.
 *
 * @module
 */
import type { LocatePath, SourcePosition } from './plan-findings.ts';

/**
 * Reads where everything in a JSON text stands, with one linear scan on the first question.
 *
 * @param source valid JSON, as `JSON.parse` takes it
 * @returns finds the place of a dotted path, or of the closest part around it that is there
 */
export function locateInJson(source: string): LocatePath {
  let offsets: ReadonlyMap<string, number> | undefined;
  let lineStarts: readonly number[] = [];
  return (path) => {
    if (offsets === undefined) {
      offsets = scanOffsets(source);
      lineStarts = startsOfLines(source);
    }
    for (let known = path; known !== ''; known = known.slice(0, Math.max(0, known.lastIndexOf('.')))) {
      const offset = offsets.get(known);
      if (offset !== undefined) return positionAt(offset, lineStarts);
    }
    return undefined;
  };
}

interface Container {
  readonly path: string;
  readonly isList: boolean;
  /** The key or index that comes next. */
  key: string | number;
  isKeyExpected: boolean;
}

/** Start of each value by its path; below the depth and length that plans may have, nothing is noted. */
const maxDepth = 64;
const maxPathLength = 1_024;

function scanOffsets(source: string): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  const stack: Container[] = [];
  for (let at = 0; at < source.length; at++) {
    const character = source.charAt(at);
    const container = stack.at(-1);
    if (character === '"') {
      const end = endOfString(source, at);
      if (container?.isKeyExpected === true) container.key = readKey(source.slice(at, end));
      else note(offsets, container, { at, depth: stack.length });
      at = end - 1;
    } else if (character === '{' || character === '[') {
      note(offsets, container, { at, depth: stack.length });
      const isList = character === '[';
      stack.push({ path: pathInside(container), isList, key: isList ? 0 : '', isKeyExpected: !isList });
    } else if (character === '}' || character === ']') stack.pop();
    else if (character === ':' && container !== undefined) container.isKeyExpected = false;
    else if (character === ',' && container !== undefined) {
      if (typeof container.key === 'number') container.key++;
      container.isKeyExpected = !container.isList;
    } else if (isScalarStart(character, source[at - 1])) note(offsets, container, { at, depth: stack.length });
  }
  return offsets;
}

function note(
  offsets: Map<string, number>,
  container: Container | undefined,
  { at, depth }: { readonly at: number; readonly depth: number },
): void {
  const path = pathInside(container);
  if (depth <= maxDepth && path.length <= maxPathLength) offsets.set(path, at);
}

function pathInside(container: Container | undefined): string {
  if (container === undefined || container.path.length > maxPathLength) return container?.path ?? '';
  return container.path === '' ? String(container.key) : `${container.path}.${String(container.key)}`;
}

function endOfString(source: string, open: number): number {
  for (let at = open + 1; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === '"') return at + 1;
  }
  return source.length;
}

function readKey(json: string): string {
  try {
    return String(JSON.parse(json));
  } catch {
    return json;
  }
}

/** The first character of a number, `true`, `false` or `null`. */
function isScalarStart(character: string, before: string | undefined): boolean {
  return '-0123456789tfn'.includes(character) && (before === undefined || ' \t\r\n:,[{'.includes(before));
}

function startsOfLines(source: string): readonly number[] {
  const starts = [0];
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function positionAt(offset: number, lineStarts: readonly number[]): SourcePosition {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
}
