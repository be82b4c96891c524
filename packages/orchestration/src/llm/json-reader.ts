/**
 * Reads JSON as models write it, in one pass that never goes back. What is unambiguous is mended; what is not is refused
 * with its place, because a guessed value is worse than a second question.
 *
 * Mended: comments, trailing, leading and missing commas, missing colons, any quotes, unescaped quotes and line breaks in
 * strings, joined strings, unquoted keys and words, literals of Python and JavaScript, tuples, sums of numbers, wrapping calls.
 *
 * @module
 */
import { readBareValue } from './json-bare-values.ts';
import { type ReadString, readString, readUnclosedString, type StringPlace } from './json-strings.ts';
import { isQuote, isSpace, peekPastSpace, skipSpace } from './json-text.ts';

/** Why a text could not be read as JSON. */
export type ReadFault =
  /** Nothing of it looked like JSON. */
  | 'not-json'
  /** It began as JSON and then broke. */
  | 'damaged'
  /** It ended, or brackets crossed, while something was open. */
  | 'unclosed'
  | 'too-deep';

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
const maxWordLength = 4_096;
const maxUnclosedStrings = 8;

class JsonReader {
  readonly #text: string;
  readonly #options: ReadJsonOptions;
  #at: number;
  /** Closing brackets that are waited for. */
  readonly #open: string[] = [];
  /** Members and items read so far: what breaks before the first is no JSON at all. */
  #parts = 0;
  #unclosedStrings = 0;
  #isMended = false;
  #failure: ReadFailure | undefined;

  constructor(text: string, start: number, options: ReadJsonOptions) {
    this.#text = text;
    this.#at = start;
    this.#options = options;
  }

  read(): ReadResult {
    const value = this.#value(false);
    if (value === nothing) this.#fail('there is no value', 'not-json');
    return this.#failure ?? { ok: true, value, end: this.#at, isMended: this.#isMended };
  }

  #value(isInObject: boolean): unknown {
    this.#skip();
    const character = this.#text.charAt(this.#at);
    if (character === '{') return this.#object();
    if (character === '[') return this.#list(']');
    if (isQuote(character)) return this.#joinedString(isInObject);
    return this.#bare();
  }

  #object(): unknown {
    if (this.#enter('}') === failed) return failed;
    const entries: [string, unknown][] = [];
    for (;;) {
      this.#skipSeparators();
      const isClosed = this.#closes('}');
      if (isClosed === failed) return failed;
      if (isClosed || this.#isAbandoned()) break;
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
      this.#parts++;
    }
    return Object.fromEntries(entries);
  }

  #list(closer: ']' | ')'): unknown[] | Failed {
    if (this.#enter(closer) === failed) return failed;
    const items: unknown[] = [];
    for (;;) {
      this.#skipSeparators();
      const isClosed = this.#closes(closer);
      if (isClosed === failed) return failed;
      if (isClosed) break;
      const before = this.#at;
      const item = this.#value(false);
      if (item === failed) return failed;
      if (item !== nothing) items.push(item);
      else if (this.#at === before) return this.#fail('this cannot stand in a list');
      this.#parts++;
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
    while (this.#at - start < maxWordLength && !/[:,{}[\]\n"]/.test(this.#text.charAt(this.#at) || ',')) this.#at++;
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
    if (this.#text[start] !== '"') this.#isMended = true;
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
      const following = skipSpace(this.#text, next + 1);
      if (this.#text[next] !== '+' || !isQuote(this.#text.charAt(following))) return value;
      this.#at = following;
    }
  }

  #bare(): unknown {
    const start = this.#at;
    const end = this.#endOfWord(start);
    const word = this.#text.slice(start, end).trim();
    if (word === '') return nothing;
    if (word.startsWith('(') && readBareValue(word)?.value === word) return this.#list(')');
    if (/^\.{2,}/.test(word) || word.startsWith('…'))
      return this.#ellipsis(start + (/^\.+|^…/.exec(word)?.[0].length ?? 1));
    const call = /^[A-Za-z_$][\w$.]{0,63}\s?\(/.exec(word);
    if (isStringPrefix(word) && isQuote(this.#text.charAt(end))) {
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
      const character = this.#text.charAt(index);
      if (character === '$' && this.#text[index + 1] === '{') {
        const close = this.#text.slice(index, limit).indexOf('}');
        if (close === -1) return index;
        index += close;
      } else if (',}]{[\n'.includes(character) || (isInCall && character === ')')) break;
      else if (isQuote(character) && !/[A-Za-z\d]/.test(this.#text.charAt(index - 1))) break;
      else if (isQuote(character) && index - start <= 2 && this.#isPrefixedString(start, index)) break;
      else if (isSpace(character) && /^(?:#|\/[/*])/.test(this.#text.slice(index + 1, index + 3))) break;
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

  #skipSeparators(): void {
    this.#skip();
    while (this.#text[this.#at] === ',') {
      this.#at++;
      this.#skip();
    }
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
  const inside = text.slice(start, start + 160);
  if (inside === '') return true;
  if (text[bracket] === '[') return /^(?:["'“‘{[\]\d-]|\/[/*]|,|true|false|null|None|True|False|\()/.test(inside);
  return /^(?:["'“‘}]|\\"|\/[/*]|#|,|[A-Za-z_$\d][\w$.-]{0,127}["']?\s{0,8}:)/.test(inside);
}
