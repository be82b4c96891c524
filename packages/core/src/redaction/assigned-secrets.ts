/**
 * Secrets that are given to a name in plain text: `password=…`, `X-Api-Key: …`, `--token …`, `{ apiKey: '…' }`.
 *
 * With `=` the value always goes. A colon also stands in ordinary sentences ("the token: a short history"), so there the
 * value has to look like one, or the name has to be unmistakable and the value the end of its phrase.
 *
 * @module
 */
import { looksRandom } from './known-secrets.ts';
import { redacted } from './redacted.ts';

/** A name from its beginning on, the quote that closes it, and what gives it a value. */
const assignment = /(?<![\w.-])(-{0,2}[A-Za-z][\w.-]{1,63})(\\?["'])?(\s{0,3}(?:=>|=|:)\s{0,3}|\s)/g;
const blanks = /^[ \t]{0,8}$/;
const unmistakable = /passw|passphrase|pwd|authorization|key/i;
const scheme = /^(?:bearer|basic|digest|token|apikey|negotiate|aws4-hmac-sha256)\s{1,4}/i;
/** What is no secret: references and masks, and the words for nothing. */
const harmless = /^(?:\$\{|\$\w|<|\*{2,}|\[redacted|=|:)/;
const nothing = /^(?:true|false|null|undefined|none|[^A-Za-z0-9]*)$/;
/** As much of a value as is looked at to judge it. */
const judgedLength = 256;
const maxQuotedLength = 4_096;

/**
 * A text without the values of names that hold secrets.
 *
 * @param isSecretName says which names those are
 */
export function withoutAssignedSecrets(text: string, isSecretName: (name: string) => boolean): string {
  const values = new ValueReader(text);
  let clean = '';
  let done = 0;
  let wordBefore = { text: '', end: 0 };
  for (const match of text.matchAll(assignment)) {
    const [whole, written = '', , separator = ''] = match;
    const name = written.replace(/^-+/, '');
    // "API key" is a name of two words; with anything but blanks between them they are two names.
    const isTwoWords = blanks.test(text.slice(wordBefore.end, match.index));
    const isSecret = isSecretName(name) || (isTwoWords && isSecretName(`${wordBefore.text} ${name}`));
    wordBefore = { text: separator === ' ' || separator === '\t' ? name : '', end: match.index + whole.length };
    if (match.index < done || !isSecret) continue;
    // Only options of a command have their value behind a space.
    const isOption = separator.trim() === '';
    if (isOption && !written.startsWith('-')) continue;
    const value = values.read(match.index + whole.length, name);
    if (value === undefined) continue;
    const isSure = separator.includes('=') || isOption || value.isSure;
    if (!isSure && !isSecretValue(name, value, text)) continue;
    clean += text.slice(done, value.start) + redacted;
    done = value.end;
  }
  return clean + text.slice(done);
}

interface Value {
  readonly start: number;
  readonly end: number;
  /** Its beginning. */
  readonly head: string;
  /** Quoted, or the pairs of a cookie. */
  readonly isSure: boolean;
}

/** Finds where values end. Values within values end where those do, so no character is looked at often. */
class ValueReader {
  readonly #text: string;
  readonly #word = /[\s,;&"'`<>{}()[\]|\\]|$/g;
  readonly #line = /[\r\n"'`\\]|$/g;
  readonly #ends = new Map<RegExp, { readonly from: number; readonly end: number }>();

  constructor(text: string) {
    this.#text = text;
  }

  read(start: number, name: string): Value | undefined {
    const head = this.#text.slice(start, start + judgedLength);
    if (harmless.test(head)) return undefined;
    const quote = /^\\?["'`]/.exec(head)?.[0];
    if (quote !== undefined) return this.#readQuoted(start + quote.length, quote);
    if (/cookie/i.test(name)) {
      const value = this.#valueOf(start, this.#endOf(this.#line, start), true);
      return value?.head.includes('=') === true ? value : undefined;
    }
    const lead = /authorization/i.test(name) ? (scheme.exec(head)?.[0].length ?? 0) : 0;
    let end = this.#endOf(this.#word, start + lead);
    // The full stop of a sentence is not part of it.
    while (end > start && '.!?:'.includes(this.#text[end - 1] ?? '')) end--;
    return this.#valueOf(start, end, false);
  }

  #readQuoted(start: number, quote: string): Value | undefined {
    const rest = this.#text.slice(start, start + maxQuotedLength);
    const length = rest.indexOf(quote);
    return this.#valueOf(start, start + (length === -1 ? rest.length : length), true);
  }

  #valueOf(start: number, end: number, isSure: boolean): Value | undefined {
    const head = this.#text.slice(start, Math.min(end, start + judgedLength));
    return harmless.test(head) || nothing.test(head) ? undefined : { start, end, head, isSure };
  }

  #endOf(stop: RegExp, start: number): number {
    const known = this.#ends.get(stop);
    if (known !== undefined && known.from <= start && start <= known.end) return known.end;
    stop.lastIndex = start;
    const end = stop.exec(this.#text)?.index ?? this.#text.length;
    this.#ends.set(stop, { from: start, end });
    return end;
  }
}

function isSecretValue(name: string, value: Value, text: string): boolean {
  if (looksRandom(value.head) || scheme.test(value.head)) return true;
  const goesOn = /^[.!?:]?[ \t]+[A-Za-z(]/.test(text.slice(value.end, value.end + 4));
  return unmistakable.test(name) && !goesOn && value.head.length >= 4;
}
