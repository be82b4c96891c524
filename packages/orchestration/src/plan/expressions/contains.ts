/**
 * Searching a text in linear time.
 *
 * @module
 */

/**
 * Whether a text holds another (Knuth, Morris and Pratt): one pass over each of them, whatever they hold.
 *
 * @param text where to search
 * @param wanted what to search for
 */
export function contains(text: string, wanted: string): boolean {
  if (wanted.length > text.length) return false;
  const borders = bordersOf(wanted);
  let matched = 0;
  for (let at = 0; at < text.length && matched < wanted.length; at++) {
    const code = text.charCodeAt(at);
    while (matched > 0 && wanted.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
    if (wanted.charCodeAt(matched) === code) matched++;
  }
  return matched === wanted.length;
}

/** For each beginning of a text, the length of the longest one that it also ends with, itself aside. */
function bordersOf(wanted: string): Uint32Array {
  const borders = new Uint32Array(wanted.length);
  let matched = 0;
  for (let at = 1; at < wanted.length; at++) {
    const code = wanted.charCodeAt(at);
    while (matched > 0 && wanted.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
    if (wanted.charCodeAt(matched) === code) matched++;
    borders[at] = matched;
  }
  return borders;
}
