/**
 * Finds the inputs of one capability in what a request names and in what earlier steps give.
 *
 * @module
 */
import { type Capability, compileJsonSchema } from '@gomind/core';
import { stem, tokensOf, wordsOf } from '../../capabilities/tokens.ts';
import { countryCodeOf } from './code-names.ts';
import { type Field, fieldsOf, listItems, mentionsFor } from './field-kind.ts';
import type { Mention, MentionRole } from './mentions.ts';

/** Where values may come from. */
export interface FillSources {
  /** The clause itself. */
  readonly text: string;
  readonly mentions: readonly Mention[];
  /** What the clauses around it name. */
  readonly nearby: readonly Mention[];
  /** Whether the clause speaks of what an earlier one found ("the proceeds"). */
  readonly isPointingBack: boolean;
  /**
   * A reference to a value that another step gives, making that step when there is none yet.
   *
   * @param subject the mention that the value must be about
   */
  derive(field: Field, subject: { readonly role?: MentionRole | undefined }): string | undefined;
  /** A reference to what an earlier step found. */
  lookBack(field: Field): string | undefined;
}

/** Inputs, or the field that could not be filled. */
export type FilledInputs =
  | { readonly ok: true; readonly inputs: Record<string, unknown>; readonly used: readonly Mention[] }
  | { readonly ok: false; readonly missing: Field };

/** Fills every required field, and optional ones where the request says something for them. */
export function fillInputs(capability: Capability, sources: FillSources): FilledInputs {
  const fields = fieldsOf(capability.inputSchema);
  const values = new Map<Field, unknown>();
  const used: Mention[] = [];
  // Fields that say which end they are take their mention first, so that "to EUR" never lands in `from`.
  const ordered = [...fields].sort((left, right) => Number(right.role !== undefined) - Number(left.role !== undefined));
  const rest: Field[] = [];
  for (const field of ordered) {
    const mention = mentionFor(field, sources, { used, fields, isRoleExact: true });
    if (mention === undefined) rest.push(field);
    else {
      values.set(field, mention.value);
      used.push(mention.mention);
    }
  }
  for (const field of rest.sort((left, right) => fields.indexOf(left) - fields.indexOf(right))) {
    const value = valueFor(field, sources, { used, fields });
    if (value !== undefined) values.set(field, value);
    else if (field.isRequired && !('default' in field.schema)) return { ok: false, missing: field };
  }
  return { ok: true, inputs: inputsOf(fields, values), used };
}

