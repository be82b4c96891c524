/**
 * Which of a few languages a request is written in, by its script and its small words. A guess that is wrong costs a heading in
 * another language; so whatever is not clear is English.
 *
 * @module
 */

const smallWords: Readonly<Record<string, readonly string[]>> = {
  en: words(
    'the what is are in of to and how a an for it from me my please with which does do at on by who when where',
  ),
  de: words(
    'der die das und ist sind wie was viel viele in im den dem ein eine einen von nach für mit bitte wo wann wer ich mir auf zu zum zur',
  ),
  fr: words(
    'le la les des est et quel quelle quels quelles combien dans du une un pour avec à au où quand je moi de qui que en sur il',
  ),
  es: words(
    'el la los las es y cuál cuánto cuánta cuántos qué en del al una un para con dónde cuándo de por favor quién hace me',
  ),
  it: words(
    'il lo la gli le è e qual quale quanto quanti che cosa di in del della una un per con dove quando chi a mi da fa',
  ),
  pt: words('o os as é e qual quanto quantos que em no na do da uma um para com onde quando quem de por favor me faz'),
  nl: words('de het een is en wat hoe welke van in naar voor met waar wanneer wie ik mij veel op aan te'),
  pl: words('jest i jaki jaka jakie ile w we na do z ze co gdzie kiedy kto dla proszę się od po'),
  tr: words('ne nedir ve bir kaç için ile nerede nasıl mi mı mu mü zaman kim bu da de'),
};

function words(text: string): string[] {
  return text.split(' ');
}

/** How many languages a word is a small word of. */
const shared = new Map<string, number>();
for (const word of Object.values(smallWords).flat()) shared.set(word, (shared.get(word) ?? 0) + 1);

const minScore = 1;
/** Fewer words may be a name: "Die Hard". */
const minWords = 3;
const maxCharacters = 2_000;

/**
 * The language of a request.
 *
 * @returns an ISO 639-1 code; `en` for everything that is not clear
 */
export function languageOf(request: string): string {
  const text = request.slice(0, maxCharacters).toLowerCase();
  return languageOfScript(text) ?? languageOfWords(text);
}

function languageOfScript(text: string): string | undefined {
  const has = (script: RegExp): boolean => (text.match(script)?.length ?? 0) > 1;
  if (has(/[\p{Script=Hiragana}\p{Script=Katakana}]/gu)) return 'ja';
  if (has(/\p{Script=Hangul}/gu)) return 'ko';
  if (has(/\p{Script=Han}/gu)) return 'zh';
  // Letters that Russian does not have: Ukrainian, Belarusian, Serbian, Macedonian.
  if (has(/\p{Script=Cyrillic}/gu)) return /[іїєґўђћџјљњѓќѕ]/u.test(text) ? 'en' : 'ru';
  return undefined;
}

/** A word of several languages counts a part for each. */
function languageOfWords(text: string): string {
  const said = text.match(/[\p{L}\p{M}]+/gu) ?? [];
  if (said.length < minWords) return 'en';
  const ranked = Object.entries(smallWords)
    .map(([language, known]) => ({
      language,
      score: said.reduce((sum, word) => sum + (known.includes(word) ? 1 / (shared.get(word) ?? 1) : 0), 0),
    }))
    .sort((left, right) => right.score - left.score);
  const [best, second] = ranked;
  if (best === undefined || best.score < minScore || best.score === second?.score) return 'en';
  return best.language;
}
