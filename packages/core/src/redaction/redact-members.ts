/**
 * Secrets in JSON that stands inside a text: a prompt, an answer, a message. The text need not be valid JSON.
 *
 * @module
 */
import { redacted } from './redacted.ts';

/** A quoted name and its colon; inside a JSON string the quotes have backslashes. */
const memberName = /(\\{0,7})"([^"\\]{1,128})\1"\s{0,8}:\s{0,8}/g;

/**
 * A text with the values of some members replaced.
 *
 * @param text any text
 * @param isSecretKey says which names have values that must not appear
 */
export function redactMembers(text: string, isSecretKey: (key: string) => boolean): string {
  let clean = '';
  let done = 0;
  for (const match of text.matchAll(memberName)) {
    const [found, escape = '', key = ''] = match;
    if (match.index < done || !isSecretKey(key)) continue;
    const start = match.index + found.length;
    clean += `${text.slice(done, start)}${escape}"${redacted}${escape}"`;
    done = endOfValue(text, start, `${escape}"`);
  }
  return clean + text.slice(done);
}

/** Where a value ends; a text that was cut off ends it too. */
function endOfValue(text: string, start: number, quote: string): number {
  let depth = 0;
  let isInText = false;
  for (let at = start; at < text.length; at++) {
    if (isInText && quote === '"' && text[at] === '\\') {
      at++;
    } else if (text.startsWith(quote, at) && (at === start || text[at - 1] !== '\\' || quote === '"')) {
      isInText = !isInText;
      at += quote.length - 1;
      if (!isInText && depth === 0) return at + 1;
    } else if (!isInText) {
      const character = text[at] ?? '';
      if ('{['.includes(character)) depth++;
      else if ('}]'.includes(character)) {
        if (depth === 0) return at;
        depth--;
        if (depth === 0) return at + 1;
      } else if (depth === 0 && /[\s,\\"]/.test(character)) return at;
    }
  }
  return text.length;
}
