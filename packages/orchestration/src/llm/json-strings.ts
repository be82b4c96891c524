/**
 * Reads one quoted string, whatever quotes it: an apostrophe or a quote that was not escaped ends a string only where JSON
 * would go on.
 *
 * @module
 */
import {
  isClosingQuote,
  isQuote,
  isQuoteCode,
  isSpace,
  isSpaceCode,
  lookAheadLimit,
  peekPastSpace,
} from './json-text.ts';

/** What stands around a string. */
export interface StringPlace {
  /** Whether it is a key, which a colon follows. */
  readonly isKey: boolean;
  /** Whether its container is an object. */
  readonly isInObject: boolean;
  /** Open brackets around it. */
  readonly depth: number;
}

/** A string that was read, up to `end` (behind its closing quote). */
export interface ReadString {
  readonly value: string;
  readonly end: number;
  /** False when the text ended first. */
  readonly isClosed: boolean;
  /** False when an escape of a character is not one. */
  readonly isValid: boolean;
}

const backslash = 0x5c;

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * The string that starts at a quote.
 *
 * @param text a model's reply
 * @param start index of the opening quote
 */
export function readString(text: string, start: number, place: StringPlace): ReadString {
  const open = text.charAt(start);
  let before = '';
  let copiedTo = start + 1;
  let isValid = true;
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code !== backslash && !isQuoteCode(code)) continue;
    const character = text.charAt(index);
    if (character === '\\') {
      const escape = readEscape(text, index);
      before += text.slice(copiedTo, index) + (escape.value ?? '');
      isValid &&= escape.value !== undefined;
      copiedTo = escape.end;
      index = copiedTo - 1;
    } else if (isClosingQuote(open, character) && endsHere(text, index + 1, place)) {
      return { value: before + text.slice(copiedTo, index), end: index + 1, isClosed: true, isValid };
    }
  }
  return { value: before + text.slice(copiedTo), end: text.length, isClosed: false, isValid };
}

/**
 * Reads a string whose closing quote was forgotten: up to the first place where a value of its kind could end.
 *
 * @param text a model's reply
 * @param start index of the opening quote
 */
export function readUnclosedString(text: string, start: number, { isKey }: StringPlace): ReadString {
  const open = text.charAt(start);
  let end = start + 1;
  while (end < text.length && !(isKey ? isClosingQuote(open, text.charAt(end)) : ',]}\n'.includes(text.charAt(end)))) {
    end++;
  }
  const value = text.slice(start + 1, end);
  return {
    value: isKey ? value : value.trimEnd(),
    end: isKey ? end + 1 : end,
    isClosed: end < text.length,
    isValid: true,
  };
}

function readEscape(text: string, start: number): { readonly value: string | undefined; readonly end: number } {
  const escaped = text.charAt(start + 1);
  if (escaped === 'u') {
    const digits = text.slice(start + 2, start + 6);
    if (/^[\da-fA-F]{4}$/.test(digits)) {
      return { value: String.fromCharCode(Number.parseInt(digits, 16)), end: start + 6 };
    }
    // Cut off inside the escape: there is no character to tell.
    const isCutOff = start + 6 > text.length && /^[\da-fA-F]*$/.test(digits);
    return { value: isCutOff ? '' : undefined, end: Math.min(text.length, start + (isCutOff ? 6 : 2)) };
  }
  return { value: escapes[escaped] ?? escaped, end: start + 2 };
}

/** Whether a character's code is a space or one of `,}]+/#);:`, or there is none. */
function mayFollowString(code: number): boolean {
  if (Number.isNaN(code) || isSpaceCode(code)) return true;
  return code < 0x80 && ',}]+/#);:'.includes(String.fromCharCode(code));
}

/** Whether JSON could go on behind a quote, so that the quote was a closing one. */
function endsHere(text: string, after: number, place: StringPlace): boolean {
  if (!mayFollowString(text.charCodeAt(after))) return false;
  const next = peekPastSpace(text, after);
  const character = text.charAt(next);
  if (character === '') return true;
  if (place.isKey) return character === ':' || (next > after && startsValue(character));
  if (character === ',') return goesOn(text, next + 1, place);
  if (character === '}' || character === ']') return closesHere(text, next, place.depth);
  if (character === '+') return isQuote(text.charAt(peekPastSpace(text, next + 1)));
  if (character === '/' || character === '#') return next > after || character === '/';
  if (character === ')' || character === ';') return place.depth === 0 || character === ')';
  // A comma was left out.
  if (next === after) return false;
  const number = /^-?\d[\d.]{0,32}\s*(.)/s.exec(text.slice(next, next + lookAheadLimit));
  return isQuote(character) || character === '{' || character === '[' || /[,\]}]/.test(number?.[1] ?? '');
}

function startsValue(character: string): boolean {
  return isQuote(character) || /[{[\d\-tfnTFN]/.test(character);
}

/** Whether what follows a comma is the next member: `"He said "hi", then left"` is one string. */
function goesOn(text: string, after: number, { isInObject, depth }: StringPlace): boolean {
  const start = peekPastSpace(text, after);
  const character = text.charAt(start);
  if (depth === 0 || character === '' || isQuote(character) || '}]/#,.'.includes(character)) return true;
  if (isInObject) return colonFollowsWord(text, start);
  return startsValue(character) || text.slice(after, start).includes('\n') || endsListItem(text, start);
}

function colonFollowsWord(text: string, start: number): boolean {
  let index = start;
  while (index < start + lookAheadLimit && /[\w$.-]/.test(text.charAt(index))) index++;
  const quoted = isQuote(text.charAt(index)) ? index + 1 : index;
  return index > start && text.charAt(peekPastSpace(text, quoted)) === ':';
}

function endsListItem(text: string, start: number): boolean {
  let index = start;
  while (index < start + lookAheadLimit && /[\w$./:-]/.test(text.charAt(index))) index++;
  return index > start && /[,\]"]/.test(text.charAt(index));
}

/** Whether brackets that follow a quote close what is open, and do not stand inside the text. */
function closesHere(text: string, bracket: number, depth: number): boolean {
  let closers = 0;
  let index = bracket;
  for (const limit = bracket + lookAheadLimit; index < limit; index++) {
    const character = text.charAt(index);
    if (character === '}' || character === ']') closers++;
    else if (!isSpace(character)) break;
  }
  const character = text.charAt(index);
  return closers >= depth || character === '' || /[,{[/#.]/.test(character) || isQuote(character);
}
