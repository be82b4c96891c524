/**
 * Parts of a request in messages. A secret is known by what stands around it (`X-Api-Key: ...`), and a part may begin behind
 * that, so secrets are looked for in the whole.
 *
 * @module
 */
import { redactText } from '@gomind/core';

const maxLength = 80;
const maskedWord = '[redacted]';

/**
 * Makes the function that quotes parts of a request, each at most 80 characters long.
 *
 * @param request as it was written
 */
export function quoterOf(request: string): (part: string) => string {
  const clean = redactText(request);
  if (clean === request) return shorten;
  const harmless = new Set(clean.split(/[\s!?;]+/u).map(core));
  return (part) =>
    shorten(
      part.replaceAll(/[^\s!?;]+/gu, (word) => (harmless.has(core(word)) || core(word) === '' ? word : maskedWord)),
    );
}

/** A word without the signs around it, which belong to its sentence. */
function core(word: string): string {
  return word.replaceAll(/^[^\p{L}\p{N}[]+|[^\p{L}\p{N}\]]+$/gu, '');
}

/** A text of at most 80 characters. */
export function shorten(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
