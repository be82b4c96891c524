/**
 * What a request names: numbers, quoted text, dates, codes, currencies, places and people, each with where it stands and
 * the little word in front of it ("from", "to", "in").
 *
 * @module
 */
import { stem, stopWords, wordsOf } from '../../capabilities/tokens.ts';
import { isImperative } from './clauses.ts';
import { findCurrencies } from './code-names.ts';
import { findDates } from './dates.ts';

/** What kind of thing is mentioned. */
export type MentionKind =
  | 'number'
  | 'quoted'
  | 'date'
  | 'time'
  | 'currency'
  | 'code'
  | 'file'
  | 'name'
  | 'expression'
  | 'email'
  | 'url'
  | 'time-zone';

/** Which end of a pair a mention is: where something starts, or where it goes. */
export type MentionRole = 'from' | 'to';

/** One thing that is named. */
export interface Mention {
  readonly kind: MentionKind;
  /** Ready for use: a number for numbers, `YYYY-MM-DD` for dates, a code for currencies. */
  readonly value: string | number;
  /** As the request writes it, without quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly role?: MentionRole;
  /** The words in front, stemmed: `a mass of 41.1` has `a`, `mass` and `of`. */
  readonly lead: readonly string[];
  /** The words behind a number, stemmed: `100 Tesla shares` has `tesla` and `share`. */
  readonly unit?: readonly string[];
  /** True for a guess that only counts when nothing better is there. */
  readonly isGuess?: boolean;
}

const roleWords: Readonly<Record<string, MentionRole>> = {
  from: 'from',
  between: 'from',
  leaving: 'from',
  to: 'to',
  into: 'to',
  towards: 'to',
  toward: 'to',
  until: 'to',
};

