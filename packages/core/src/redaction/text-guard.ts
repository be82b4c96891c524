/**
 * Takes secrets out of a text that comes in pieces: a key may lie across two of them.
 *
 * @module
 */
import { redactText } from './redact-text.ts';

/** What an unfinished word has to look like to be kept back: like no word of a sentence. */
const mayBeSecret = /[\d_:=+/@-]|[a-z][A-Z]|[A-Z]{2}/;
const maxHeld = 8_192;

/** One text in pieces. Words of sentences pass at once; what may be the beginning of a key waits for its end. */
export class TextGuard {
  #held = '';

  /** Takes the next piece; returns what may be shown now. */
  push(piece: string): string {
    const text = this.#held + piece;
    const word = /\S*$/.exec(text)?.[0] ?? '';
    const isHeld = mayBeSecret.test(word) && text.length <= maxHeld;
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
