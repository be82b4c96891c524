/**
 * Takes secrets out of a text that comes in pieces: a key may lie across two of them.
 *
 * @module
 */
import { mayBeginProtectedValue } from './protected-values.ts';
import { redactText } from './redact-text.ts';

/** The unfinished word at the end, with the name or the scheme before it that could make it a secret. */
const lastWord = /(?:[\w.-]+["']?\s{0,3}[:=]\s{0,3}|(?:bearer|basic)\s{1,4})?\S*$/i;
const lead = /^(?:\S+["']?\s{0,3}[:=]\s{0,3}|(?:bearer|basic)\s{1,4})/i;
/** What an unfinished word has to look like to be kept back: like no word of a sentence. */
const unusual = /[\d_:=+/@-]|[a-z][A-Z]|[A-Z]{2}/;
/** How keys begin, and what stands before a secret; a word of letters is kept back while it may become one of these. */
const beginnings =
  'sk- ghp_ glpat- github_pat_ xoxb- npm_ hf_ gsk_ eyj bearer basic password passwd token secret api key access authorization cookie credential'.split(
    ' ',
  );
const maxHeld = 8_192;

/** One text in pieces. Words of sentences pass at once; what may be the beginning of a key waits for its end. */
export class TextGuard {
  #held = '';

  /** Takes the next piece; returns what may be shown now. */
  push(piece: string): string {
    const text = this.#held + piece;
    const word = lastWord.exec(text)?.[0] ?? '';
    const isHeld = text.length <= maxHeld && mayBecomeSecret(word);
    const shown = isHeld ? text.slice(0, text.length - word.length) : text;
    this.#held = isHeld ? word : '';
    return redactText(shown);
  }

  /** What is left when the text has ended. */
  end(): string {
    const shown = redactText(this.#held);
    this.#held = '';
    return shown;
  }
}

function mayBecomeSecret(word: string): boolean {
  if (unusual.test(word) || lead.test(word)) return true;
  const letters = /[A-Za-z]*$/.exec(word)?.[0].toLowerCase() ?? '';
  if (letters === '') return false;
  return beginnings.some((mark) => mark.startsWith(letters)) || mayBeginProtectedValue(word);
}