/** In the order of the schema; defined, not assigned, so that any name is an ordinary key. */
function inputsOf(fields: readonly Field[], values: ReadonlyMap<Field, unknown>): Record<string, unknown> {
  const inputs: Record<string, unknown> = {};
  for (const field of fields) {
    if (!values.has(field)) continue;
    Object.defineProperty(inputs, field.name, {
      value: values.get(field),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return inputs;
}

interface Progress {
  readonly used: Mention[];
  readonly fields: readonly Field[];
}

function valueFor(field: Field, sources: FillSources, progress: Progress): unknown {
  const direct =
    choiceFor(field, sources.text) ?? (field.kind === 'list' ? listFor(field, sources, progress) : undefined);
  if (direct !== undefined) return direct;
  const isWorth = field.kind === 'number' || field.kind === 'currency';
  const hasOwnNumber = sources.mentions.some((mention) => mention.kind === 'number');
  if (field.isRequired && isWorth && sources.isPointingBack && !hasOwnNumber) {
    const found = sources.lookBack(field);
    if (found !== undefined) return found;
  }
  const mention = mentionFor(field, sources, { ...progress, isRoleExact: false });
  if (mention !== undefined) {
    progress.used.push(mention.mention);
    return mention.value;
  }
  if (!field.isRequired) return field.kind === 'time-zone' ? sources.derive(field, { role: field.role }) : undefined;
  return (
    sources.derive(field, { role: field.role }) ??
    (hasOwnNumber && isWorth ? undefined : sources.lookBack(field)) ??
    (field.kind === 'text' && sources.text !== '' ? sources.text : undefined)
  );
}

function mentionFor(
  field: Field,
  sources: FillSources,
  progress: Progress & { readonly isRoleExact: boolean },
): { readonly mention: Mention; readonly value: unknown } | undefined {
  const { isRoleExact } = progress;
  if (isRoleExact && field.role === undefined) return undefined;
  const kinds = mentionsFor[field.kind];
  const hasOwn = sources.mentions.some((mention) => kinds.includes(mention.kind) && mention.isGuess !== true);
  // A number belongs to the clause it stands in; places and names hold for the sentence.
  const pool = field.kind === 'number' || hasOwn ? sources.mentions : [...sources.mentions, ...sources.nearby];
  const candidates = pool
    .filter((mention) => kinds.includes(mention.kind) && !progress.used.includes(mention))
    .filter((mention) =>
      isRoleExact ? mention.role === field.role : isRoleAcceptable(field, mention, progress.fields),
    )
    .map((mention) => ({ mention, rank: rankOf(field, mention, { kinds, sources }) }))
    .sort((left, right) => left.rank - right.rank);
  for (const { mention } of candidates) {
    const value = convert(field, mention);
    if (value !== undefined && isAccepted(field, value)) return { mention, value };
  }
  return undefined;
}

/** A mention that says which end it is does not fill the field of the other end. */
function isRoleAcceptable(field: Field, mention: Mention, fields: readonly Field[]): boolean {
  if (mention.role === undefined || mention.role === field.role) return true;
  if (field.role !== undefined) return false;
  return !fields.some((other) => other.role === mention.role && other.kind === field.kind);
}

/** Lower is better: the clause's own before the sentence's, sure before guessed, a fitting unit before none. */
function rankOf(
  field: Field,
  mention: Mention,
  context: { readonly kinds: readonly string[]; readonly sources: FillSources },
): number {
  const isNearby = !context.sources.mentions.includes(mention);
  const subjectWords = new Set([...wordsOf(field.name), ...wordsOf(field.schema.description ?? '')].map(stem));
  const fitsUnit = (mention.unit ?? []).some((word) => subjectWords.has(stem(word)));
  return (
    (isNearby ? 100 : 0) +
    (mention.isGuess === true ? 50 : 0) +
    (fitsUnit ? -20 : 0) +
    context.kinds.indexOf(mention.kind)
  );
}

function convert(field: Field, mention: Mention): unknown {
  if (field.kind === 'country-code')
    return typeof mention.value === 'string' ? (countryCodeOf(mention.value) ?? mention.value) : undefined;
  return mention.value;
}

function isAccepted(field: Field, value: unknown): boolean {
  try {
    return compileJsonSchema(field.schema).check(value).ok;
  } catch {
    return false;
  }
}

/** A value of the schema's own list that the clause names. */
function choiceFor(field: Field, text: string): unknown {
  if (field.kind !== 'choice') return undefined;
  const words = new Set([...wordsOf(text), ...tokensOf(text)]);
  return (field.schema.enum ?? []).find((option) => {
    const optionWords = wordsOf(String(option));
    return optionWords.length > 0 && optionWords.every((word) => words.has(word) || words.has(stem(word)));
  });
}

function listFor(field: Field, sources: FillSources, progress: Progress): unknown {
  const mentions = sources.mentions.filter(
    (mention) => listItems.includes(mention.kind) && !progress.used.includes(mention) && mention.isGuess !== true,
  );
  const numbers = mentions.filter((mention) => mention.kind === 'number');
  for (const chosen of [mentions, numbers]) {
    const values = chosen.map((mention) => mention.value);
    if (values.length === 0 || !isAccepted(field, values)) continue;
    progress.used.push(...chosen);
    return values;
  }
  return undefined;
}
