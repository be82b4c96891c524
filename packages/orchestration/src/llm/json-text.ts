/**
 * The characters of JSON as models write it: spaces, comments, quotes. Every look ahead is bounded, so that reading stays
 * linear whatever a reply holds.
 *
 * @module
 */

/** Characters that are looked at, at most, to decide what a quote or a word means. */
export const lookAheadLimit = 64;

const doubleQuotes = '"“”„';
const singleQuotes = "'‘’`´";

/** Whether a character opens or closes a string in some writing. */
export function isQuote(character: string): boolean {
  if (character === '"' || character === "'" || character === '`') return true;
  return character > '\u007F' && (doubleQuotes.includes(character) || singleQuotes.includes(character));
}

/** Whether a string that one quote opened may be closed by another: typographic quotes close with any of their kind. */
export function isClosingQuote(open: string, character: string): boolean {
  if (character === '') return false;
  if (open === '"' || open === "'" || open === '`') return character === open;
  return doubleQuotes.includes(open) ? doubleQuotes.includes(character) : singleQuotes.includes(character);
}

const spaces =
  ' \n\r\t\f\v\u00A0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u200B\u202F\u205F\u3000\uFEFF';

/** Whether a character is a space, a line break or one of Unicode's wide spaces. */
export function isSpace(character: string): boolean {
  // Most characters are printable ASCII, and this is asked of nearly every one.
  if (character > ' ' && character < '\u00A0') return false;
  return character !== '' && spaces.includes(character);
}

/** Index of the first character from a place that is neither space, comment (`//`, `#`, block) nor fence. */
export function skipSpace(text: string, from: number): number {
  let index = from;
  for (;;) {
    const character = text.charAt(index);
    if (isSpace(character)) index++;
    else if (character === '#' || (character === '/' && text[index + 1] === '/')) index = endOf(text, '\n', index);
    else if (character === '/' && text[index + 1] === '*') index = endOf(text, '*/', index + 2) + 2;
    else if (character === '`' && text.startsWith('```', index)) index = endOfFence(text, index);
    else return Math.min(index, text.length);
  }
}

function endOfFence(text: string, start: number): number {
  const mark = /^`+[a-zA-Z0-9]{0,16}/.exec(text.slice(start, start + lookAheadLimit))?.[0] ?? '`';
  return start + mark.length;
}

/** Index of the first character from a place that is no space, looking at most {@link lookAheadLimit} characters far. */
export function peekPastSpace(text: string, from: number): number {
  const limit = Math.min(text.length, from + lookAheadLimit);
  let index = from;
  while (index < limit && isSpace(text.charAt(index))) index++;
  return index;
}

/** Index of a terminator, or the text's length. */
export function endOf(text: string, terminator: string, from: number): number {
  const found = text.indexOf(terminator, from);
  return found === -1 ? text.length : found;
}
