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
export type Choice = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** What stands between two values, or behind the last. */
type Gap = 'words' | 'list' | 'nothing' | 'closers' | 'broken';

/**
 * Chooses the answer.
 *
 * @param text the reply
 * @param answers at least one, in order
 */
export function chooseAnswer(text: string, answers: readonly Answer[]): Choice {
  const groups: Answer[][] = [];
  let isList = true;
  for (const [index, answer] of answers.entries()) {
    const previous = answers[index - 1];
    const gap = previous === undefined ? 'words' : gapBetween(text, previous.end, answer.start);
    if (gap === 'broken') return broken;
    if (gap === 'words') groups.push([answer]);
    else {
      groups.at(-1)?.push(answer);
      isList &&= gap === 'list';
    }
  }
  const rest = gapBetween(text, answers.at(-1)?.end ?? 0, text.length);
  // One bracket too many behind one value does no harm; behind several, nobody knows what belongs where.
  if (rest === 'broken' || (rest === 'closers' && groups.at(-1)?.length !== 1)) return broken;
  const group =
    groups.findLast((one) => one.every(({ value, isStrict }) => isStrict && isObjectLike(value))) ??
    groups.findLast((one) => one.some(({ value }) => isObjectLike(value))) ??
    groups.at(-1) ??
    [];
  const values = group.map(({ value }) => value);
  if (values.length === 1) return { ok: true, value: values[0] };
  if (isList) return { ok: true, value: values };
  return values.every((value) => isDeepStrictEqual(value, values[0]))
    ? { ok: true, value: values[0] }
    : { ok: false, message: 'The reply holds different JSON values one behind the other. Answer with one.' };
}

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
