/**
 * What is read from the texts of one request, each read once: the router asks again for every capability that it tries.
 *
 * @module
 */
import { tokensOf } from '../../capabilities/tokens.ts';
import { findMentions, type Mention } from './mentions.ts';
import { type PlacedToken, placedTokens, spokenTokens, type Tool } from './spoken-tokens.ts';

/** Reads texts. */
export class TextReader {
  readonly #now: Date;
  readonly #mentionsByText = new Map<string, readonly Mention[]>();
  readonly #wordsByText = new Map<string, readonly PlacedToken[]>();
  readonly #tokensByText = new Map<string, readonly string[]>();

  /** @param now what "tomorrow" is counted from */
  constructor(now: Date) {
    this.#now = now;
  }

  /** What a text names. */
  mentionsOf(text: string): readonly Mention[] {
    let mentions = this.#mentionsByText.get(text);
    if (mentions === undefined) this.#mentionsByText.set(text, (mentions = findMentions(text, this.#now)));
    return mentions;
  }

  /** The words of a text that say something, stemmed. */
  tokensOf(text: string): readonly string[] {
    let tokens = this.#tokensByText.get(text);
    if (tokens === undefined) this.#tokensByText.set(text, (tokens = tokensOf(text)));
    return tokens;
  }

  /** Every word (stemmed) that a capability speaks of, and where in a text one of them ends. */
  spokenIn(text: string, tool: Tool): { readonly spoken: ReadonlySet<string>; readonly anchors: readonly number[] } {
    let words = this.#wordsByText.get(text);
    if (words === undefined) this.#wordsByText.set(text, (words = placedTokens(text)));
    const spoken = spokenTokens(tool);
    return { spoken, anchors: words.filter(({ token }) => spoken.has(token)).map(({ end }) => end) };
  }
}
