/**
 * Reads JSON as models write it, in one pass that never goes back. What is unambiguous is mended; what is not is refused
 * with its place, because a guessed value is worse than a second question.
 *
 * Mended: comments, trailing, leading and missing commas, missing colons, any quotes, unescaped quotes and line breaks in
 * strings, joined strings, unquoted keys and words, literals of Python and JavaScript, tuples, sums of numbers, wrapping calls.
 *
 * @module
 */
import { isPlainNumber, readBareValue } from './json-bare-values.ts';
import { type ReadString, readString, readUnclosedString, type StringPlace } from './json-strings.ts';
import {
  endsKey,
  endsWord,
  isQuote,
  isQuoteCode,
  isSpaceCode,
  isWordCode,
  peekPastSpace,
  skipSpace,
  startsComment,
} from './json-text.ts';

/** Why a text could not be read as JSON. */
export type ReadFault =
  /** Nothing of it looked like JSON. */
  | 'not-json'
  /** It began as JSON and then broke. */
  | 'damaged'
  /** It ended, or brackets crossed, while something was open. */
  | 'unclosed'
  | 'too-deep'
  /** So much would have to be mended that it is no JSON any more. */
  | 'too-broken';

/** A value with its end, or why there is none and where. */
export type ReadResult =
  /** `isMended` is true when it is certain that strict JSON would not be read so. */
  { readonly ok: true; readonly value: unknown; readonly end: number; readonly isMended: boolean } | ReadFailure;

/** Why a text could not be read, and where. */
export interface ReadFailure {
  readonly ok: false;
  readonly fault: ReadFault;
  readonly at: number;
  readonly message: string;
}

/** Options of {@link readJson}. */
export interface ReadJsonOptions {
  /** True closes what is open when the text ends or brackets cross, and drops `...`. */
  readonly allowTruncated: boolean;
  /** Levels of brackets. */
  readonly maxDepth: number;
}

/**
 * Reads the value that starts at a place.
 *
 * @param text a model's reply
 * @param start index of the value's first character
 */
export function readJson(text: string, start: number, options: ReadJsonOptions): ReadResult {
  return new JsonReader(text, start, options).read();
}

/** Stands for "there was nothing": dropped by lists and objects. */
const nothing = Symbol('nothing');
/** Stands for "it cannot be read"; the reader knows why. Errors would cost more than the reading: hostile texts fail at every bracket. */
const failed = Symbol('failed');
type Failed = typeof failed;
const openBrace = 0x7b;
const openBracket = 0x5b;
const comma = 0x2c;
const doubleQuote = 0x22;
const dollar = 0x24;
const closingParenthesis = 0x29;
const maxWordLength = 4_096;
const maxUnclosedStrings = 8;
/** Places that may be mended in any text, and in how many characters there may be one more. Mending is slower than reading. */
const minMends = 1_000;
const charactersPerMend = 64;
/** Values and members of a text are at least this long on average, apart from the first thousand. */
const charactersPerPart = 4;

class JsonReader {
  readonly #text: string;
  readonly #options: ReadJsonOptions;
  #at: number;
  /** Closing brackets that are waited for. */
  readonly #open: string[] = [];
  /** Members and items read so far: what breaks before the first is no JSON at all. */
  #parts = 0;
  #unclosedStrings = 0;
  #mendsLeft: number;
  readonly #maxParts: number;
  #isMended = false;
  #failure: ReadFailure | undefined;

  constructor(text: string, start: number, options: ReadJsonOptions) {
    this.#text = text;
    this.#at = start;
    this.#options = options;
    this.#mendsLeft = minMends + text.length / charactersPerMend;
    this.#maxParts = minMends + text.length / charactersPerPart;
  }

  read(): ReadResult {
    const value = this.#value(false);
    if (value === nothing) this.#fail('there is no value', 'not-json');
    return this.#failure ?? { ok: true, value, end: this.#at, isMended: this.#isMended };
  }

