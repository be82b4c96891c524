/**
 * The characters of JSON as models write it: spaces, comments, quotes. Every look ahead is bounded, so that reading stays
 * linear whatever a reply holds.
 *
 * @module
 */

/** Characters that are looked at, at most, to decide what a quote or a word means. */
export const lookAheadLimit = 64;

const backtick = 0x60;

/** How quotes pair: typographic ones close with any of their kind. */
type QuoteKind = 'single' | 'double' | undefined;

// By code, because these are asked of nearly every character, and a character beyond Latin-1 is a new string each time.
function quoteKind(code: number): QuoteKind {
  if (code === 0x22 || (code >= 0x201c && code <= 0x201e)) return 'double';
  return code === 0x27 || code === 0x60 || code === 0xb4 || code === 0x2018 || code === 0x2019 ? 'single' : undefined;
}

/** Whether a character opens or closes a string in some writing. */
export function isQuote(character: string): boolean {
  return isQuoteCode(character.charCodeAt(0));
}

/** The same of a character's code; NaN is none. */
export function isQuoteCode(code: number): boolean {
  return quoteKind(code) !== undefined;
}

/** Whether a string that one quote opened may be closed by another: typographic quotes close with any of their kind. */
export function isClosingQuote(open: string, character: string): boolean {
  if (open === '"' || open === "'" || open === '`') return character === open;
  const kind = quoteKind(character.charCodeAt(0));
  return kind !== undefined && kind === quoteKind(open.charCodeAt(0));
}

/** Whether a character is a space, a line break or one of Unicode's wide spaces. */
export function isSpace(character: string): boolean {
  return isSpaceCode(character.charCodeAt(0));
}

/** The same of a character's code; NaN is none. */
export function isSpaceCode(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  if (code < 0xa0) return false;
  return (
    code === 0xa0 ||
    (code >= 0x2000 && code <= 0x200b) ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000 ||
    code === 0xfeff
  );
}

/** Index of the first character from a place that is neither space, comment (`//`, `#`, block) nor fence. */
export function skipSpace(text: string, from: number): number {
  let index = from;
  for (;;) {
    const code = text.charCodeAt(index);
    if (isSpaceCode(code)) {
      index++;
      continue;
    }
    // Most characters begin none of what follows.
    if (code !== 0x23 && code !== 0x2f && code !== 0x60) return Math.min(index, text.length);
    const character = text.charAt(index);
    if (character === '#' || (character === '/' && text[index + 1] === '/')) index = endOf(text, '\n', index);
    else if (character === '/' && text[index + 1] === '*') index = endOf(text, '*/', index + 2) + 2;
    else if (character === '`' && text.startsWith('```', index)) index = endOfFence(text, index);
    else return Math.min(index, text.length);
  }
}

function endOfFence(text: string, start: number): number {
  const limit = start + lookAheadLimit;
  let index = start;
  while (index < limit && text.charCodeAt(index) === backtick) index++;
  const longestLanguage = Math.min(limit, index + 16);
  while (index < longestLanguage && isLetterOrDigit(text.charCodeAt(index))) index++;
  return index;
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

/** Index of the first character from a place that is no space, looking at most {@link lookAheadLimit} characters far. */
export function peekPastSpace(text: string, from: number): number {
  const limit = Math.min(text.length, from + lookAheadLimit);
  let index = from;
  while (index < limit && isSpaceCode(text.charCodeAt(index))) index++;
  return index;
}

/** Index of a terminator, or the text's length. */
export function endOf(text: string, terminator: string, from: number): number {
  const found = text.indexOf(terminator, from);
  return found === -1 ? text.length : found;
}

/** Any of `:,{}[]"` and a line break. */
export function endsKey(code: number): boolean {
  return endsWord(code) || code === 0x3a || code === 0x22;
}

/** A comma, a bracket or a line break. */
export function endsWord(code: number): boolean {
  return code === 0x2c || code === 0x7d || code === 0x5d || code === 0x7b || code === 0x5b || code === 0x0a;
}

/** Whether a comment begins at a place. */
export function startsComment(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code !== 0x2f) return code === 0x23;
  return text[at + 1] === '/' || text[at + 1] === '*';
}

/** Letters, digits and what stands in numbers: inside a bare word, none of them ends it. */
export function isWordCode(code: number): boolean {
  if (code < 0x41) return (code >= 0x30 && code <= 0x39) || code === 0x2e || code === 0x2d || code === 0x2b;
  return code <= 0x5a || code === 0x5f || (code >= 0x61 && code <= 0x7a);
}
