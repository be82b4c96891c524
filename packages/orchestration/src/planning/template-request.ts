/**
 * Takes the values out of a request, so that requests which differ in nothing else have one skeleton. What could mean another
 * thing in another place or another spelling stays in the skeleton, and a request that turns its meaning around ("not",
 * "instead") has none: a template that is missed costs a planning, a wrong one costs more.
 *
 * @module
 */
import { tokensOf, wordsOf } from '../capabilities/tokens.ts';
import { clausesOf } from './basic-router/clauses.ts';
import { findMentions, type Mention } from './basic-router/mentions.ts';
import { normaliseRequest } from './routing-cache-key.ts';

/** A value that was taken out. */
export interface Slot {
  /** Values of one kind may stand for each other. */
  readonly kind: string;
  readonly value: string | number;
  /** As the request says it. */
  readonly text: string;
  /** Whether the value itself may decide what is meant (a name, a code), which a number or a date does not. */
  readonly isOpen: boolean;
}

/** A request in two parts. */
export interface RequestForm {
  /** The words around the values. */
  readonly skeleton: string;
  /** The same words, one by one. */
  readonly words: ReadonlySet<string>;
  /** The tokens of these words, without those that say nothing. */
  readonly tokens: readonly string[];
  readonly slots: readonly Slot[];
}

const maxCharacters = 1_000;
const maxSlots = 8;

const turningWords: ReadonlySet<string> = new Set(
  (
    'not no never none nobody nothing without except excluding exclude unless instead neither nor but rather avoid skip before after then reverse ' +
    'reversed opposite vice versa respectively former latter other another same swap swapped if or either than dont doesnt didnt cant cannot couldnt ' +
    'wont wouldnt isnt arent wasnt shouldnt mustnt undo back'
  ).split(' '),
);

/**
 * The forms of a request: all values out, then only those whose kind says what they are.
 *
 * @param request plain language
 * @param now what "today" is
 * @returns the most general form first; none when the request is not fit for templates
 */
export function formsOf(request: string, now: Date): RequestForm[] {
  const text = normaliseRequest(request);
  const isUnfit =
    text.length > maxCharacters || text.includes('${') || wordsOf(text).some((word) => turningWords.has(word));
  if (isUnfit) return [];
  const mentions = findMentions(text, now);
  const all = formOf(text, mentions, (slot) => slot !== undefined);
  const closed = formOf(text, mentions, (slot) => slot?.isOpen === false);
  const isSame = all?.slots.length === closed?.slots.length;
  return [all, isSame ? undefined : closed].filter((form) => form !== undefined);
}

function formOf(
  text: string,
  mentions: readonly Mention[],
  isLifted: (slot: Slot | undefined) => boolean,
): RequestForm | undefined {
  const slots: Slot[] = [];
  let skeleton = '';
  let words = '';
  let at = 0;
  for (const mention of mentions) {
    const between = plainWords(text.slice(at, mention.start));
    const own = text.slice(mention.start, mention.end);
    const slot = slotOf(mention, text);
    skeleton += between;
    words += between;
    if (slot !== undefined && isLifted(slot)) {
      slots.push(slot);
      // No text of a request can look like this: it holds no control characters.
      skeleton += `\u0000${slot.kind}\u0000`;
      words += ' ';
    } else {
      const kept = mention.isGuess === true ? plainWords(own) : own;
      skeleton += kept;
      words += kept;
    }
    at = mention.end;
  }
  const rest = plainWords(text.slice(at));
  words += rest;
  const tokens = tokensOf(words);
  const values = slots.map(({ value }) => spacedWords(String(value)));
  const left = spacedWords(words);
  // What is named twice may have two roles, and only one of them would change.
  const hasTwins = new Set(values).size < values.length || values.some((value) => left.includes(value));
  if (slots.length === 0 || slots.length > maxSlots || tokens.length === 0 || hasTwins) return undefined;
  const ending = (skeleton + rest)
    .replaceAll(/\s+/gu, ' ')
    .replace(/[\s,.!]+$/u, '')
    .trim();
  const clauses = clausesOf(text).length;
  return { skeleton: `${String(clauses)} ${ending}`, words: new Set(wordsOf(words)), tokens, slots };
}

/** Text as its words, so that one can be looked for in another without finding "EUR" in "neural". */
export function spacedWords(text: string): string {
  return ` ${wordsOf(text).join(' ')} `;
}

const politeness = /\b(?:please|kindly|thanks|thank you)\b,?/gu;

function plainWords(text: string): string {
  return text.replaceAll('\u0000', ' ').toLowerCase().replaceAll(politeness, '');
}

/** The value of a mention, when it is written so that nobody can read it in two ways. */
function slotOf(mention: Mention, text: string): Slot | undefined {
  const own = text.slice(mention.start, mention.end);
  const before = text.slice(0, mention.start) + own.slice(0, own.length - own.trimStart().length);
  const isAlone =
    !/[\p{L}\p{N}$€£¥.,:/\\#@_-]$/u.test(before) && !/^(?:[\p{L}\p{N}:/\\@_-]|[.,]\S)/u.test(text.slice(mention.end));
  if (!isAlone || wordsOf(own).length === 0) return undefined;
  const slot = (kind: string, isOpen: boolean, value: string | number = mention.value): Slot => ({
    kind,
    isOpen,
    value,
    text: own,
  });
  switch (mention.kind) {
    case 'number':
      return isPlainNumber(own) ? slot('number', false) : undefined;
    case 'date':
      return /\d{4}/.test(own) ? slot('date', false) : undefined;
    case 'currency':
      return /^[A-Z]{3}$/.test(own) ? slot('currency', false) : undefined;
    case 'expression':
    case 'email':
    case 'time-zone':
      return slot(mention.kind, false);
    case 'quoted':
    case 'url':
      return slot(mention.kind, true);
    case 'code':
      return slot(`code ${shapeOf(own)}`, true);
    case 'name':
      return mention.isGuess === true || isSentenceStart(text, mention.start) ? undefined : slot('name', true);
  }
}

/** `1.234` is a thousand to some, `007` a name, and `5k` or `two` have to be understood first. */
function isPlainNumber(text: string): boolean {
  const isWritten = /^(?:0|[1-9]\d*|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d+)?$/.test(text);
  return (
    isWritten && !/^\d+\.\d{3}$/.test(text) && Math.abs(Number(text.replaceAll(',', ''))) < Number.MAX_SAFE_INTEGER
  );
}

/** Codes of one family look alike: `TSLA`, `AB123`, `4x4`. */
function shapeOf(code: string): string {
  return code
    .replaceAll(/\p{Lu}+/gu, 'A')
    .replaceAll(/\p{Ll}+/gu, 'a')
    .replaceAll(/\p{N}+/gu, '0');
}

/** The first word of a sentence is capital anyway, so a name cannot be told from a verb there. */
function isSentenceStart(text: string, start: number): boolean {
  return /(?:^|[.!?;:\n]\s*)$/u.test(text.slice(0, start));
}