const patterns: readonly (readonly [MentionKind, RegExp])[] = [
  ['quoted', /"([^"]{1,2000})"|“([^”]{1,2000})”|«([^»]{1,2000})»|(?<![\p{L}\p{N}])'([^']{1,2000})'(?![\p{L}\p{N}])/gu],
  ['url', /\b(?:https?:\/\/|www\.)[^\s<>"']{1,2000}/gu],
  ['email', /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,5}/gu],
  [
    'time-zone',
    /\b(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/[A-Za-z_]{2,30}(?:\/[A-Za-z_]{2,30})?|\bUTC\b/gu,
  ],
  [
    'file',
    /(?<![\p{L}\p{N}])(?:~?\/)?(?:[\p{L}\p{N}_-]{1,60}\/){0,12}[\p{L}\p{N}_-]{1,60}\.[a-z][a-z0-9]{1,4}(?![\p{L}\p{N}])/gu,
  ],
  ['file', /(?<![\p{L}\p{N}])~?(?:\/[\p{L}\p{N}_.-]{1,60}){2,12}/gu],
  // Addresses of machines and versions: 192.168.1.1, 5.1.2
  ['code', /(?<![\p{L}\p{N}.])\d{1,5}(?:\.\d{1,5}){2,3}(?![\p{L}\p{N}])/gu],
];

/**
 * Everything a text names, in its order.
 *
 * @param text a request or a part of one
 * @param now the day that "today" is
 */
export function findMentions(text: string, now: Date): Mention[] {
  const taken: Mention[] = [];
  const isFree = (start: number, end: number): boolean =>
    taken.every((other) => end <= other.start || start >= other.end);
  const take = (mention: FoundMention): void => {
    if (isFree(mention.start, mention.end)) taken.push({ ...mention, ...surroundings(text, mention) });
  };
  for (const [kind, pattern] of patterns) {
    for (const match of text.matchAll(pattern)) {
      const value =
        (match.slice(1) as (string | undefined)[]).find((group) => group !== undefined) ??
        match[0].replace(/[.,;:!?]+$/, '');
      take({ kind, value, start: match.index, end: match.index + match[0].length });
    }
  }
  for (const date of findDates(text, now)) take({ kind: 'date', value: date.value, start: date.start, end: date.end });
  for (const match of text.matchAll(timePattern)) {
    take({ kind: 'time', value: match[0], start: match.index, end: match.index + match[0].length });
  }
  for (const expression of findExpressions(text)) take(expression);
  for (const number of findNumbers(text)) take(number);
  for (const { code, start, end } of findCurrencies(text)) take({ kind: 'currency', value: code, start, end });
  for (const match of text.matchAll(
    /(?<![\p{L}\p{N}])#?(?:\p{Lu}{2,6}\d{0,6}|(?=[\p{L}\p{N}_-]*\d)(?=[\p{L}\p{N}_-]*\p{L})[\p{L}\p{N}][\p{L}\p{N}_-]{2,40})(?![\p{L}\p{N}])/gu,
  )) {
    take({ kind: 'code', value: match[0], start: match.index, end: match.index + match[0].length });
  }
  for (const name of findNames(text)) take(name);
  return taken.sort((left, right) => left.start - right.start);
}

/** A mention before it is known what stands around it. */
type FoundMention = Omit<Mention, 'text' | 'lead' | 'role'>;

const leadWords = 5;
const timePattern =
  /(?<![\p{L}\p{N}:])\d{1,2}(?::\d{2}){1,2}(?:\s?[ap]\.?m\b\.?)?|(?<![\p{L}\p{N}:])\d{1,2}\s?[ap]\.?m\b/giu;

function surroundings(
  text: string,
  { kind, value, start, end }: FoundMention,
): { readonly text: string; readonly lead: readonly string[]; readonly role?: MentionRole } {
  const before = leadOf(text, start);
  const role = roleOf(text, { before, start });
  const written = kind === 'quoted' ? String(value) : text.slice(start, end);
  return { text: written, lead: before.map(stem), ...(role === undefined ? {} : { role }) };
}

/** Which end of a pair the word at a place is, by what stands in front of it. */
export function roleAt(text: string, start: number): MentionRole | undefined {
  return roleOf(text, { before: leadOf(text, start), start });
}

function leadOf(text: string, start: number): string[] {
  return wordsOf(text.slice(Math.max(0, start - 60), start)).slice(-leadWords);
}

function roleOf(
  text: string,
  { before, start }: { readonly before: readonly string[]; readonly start: number },
): MentionRole | undefined {
  const last = before.at(-1) === 'the' ? before.at(-2) : before.at(-1);
  const role = roleWords[last ?? ''];
  if (role !== undefined) return role;
  // "between Paris and Rome"
  return last === 'and' && /\bbetween\b/i.test(text.slice(Math.max(0, start - 120), start)) ? 'to' : undefined;
}

const operand = String.raw`\(*\s*-?\d[\d,]*(?:\.\d+)?\s*\)*`;
const expressionPattern = new RegExp(String.raw`${operand}(?:\s*(?:\*\*|[-+*/%^×÷x])\s*${operand})+`, 'gu');
const maxExpressionText = 4_000;

/** Arithmetic: at least one operator between numbers. A date or a phone number has no spaces around its hyphens. */
function findExpressions(text: string): FoundMention[] {
  return [...text.slice(0, maxExpressionText).matchAll(expressionPattern)]
    .filter(([found]) => /[+*/%^×÷x]|\s-\s/.test(found) && !/^\d+-\d+(?:-\d+)?$/.test(found.trim()))
    .map((match) => ({
      kind: 'expression' as const,
      value: match[0].trim().replaceAll('x', '*'),
      start: match.index,
      end: match.index + match[0].trimEnd().length,
    }));
}

const smallNumbers: readonly string[] = 'zero one two three four five six seven eight nine ten eleven twelve'.split(
  ' ',
);
const scales: Readonly<Record<string, number>> = { k: 1e3, thousand: 1e3, m: 1e6, million: 1e6, bn: 1e9, billion: 1e9 };

/** Units that are written right behind a number; other letters make it a code: "12AB". */
const units =
  'mm|cm|km|m|ft|mi|mg|kg|g|lbs?|oz|ml|l|ms|s|mins?|h|hrs?|hz|khz|mhz|ghz|kb|mb|gb|tb|v|kv|a|ma|w|kw|kwh|mw|nm|ev|c|f|pa|kpa|rpm|mph|kmh|px';
const numberPattern = new RegExp(
  String.raw`(?<![\p{L}\p{N}.])(-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?)(?:\s?(k|thousand|m|million|bn|billion)(?![\p{L}\p{N}])|(?=(?:${units})(?![\p{L}\p{N}]))|(?!\.?[\p{L}\p{N}]|,\d{3}))`,
  'giu',
);

function findNumbers(text: string): FoundMention[] {
  const numbers: FoundMention[] = [];
  for (const match of text.matchAll(numberPattern)) {
    const scale = (match[2] ?? '').toLowerCase();
    // "€5 m" are millions, "a wall of 5 m" is not.
    const isMetres = scale === 'm' && !/[$€£¥₩₹]\s?$/u.test(text.slice(0, match.index));
    const value = Number((match[1] ?? '').replaceAll(',', '')) * (isMetres ? 1 : (scales[scale] ?? 1));
    const end = match.index + match[0].length;
    if (Number.isFinite(value))
      numbers.push({ kind: 'number', value, start: match.index, end, unit: unitAfter(text, end) });
  }
  for (const match of text.matchAll(
    /(?<![\p{L}\p{N}])(?:zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?![\p{L}\p{N}])/giu,
  )) {
    const end = match.index + match[0].length;
    numbers.push({
      kind: 'number',
      value: smallNumbers.indexOf(match[0].toLowerCase()),
      start: match.index,
      end,
      unit: unitAfter(text, end),
    });
  }
  return numbers;
}

function unitAfter(text: string, end: number): string[] {
  const rest = /^[\s-]*((?:[\p{L}\p{M}]+[ \t-]*){1,3})/u.exec(text.slice(end, end + 80));
  return wordsOf(rest?.[1] ?? '').map(stem);
}

/** Capitalised words in a row; small words may stand between ("Rio de Janeiro"). */
const namePattern =
  /(?<![\p{L}\p{N}])\p{Lu}[\p{L}\p{M}'’.-]*(?:(?:\s+(?:de|da|do|del|di|la|le|van|von|of|the|el|al))*\s+\p{Lu}[\p{L}\p{M}'’.-]*)*/gu;
