/**
 * Words of a request as the value of a field, when nothing that is named fits.
 *
 * @module
 */
import { stem, tokensOf, wordsOf } from '../../capabilities/tokens.ts';

interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether a comma or a full stop comes behind it. */
  readonly endsRun: boolean;
}

const maxPhraseWords = 6;

/**
 * The words behind the field's own name ("material bronze"), else the longest run of words that the capability does not speak of.
 *
 * @param name the field's name
 * @param about the clause, and every word (stemmed) that the capability speaks of
 * @returns a part of the clause exactly as it is written
 */
export function phraseFor(
  name: string,
  about: { readonly text: string; readonly spoken: ReadonlySet<string> },
): string | undefined {
  const label = new Set(wordsOf(name).map(stem));
  const runs = runsOf(wordsIn(about.text), (word) => tokensOf(word.text).length === 0);
  const behind = runs.flatMap((run) => {
    const at = run.findIndex(({ text }) => label.has(stem(wordsOf(text)[0] ?? '')));
    return at >= 0 && at + 1 < run.length ? [run.slice(at + 1)] : [];
  });
  const unspoken = runs
    .flatMap((run) => runsOf(run, (word) => tokensOf(word.text).every((token) => about.spoken.has(token))))
    .sort((left, right) => right.length - left.length);
  const best = [...behind, ...unspoken][0]?.slice(0, maxPhraseWords);
  return best === undefined ? undefined : about.text.slice(best[0]?.start ?? 0, best.at(-1)?.end ?? 0);
}

function wordsIn(text: string): Word[] {
  return [...text.matchAll(/[\p{L}\p{N}#][^\s,;!?]*/gu)].map(({ 0: found, index }) => {
    const bare = found.replace(/[^\p{L}\p{N}%]+$/u, '');
    const end = index + bare.length;
    return { text: bare, start: index, end, endsRun: /^[,.;:!?]/u.test(text.slice(end, end + 1)) };
  });
}

function runsOf(words: readonly Word[], isGap: (word: Word) => boolean): Word[][] {
  const runs: Word[][] = [[]];
  for (const word of words) {
    if (isGap(word)) runs.push([]);
    else runs.at(-1)?.push(word);
    if (word.endsRun) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}