  #value(isInObject: boolean): unknown {
    this.#skip();
    const code = this.#text.charCodeAt(this.#at);
    if (code === openBrace) return this.#object();
    if (code === openBracket) return this.#list(']');
    if (isQuoteCode(code)) return this.#joinedString(isInObject);
    return this.#bare();
  }

  #object(): unknown {
    if (this.#enter('}') === failed) return failed;
    const entries: [string, unknown][] = [];
    for (;;) {
      const isSeparated = this.#skipSeparators();
      const isClosed = this.#closes('}');
      if (isClosed === failed) return failed;
      if (isClosed || this.#isAbandoned()) break;
      if (!isSeparated && entries.length > 0 && this.#mend() === failed) return failed;
      if (this.#text.startsWith('...', this.#at)) {
        if (this.#ellipsis(this.#at + 3) === failed) return failed;
        continue;
      }
      const key = this.#key();
      if (key === failed) return failed;
      this.#skip();
      if (this.#text[this.#at] === ':') this.#at++;
      else if (!this.#startsValue()) return this.#fail(`a colon is missing after the key "${key.slice(0, 40)}"`);
      const value = this.#value(true);
      if (value === failed) return failed;
      if (value === nothing) {
        if (!this.#isAtEnd || !this.#options.allowTruncated)
          return this.#fail(`the key "${key.slice(0, 40)}" has no value`);
        entries.push([key, null]);
      } else if (key !== '__proto__') {
        // Keys that could reach a prototype when copied carelessly are dropped at the door.
        entries.push([key, value]);
      }
      if (++this.#parts > this.#maxParts) return this.#fail('there are too many values', 'too-broken');
    }
    return Object.fromEntries(entries);
  }

  #list(closer: ']' | ')'): unknown[] | Failed {
    if (this.#enter(closer) === failed) return failed;
    const items: unknown[] = [];
    for (;;) {
      const isSeparated = this.#skipSeparators();
      const isClosed = this.#closes(closer);
      if (isClosed === failed) return failed;
      if (isClosed) break;
      if (!isSeparated && items.length > 0 && this.#mend() === failed) return failed;
      const before = this.#at;
      const item = this.#value(false);
      if (item === failed) return failed;
      if (item !== nothing) items.push(item);
      else if (this.#at === before) return this.#fail('this cannot stand in a list');
      if (++this.#parts > this.#maxParts) return this.#fail('there are too many values', 'too-broken');
    }
    return items;
  }

  #enter(closer: string): Failed | undefined {
    const { maxDepth } = this.#options;
    if (this.#open.length >= maxDepth) {
      return this.#fail(`the JSON is nested deeper than ${String(maxDepth)} levels`, 'too-deep');
    }
    this.#open.push(closer);
    this.#at++;
    return undefined;
  }

  /** Whether the open bracket closes here; takes the closing one. */
  #closes(closer: string): boolean | Failed {
    const character = this.#text.charAt(this.#at);
    const isOther = character !== closer && (character === '}' || character === ']' || character === ')');
    if (character !== closer && !isOther && !this.#isAtEnd) return false;
    if (character !== closer && !this.#options.allowTruncated) {
      const found = this.#isAtEnd ? 'the text ended' : `there is "${character}"`;
      const fault = this.#parts === 0 && !this.#isAtEnd ? 'not-json' : 'unclosed';
      return this.#fail(`where "${closer}" should close what is open, ${found}`, fault);
    }
    this.#open.pop();
    // A bracket that closes something further out stays for it; one that closes nothing goes.
    if (character === closer || (isOther && !this.#open.includes(character))) this.#at++;
    return true;
  }

  /** An object that was never closed before the next item of its list began. */
  #isAbandoned(): boolean {
    const isNextItem = this.#text[this.#at] === '{' && this.#open.at(-2) === ']';
    if (!isNextItem || !this.#options.allowTruncated) return false;
    this.#open.pop();
    return true;
  }

  #key(): string | Failed {
    if (isStringPrefix(this.#text.charAt(this.#at)) && isQuote(this.#text.charAt(this.#at + 1))) this.#at++;
    const character = this.#text.charAt(this.#at);
    if (isQuote(character)) {
      return this.#string({ isKey: true, isInObject: true, depth: this.#open.length });
    }
    const start = this.#at;
    const limit = Math.min(this.#text.length, start + maxWordLength);
    while (this.#at < limit && !endsKey(this.#text.charCodeAt(this.#at))) this.#at++;
    const word = this.#text.slice(start, this.#at).trim();
    if (this.#text[this.#at] === '"' && word !== '') this.#at++;
    const isKey = word !== '' && /^[\w$][\w$. -]*$/.test(word) && word.length <= 128;
    if (!isKey) return this.#fail('a key is missing');
    this.#isMended = true;
    this.#skip();
    if (this.#text[this.#at] !== ':' && !(this.#isAtEnd && this.#options.allowTruncated)) {
      return this.#fail(`a colon is missing after the key "${word.slice(0, 40)}"`);
    }
    return word;
  }

  #string(place: StringPlace): string | Failed {
    const start = this.#at;
    const open = this.#text.charCodeAt(start);
    if (open !== doubleQuote) this.#isMended = true;
    // Quotes of typography come from word processors, not by the thousand.
    if (open > 0x7f && this.#mend() === failed) return failed;
    let read: ReadString = readString(this.#text, start, place);
    if (!read.isClosed) {
      if (!this.#options.allowTruncated) {
        return this.#fail(`a ${place.isKey ? 'key' : 'string'} is not closed`, 'unclosed');
      }
      // Each of these reads the rest of the text, so there must not be many.
      if (this.#unclosedStrings++ < maxUnclosedStrings) {
        const cut = readUnclosedString(this.#text, start, place);
        if (cut.isClosed) read = cut;
      }
    }
    this.#at = read.end;
    if (!read.isValid) return this.#fail('an escape of a character is not one');
    return read.value;
  }

  /** A string, and those that `+` joins to it. */
  #joinedString(isInObject: boolean): string | Failed {
    let value = '';
    for (;;) {
      const part = this.#string({ isKey: false, isInObject, depth: this.#open.length });
      if (part === failed) return failed;
      value += part;
      const next = skipSpace(this.#text, this.#at);
      if (this.#text[next] !== '+') return value;
      const following = skipSpace(this.#text, next + 1);
      if (!isQuote(this.#text.charAt(following))) return value;
      if (this.#mend() === failed) return failed;
      this.#at = following;
    }
  }

  #bare(): unknown {
    const start = this.#at;
    const end = this.#endOfWord(start);
    const word = isWordCode(this.#text.charCodeAt(end - 1))
      ? this.#text.slice(start, end)
      : this.#text.slice(start, end).trim();
    if (word === '') return nothing;
    if (isPlainNumber(word)) {
      this.#at = end;
      return this.#options.allowTruncated ? completed(word, Number(word), this.#isAtEnd) : Number(word);
    }
    if (word.startsWith('(') && readBareValue(word)?.value === word) return this.#list(')');
    if (word.startsWith('..') || word.startsWith('…'))
      return this.#ellipsis(start + (/^\.+|^…/.exec(word)?.[0].length ?? 1));
    const call = word.includes('(') ? /^[A-Za-z_$][\w$.]{0,63}\s?\(/.exec(word) : null;
    if (isQuote(this.#text.charAt(end)) && isStringPrefix(word)) {
      this.#at = end;
      return this.#joinedString(false);
    }
    if (call !== null) {
      this.#at = start + call[0].length - 1;
      const values = this.#list(')');
      if (values === failed) return failed;
      return values.length > 1 ? this.#fail('a call with several arguments is no value') : values[0];
    }
    const bare = readBareValue(word);
    if (bare?.value === word && this.#mend() === failed) return failed;
    if (bare === undefined) return this.#fail(`"${word.slice(0, 40)}" is no value`);
    this.#at = end;
    return this.#options.allowTruncated ? completed(word, bare.value, this.#isAtEnd) : bare.value;
  }

  /** Where a bare word ends: before a comma, a bracket, a line break, a comment, or a quote that is not its last letter. */
  #endOfWord(start: number): number {
    const isInCall = this.#open.at(-1) === ')';
    const limit = Math.min(this.#text.length, start + maxWordLength);
    let index = start;
    for (; index < limit; index++) {
      const code = this.#text.charCodeAt(index);
      if (isWordCode(code)) continue;
      if (endsWord(code) || (isInCall && code === closingParenthesis)) break;
      if (isSpaceCode(code) && startsComment(this.#text, index + 1)) break;
      if (code === dollar && this.#text[index + 1] === '{') {
        const close = this.#text.slice(index, limit).indexOf('}');
        if (close === -1) return index;
        index += close;
      } else if (isQuoteCode(code)) {
        if (!/[A-Za-z\d]/.test(this.#text.charAt(index - 1))) break;
        if (index - start <= 2 && this.#isPrefixedString(start, index)) break;
      }
    }
    return index;
  }

  /** `u'text'` of Python; `b"` at the end of a list is a word that lost its opening quote. */
  #isPrefixedString(start: number, quote: number): boolean {
    return isStringPrefix(this.#text.slice(start, quote)) && !/^[\s,\]}:]?$/.test(this.#text.charAt(quote + 1));
  }

  /** A model that writes `...` left something out: a list with a hole is no list. */
  #ellipsis(end: number): typeof nothing | Failed {
    if (!this.#options.allowTruncated) return this.#fail('something was left out ("...")');
    this.#at = end;
    return nothing;
  }

  #startsValue(): boolean {
    const character = this.#text.charAt(this.#at);
    return isQuote(character) || /[{[\d-]/.test(character) || (this.#isAtEnd && this.#options.allowTruncated);
  }

  #skip(): void {
    this.#at = skipSpace(this.#text, this.#at);
  }

  /** @returns whether there was a comma */
  #skipSeparators(): boolean {
    this.#skip();
    const from = this.#at;
    while (this.#text.charCodeAt(this.#at) === comma) {
      this.#at++;
      this.#skip();
    }
    return this.#at > from;
  }

  /** Takes note of something that JSON does not have: a missing comma, a word without quotes, joined strings. */
  #mend(): Failed | undefined {
    this.#isMended = true;
    if (--this.#mendsLeft >= 0) return undefined;
    return this.#fail('there is too much to mend: it is hardly JSON', 'too-broken');
  }

  get #isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  #fail(message: string, fault?: ReadFault): Failed {
    const likely = this.#parts === 0 ? 'not-json' : this.#isAtEnd ? 'unclosed' : 'damaged';
    this.#failure = { ok: false, fault: fault ?? likely, at: this.#at, message };
    return failed;
  }
}

function isStringPrefix(word: string): boolean {
  return /^[uUbBrRfF]{1,2}$/.test(word);
}

/** What a literal or number that was cut off was going to be. */
function completed(word: string, value: unknown, isAtEnd: boolean): unknown {
  const number = /^(-?(?:0|[1-9]\d*)(?:\.\d+)?)(?:\.|\.?[eE][+-]?)$/.exec(word)?.[1];
  if (number !== undefined) return Number(number);
  const literal = isAtEnd ? ['true', 'false', 'null'].find((one) => one.startsWith(word)) : undefined;
  return literal === undefined ? value : (JSON.parse(literal) as unknown);
}

/** Whether a place looks like the inside of an object or list, so that prose such as `{tools}` is not taken for one. */
export function looksLikeJson(text: string, bracket: number): boolean {
  const start = peekPastSpace(text, bracket + 1);
  // The usual brackets of hostile texts, before anything is cut out for a pattern.
  if (text[bracket] === '{' && (text[start] === '{' || text[start] === '[')) return false;
  const inside = text.slice(start, start + 160);
  if (inside === '') return true;
  if (text[bracket] === '[') return /^(?:["'“‘{[\]\d-]|\/[/*]|,|true|false|null|None|True|False|\()/.test(inside);
  return /^(?:["'“‘}]|\\"|\/[/*]|#|,|[A-Za-z_$\d][\w$.-]{0,127}["']?\s{0,8}:)/.test(inside);
}
