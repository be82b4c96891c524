/**
 * Finds JSON-like spans in free text with one linear scan: no regular expression, because model replies are hostile input
 * and backtracking patterns block the event loop for minutes on a few kilobytes.
 *
 * @module
 */

/** A bracketed piece of text, `[start, end)`. */
export interface JsonSpan {
  readonly start: number;
  readonly end: number;
  /** False when the text ended, or brackets crossed, before the span closed. */
  readonly isClosed: boolean;
  /** Deepest nesting inside. */
  readonly depth: number;
}

const closerOf: Readonly<Record<string, string>> = { '{': '}', '[': ']' };
const lookAheadLimit = 64;

/**
 * All top-level bracketed spans of a text, in order.
 *
 * Quotes count only inside a span: apostrophes in prose are no strings.
 *
 * @param text any text
 */
export function findJsonSpans(text: string): JsonSpan[] {
  const spans: JsonSpan[] = [];
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character !== '{' && character !== '[') continue;
    const span = scanSpan(text, index);
    spans.push(span);
    // An unclosed span reaches to the end; what looks like JSON inside it belongs to it.
    index = span.end - 1;
  }
  return spans;
}

function scanSpan(text: string, start: number): JsonSpan {
  const expectedClosers: string[] = [];
  let depth = 0;
  let previous = '';
  for (let index = start; index < text.length; index++) {
    const character = text.charAt(index);
    if (isSpace(character)) continue;
    if (character === '"' || character === '“') {
      index = endOfDoubleQuoted(text, index);
    } else if (character === "'" && '{[,:('.includes(previous)) {
      index = endOfSingleQuoted(text, index);
    } else if (character === '/' && text[index + 1] === '/' && previous !== ':') {
      index = endOf(text, '\n', index);
      continue;
    } else if (character === '/' && text[index + 1] === '*') {
      index = endOf(text, '*/', index + 2) + 1;
      continue;
    } else if (character in closerOf) {
      expectedClosers.push(closerOf[character] ?? '');
      depth = Math.max(depth, expectedClosers.length);
    } else if (character === '}' || character === ']') {
      if (expectedClosers.pop() !== character) return { start, end: index + 1, isClosed: false, depth };
      if (expectedClosers.length === 0) return { start, end: index + 1, isClosed: true, depth };
    }
    if (index >= text.length) break;
    previous = character;
  }
  return { start, end: text.length, isClosed: false, depth };
}

/**
 * The text with single-quoted strings written as JSON strings, so that an apostrophe inside one stays an apostrophe.
 *
 * @param text one JSON-like span
 */
export function toDoubleQuotes(text: string): string {
  let result = '';
  let copiedTo = 0;
  let previous = '';
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (isSpace(character)) continue;
    if (character === '"') {
      index = endOfDoubleQuoted(text, index);
    } else if (character === "'" && '{[,:('.includes(previous)) {
      const end = endOfSingleQuoted(text, index);
      const content = text
        .slice(index + 1, end)
        .replaceAll("\\'", "'")
        .replaceAll('"', '\\"');
      result += `${text.slice(copiedTo, index)}"${content.replaceAll('\\\\"', '\\"')}"`;
      copiedTo = end + 1;
      index = end;
    }
    previous = character;
  }
  return result + text.slice(copiedTo);
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t';
}

/** Index of the closing quote, or the text's length. A typographic opening quote may close either way. */
function endOfDoubleQuoted(text: string, open: number): number {
  const isTypographic = text[open] === '“';
  for (let index = open + 1; index < text.length; index++) {
    const character = text[index];
    if (character === '\\') index++;
    else if (character === '"' || (isTypographic && character === '”')) return index;
  }
  return text.length;
}

/** A single quote ends a string only where JSON would go on: `'it's'` is one string. */
function endOfSingleQuoted(text: string, open: number): number {
  for (let index = open + 1; index < text.length; index++) {
    const character = text[index];
    if (character === '\\') index++;
    else if (character === "'" && isFollowedByStructure(text, index + 1)) return index;
  }
  return text.length;
}

function isFollowedByStructure(text: string, from: number): boolean {
  const limit = Math.min(text.length, from + lookAheadLimit);
  for (let index = from; index < limit; index++) {
    const character = text.charAt(index);
    if (!isSpace(character)) return ',:}])'.includes(character);
  }
  return from >= text.length;
}

function endOf(text: string, terminator: string, from: number): number {
  const found = text.indexOf(terminator, from);
  return found === -1 ? text.length : found;
}
