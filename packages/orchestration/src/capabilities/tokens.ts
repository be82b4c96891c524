/**
 * Words for searching: split, folded and stemmed, the same way for what is searched and what is asked.
 *
 * @module
 */

/** Words that say nothing about what is wanted. */
export const stopWords: ReadonlySet<string> = new Set(
  (
    'a about all also am an and any are as at be been but by can could did do does for from get give had has have he her here him his how i if in ' +
    'into is it its just let like may me much many more most my need no not now of on one only or our out please shall she should show so some tell ' +
    'than that the their them then there these they this those to too up us use using very want was we were what whats when where which while who whom why ' +
    'will with would you your'
  ).split(' '),
);

const maxTokens = 2_000;
const wordPattern = /[\p{L}\p{M}\p{N}]+/gu;

/**
 * The searchable words of a text: accents folded, `camelCase` and `snake_case` split, stop words left out, stemmed.
 *
 * @param text at most the first 2,000 words count
 */
export function tokensOf(text: string): string[] {
  return wordsOf(text)
    .filter((word) => !stopWords.has(word))
    .map(stem);
}

/** The words of a text in lower case, without accents. */
export function wordsOf(text: string): string[] {
  const spaced = text
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/['’]/g, '');
  const words: string[] = [];
  for (const [word] of spaced.matchAll(wordPattern)) {
    words.push(word.toLowerCase());
    if (words.length >= maxTokens) break;
  }
  return words;
}

/**
 * The stem of an English word: plural, past and progressive endings come off.
 *
 * Step 1 of M. F. Porter, "An algorithm for suffix stripping", Program 14 (3), 1980; the later steps join words that a
 * search for capabilities should tell apart (general, generate).
 */
export function stem(word: string): string {
  if (word.length < 4 || /\d/.test(word)) return word;
  return withoutFinalE(withoutVerbEnding(withoutPlural(word)));
}

function withoutPlural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2);
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.endsWith('ss') || word.endsWith('us') || word.endsWith('is')) return word;
  return word.endsWith('s') ? word.slice(0, -1) : word;
}

function withoutVerbEnding(word: string): string {
  for (const ending of ['ing', 'ed']) {
    if (!word.endsWith(ending)) continue;
    const rest = word.slice(0, -ending.length);
    if (rest.length < 3 || !/[aeiouy]/.test(rest)) return word;
    if (/(?:at|bl|iz|ut|ac|or|it)$/.test(rest)) return `${rest}e`;
    return /([^aeiouylsz])\1$/.test(rest) ? rest.slice(0, -1) : rest;
  }
  return word;
}

/** `convert` and `converts` meet, and so do `compute`, `computing`: a final e goes where a vowel stands before. */
function withoutFinalE(word: string): string {
  if (word.length > 4 && word.endsWith('e') && /[aeiouy]/.test(word.slice(0, -2))) return word.slice(0, -1);
  return word;
}