const prepositions = 'in|from|to|at|near|of|for|between|and|around|into|towards|about|by';
/** For whoever writes everything small: what stands behind a preposition. */
const guessPattern = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:${prepositions})\s+((?:[\p{Ll}][\p{L}\p{M}'’-]+)(?:\s+[\p{Ll}][\p{L}\p{M}'’-]+){0,2})`,
  'gu',
);

function findNames(text: string): FoundMention[] {
  const names: FoundMention[] = [];
  for (const match of text.matchAll(namePattern)) names.push(...nameOf(text, match[0], match.index));
  for (const match of text.matchAll(guessPattern)) {
    const words = (match[1] ?? '').split(/\s+/);
    const count = words.findIndex((word) => stopWords.has(word) || word in roleWords);
    const kept = count < 0 ? words : words.slice(0, count);
    if (kept.length === 0 || isImperative(kept[0] ?? '')) continue;
    const start = match.index + match[0].length - (match[1] ?? '').length;
    names.push({ kind: 'name', value: kept.join(' '), start, end: start + kept.join(' ').length, isGuess: true });
  }
  return names;
}

const maxShortText = 5;

/** A name without its trailing dot and without the sentence's first word, which is capital anyway. */
function nameOf(text: string, found: string, index: number): FoundMention[] {
  let words = found.replace(/[.'’-]+$/u, '').split(/\s+/);
  let start = index;
  const isSentenceStart = /(?:^|[.!?;:\n]\s*)$/u.test(text.slice(0, index));
  const isCommon = (word: string): boolean => stopWords.has(wordsOf(word)[0] ?? word.toLowerCase());
  while (words.length > 0 && isCommon(words[0] ?? '')) {
    start += (words[0] ?? '').length + 1;
    words = words.slice(1);
  }
  if (words.length === 0) return [];
  const value = words.join(' ');
  const isLonelyStart = isSentenceStart && start === index && words.length === 1;
  // "Berlin weather" begins with a name, "Please, ..." does not; nobody can tell in a long sentence.
  if (isLonelyStart && (isImperative(words[0] ?? '') || wordsOf(text).length > maxShortText)) return [];
  const mention: FoundMention = {
    kind: 'name',
    value,
    start,
    end: start + value.length,
    ...(isLonelyStart ? { isGuess: true } : {}),
  };
  return [mention];
}
