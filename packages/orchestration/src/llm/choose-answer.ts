/**
 * Which of several JSON values in a reply is the answer, judged by what stands between them.
 *
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import { isQuote, skipSpace } from './json-text.ts';

/** A value that stands in a reply, `[start, end)`. */
export interface Answer {
  readonly start: number;
  readonly end: number;
  readonly value: unknown;
  /** Whether it is valid JSON as it stands. */
  readonly isStrict: boolean;
}

/** The chosen value, or why none can be chosen. */
export type Choice = ChosenAnswer | NoChoice;

interface ChosenAnswer {
  readonly ok: true;
  readonly value: unknown;
}

interface NoChoice {
  readonly ok: false;
  readonly message: string;
}

/** What stands between two values, or behind the last. */
type Gap = 'words' | 'list' | 'nothing' | 'closers' | 'broken';

/**
 * Chooses the answer.
 *
 * @param text the reply
 * @param answers at least one, in order
 */
export function chooseAnswer(text: string, answers: readonly Answer[]): Choice {
  const grouped = groupAnswers(text, answers);
  if (grouped === undefined) return broken;
  const { groups, isList } = grouped;
  const group =
    groups.findLast((one) => one.every(({ value, isStrict }) => isStrict && isObjectLike(value))) ??
    groups.findLast((one) => one.some(({ value }) => isObjectLike(value))) ??
    groups.at(-1) ??
    [];
  const values = group.map(({ value }) => value);
  if (values.length === 1) return { ok: true, value: values[0] };
  if (isList) return { ok: true, value: values };
  return areSame(values) ? { ok: true, value: values[0] } : differentAnswers;
}

/**
 * The answer by its form, for when its place does not tell.
 *
 * @param text the reply
 * @param answers in order
 * @param fits whether a value has the form of the answer
 * @returns undefined when none fits, when two that fit differ, when another one stands behind, and when nobody knows what
 *   belongs where
 */
export function chooseFitting(
  text: string,
  answers: readonly Answer[],
  fits: (value: unknown) => boolean,
): ChosenAnswer | undefined {
  if (groupAnswers(text, answers) === undefined) return undefined;
  // What stands behind a plan may take it back: nobody guesses that it does not.
  if (!fits(answers.findLast(({ value }) => isObjectLike(value))?.value)) return undefined;
  const values = answers.map(({ value }) => value).filter(fits);
  return values.length > 0 && areSame(values) ? { ok: true, value: values[0] } : undefined;
}

interface GroupedAnswers {
  /** Values without a word between them stand together. */
  readonly groups: readonly (readonly Answer[])[];
  /** Whether commas or line breaks separate those that stand together. */
  readonly isList: boolean;
}

/** @returns undefined when JSON goes on behind its end */
function groupAnswers(text: string, answers: readonly Answer[]): GroupedAnswers | undefined {
  const groups: Answer[][] = [];
  let isList = true;
  for (const [index, answer] of answers.entries()) {
    const previous = answers[index - 1];
    const gap = previous === undefined ? 'words' : gapBetween(text, previous.end, answer.start);
    if (gap === 'broken') return undefined;
    if (gap === 'words') groups.push([answer]);
    else {
      groups.at(-1)?.push(answer);
      isList &&= gap === 'list';
    }
  }
  const rest = gapBetween(text, answers.at(-1)?.end ?? 0, text.length);
  // One bracket too many behind one value does no harm; behind several, nobody knows what belongs where.
  if (rest === 'broken' || (rest === 'closers' && groups.at(-1)?.length !== 1)) return undefined;
  return { groups, isList };
}

function areSame(values: readonly unknown[]): boolean {
  return values.every((value) => isDeepStrictEqual(value, values[0]));
}

/** The choice when nothing tells which of several values is the answer. */
export const differentAnswers: NoChoice = {
  ok: false,
  message: 'The reply holds different JSON values one behind the other. Answer with one.',
};

const broken: Choice = { ok: false, message: 'The JSON in the reply goes on behind its closing bracket.' };

function gapBetween(text: string, from: number, to: number): Gap {
  const start = skipSpace(text, from);
  if (start >= to) return text.slice(from, to).includes('\n') ? 'list' : 'nothing';
  const character = text.charAt(start);
  if (character === '}' || character === ']') {
    const goesOn = /^[}\]\s]{1,64}[,:"'{[]/.test(text.slice(start, start + 65));
    return to === text.length && !goesOn ? 'closers' : 'broken';
  }
  if (character !== ',') return 'words';
  const next = skipSpace(text, start + 1);
  if (next >= to) return 'list';
  return isQuote(text.charAt(next)) && text.charAt(next) !== "'" ? 'broken' : 'words';
}

function isObjectLike(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => typeof item === 'object' && item !== null);
  return typeof value === 'object' && value !== null;
}
