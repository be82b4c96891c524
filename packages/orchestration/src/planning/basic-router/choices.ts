/**
 * Values of a schema's own list (`enum`) that a request names, and which field each of them is for.
 *
 * @module
 */
import { stem, wordsOf } from '../../capabilities/tokens.ts';
import type { Field } from './field-kind.ts';
import { type MentionRole, roleAt } from './mentions.ts';

/** One place where a text names an option. */
interface NamedOption {
  readonly value: unknown;
  readonly start: number;
  readonly words: number;
  readonly role: MentionRole | undefined;
  /** The word in front. */
  readonly before: string;
}

/** What is known besides the field. */
export interface ChoiceContext {
  readonly text: string;
  readonly fields: readonly Field[];
  /** Where the options stand that other fields have taken; the chosen one is added. */
  readonly taken: Set<number>;
}

/**
 * The option for a field; the only one there is needs no naming. Fields that are the two ends of something (`from`, `to`) never
 * share one place of the text.
 *
 * @returns undefined when the text names none for it
 */
export function choiceFor(field: Field, context: ChoiceContext): unknown {
  const options = field.schema.enum ?? [];
  if (options.length === 1) return options[0];
  const named = optionsIn(options, context.text);
  const chosen = pick(field, named, context) ?? (field.role === undefined ? named[0] : undefined);
  if (chosen !== undefined) context.taken.add(chosen.start);
  return chosen?.value;
}

/** All options that a text names, in its order. */
export function choicesIn(options: readonly unknown[], text: string): unknown[] {
  const named = optionsIn(options, text).map(({ value }) => value);
  return options.filter((option) => named.includes(option));
}

function pick(field: Field, named: readonly NamedOption[], { fields, taken }: ChoiceContext): NamedOption | undefined {
  const free = named.filter(({ start }) => !taken.has(start));
  const own = free.find(({ role }) => role !== undefined && role === field.role);
  if (own !== undefined) return own;
  const fitting = free.filter(({ role }) => role === undefined || !belongsElsewhere(role, field, fields));
  const labelled = fitting.find(({ before }) => field.label.has(stem(before)));
  if (labelled !== undefined || field.role === undefined) return labelled ?? fitting[0];
  // "How many USD are 40 GBP?", "40 EUR in GBP": what is counted is what there is; what it shall become stands last.
  return field.role === 'from'
    ? (fitting.find(isCounted) ?? fitting[0])
    : (fitting.findLast((option) => !isCounted(option)) ?? fitting.at(-1));
}

function belongsElsewhere(role: MentionRole, field: Field, fields: readonly Field[]): boolean {
  if (field.role !== undefined) return field.role !== role;
  return fields.some((other) => other.role === role && other.kind === field.kind);
}

function isCounted({ before }: NamedOption): boolean {
  return /^\d/.test(before);
}

function optionsIn(options: readonly unknown[], text: string): NamedOption[] {
  const words = placedWords(text);
  const stems = new Set(words.flatMap(({ word }) => [word, stem(word)]));
  return options
    .flatMap((value) => {
      const wanted = wordsOf(String(value));
      const isNamed = wanted.length > 0 && wanted.every((word) => stems.has(word) || stems.has(stem(word)));
      return isNamed ? placesOf(wanted, words).map((at) => optionAt(at, { value, wanted, words, text })) : [];
    })
    .sort((left, right) => left.start - right.start || right.words - left.words);
}

interface PlacedWord {
  readonly word: string;
  readonly start: number;
}

function placedWords(text: string): PlacedWord[] {
  return [...text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)].flatMap((match) =>
    wordsOf(match[0]).map((word) => ({ word, start: match.index })),
  );
}

/** Where the words stand side by side; else where the first of them stands. */
function placesOf(wanted: readonly string[], words: readonly PlacedWord[]): number[] {
  const isAt = (at: number, index: number): boolean => isSame(words[at + index]?.word, wanted[index]);
  const together = [...words.keys()].filter((at) => wanted.every((_word, index) => isAt(at, index)));
  return together.length > 0 ? together : [words.findIndex(({ word }) => isSame(word, wanted[0]))];
}

function isSame(word = '', wanted = ''): boolean {
  return word === wanted || stem(word) === stem(wanted) || stem(word) === wanted;
}

function optionAt(
  at: number,
  found: {
    readonly value: unknown;
    readonly wanted: readonly string[];
    readonly words: readonly PlacedWord[];
    readonly text: string;
  },
): NamedOption {
  const { value, wanted, words, text } = found;
  const start = words[at]?.start ?? 0;
  return { value, start, words: wanted.length, role: roleAt(text, start), before: words[at - 1]?.word ?? '' };
}
