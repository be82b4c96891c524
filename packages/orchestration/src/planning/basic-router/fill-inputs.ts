/**
 * Finds the inputs of one capability in what a request names and in what earlier steps give.
 *
 * @module
 */
import { type Capability, compileJsonSchema } from '@gomind/core';
import { wordsOf } from '../../capabilities/tokens.ts';
import { choiceFor, choicesIn } from './choices.ts';
import { countryCodeOf } from './code-names.ts';
import { type Field, fieldsOf, listItems, mentionsFor } from './field-kind.ts';
import type { Mention, MentionRole } from './mentions.ts';
import { phraseFor } from './phrases.ts';

/** Where values may come from. */
export interface FillSources {
  /** The clause itself. */
  readonly text: string;
  readonly mentions: readonly Mention[];
  /** What the clauses around it name. */
  readonly nearby: readonly Mention[];
  /** Every word (stemmed) that the capability speaks of: such a word asks for it, and is no value. */
  readonly spoken: ReadonlySet<string>;
  /** Where in the clause it says such a word: the values stand behind. */
  readonly anchors: readonly number[];
  /** Whether words that may be a value count as one, when nothing is named as such. */
  readonly mayGuess: boolean;
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

/** A field whose whole value is one mention. */
export interface BoundField {
  readonly field: Field;
  readonly mention: Mention;
}

/** Inputs, or the field that could not be filled. */
export type FilledInputs =
  | {
      readonly ok: true;
      readonly inputs: Record<string, unknown>;
      readonly used: readonly Mention[];
      readonly bound: readonly BoundField[];
    }
  | { readonly ok: false; readonly missing: Field };

/** Fills every required field, and optional ones where the request says something for them. */
export function fillInputs(capability: Capability, sources: FillSources): FilledInputs {
  return fillFields(fieldsOf(capability.inputSchema), sources);
}

function fillFields(fields: readonly Field[], sources: FillSources): FilledInputs {
  const values = new Map<Field, unknown>();
  const used: Mention[] = [];
  const bound: BoundField[] = [];
  const progress = { used, bound, fields, taken: new Set<number>() };
  // Fields that say which end they are take their mention first, so that "to EUR" never lands in `from`.
  const ordered = [...fields].sort((left, right) => Number(right.role !== undefined) - Number(left.role !== undefined));
  const rest: Field[] = [];
  for (const field of ordered) {
    const mention =
      mentionFor(field, sources, { ...progress, only: 'role' }) ??
      mentionFor(field, sources, { ...progress, only: 'label' });
    if (mention === undefined) rest.push(field);
    else values.set(field, take(field, mention, progress));
  }
  for (const field of rest.sort((left, right) => fields.indexOf(left) - fields.indexOf(right))) {
    const value = valueFor(field, sources, progress);
    if (value !== undefined) values.set(field, value);
    else if (field.isRequired && !('default' in field.schema)) return { ok: false, missing: field };
  }
  return { ok: true, inputs: inputsOf(fields, values), used, bound };
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
  readonly bound: BoundField[];
  readonly fields: readonly Field[];
  /** Where in the clause the options stand that choices have taken. */
  readonly taken: Set<number>;
}

interface FoundValue {
  readonly mention: Mention;
  readonly value: unknown;
}

function take(field: Field, { mention, value }: FoundValue, progress: Progress): unknown {
  progress.used.push(mention);
  progress.bound.push({ field, mention });
  return value;
}

function valueFor(field: Field, sources: FillSources, progress: Progress): unknown {
  const direct = composedFor(field, sources, progress);
  if (direct !== undefined) return direct;
  const isWorth = field.kind === 'number' || field.kind === 'currency';
  const hasOwnNumber = sources.mentions.some((mention) => mention.kind === 'number');
  if (field.isRequired && isWorth && sources.isPointingBack && !hasOwnNumber) {
    const found = sources.lookBack(field);
    if (found !== undefined) return found;
  }
  const mention = mentionFor(field, sources, progress);
  if (mention !== undefined) return take(field, mention, progress);
  if (!field.isRequired) return field.kind === 'time-zone' ? sources.derive(field, { role: field.role }) : undefined;
  return (
    sources.derive(field, { role: field.role }) ??
    (hasOwnNumber && isWorth ? undefined : sources.lookBack(field)) ??
    (field.kind === 'text' && sources.text !== '' ? sources.text : undefined) ??
    (field.kind === 'name' && sources.mayGuess ? phraseFor(field.name, sources) : undefined)
  );
}

/** Values that are made of more than one mention, or of none. */
function composedFor(field: Field, sources: FillSources, progress: Progress): unknown {
  if (field.kind === 'choice')
    return choiceFor(field, { text: sources.text, fields: progress.fields, taken: progress.taken });
  if (field.kind === 'list') return listFor(field, sources, progress);
  if (field.kind !== 'object' || !field.isRequired) return undefined;
  const inner = fieldsOf(field.schema);
  if (inner.length === 0) return undefined;
  const filled = fillFields(inner, { ...sources, mentions: unused(sources.mentions, progress) });
  if (!filled.ok || filled.used.length === 0) return undefined;
  progress.used.push(...filled.used);
  return filled.inputs;
}

function unused(mentions: readonly Mention[], progress: Progress): Mention[] {
  return mentions.filter((mention) => !progress.used.includes(mention));
}

function mentionFor(
  field: Field,
  sources: FillSources,
  progress: Progress & { readonly only?: 'role' | 'label' },
): FoundValue | undefined {
  const { only } = progress;
  if (only === 'role' && field.role === undefined) return undefined;
  const kinds = mentionsFor[field.kind];
  const hasOwn = sources.mentions.some((mention) => mention.kind === kinds[0] && !progress.used.includes(mention));
  // A number belongs to the clause it stands in; places and names hold for the sentence.
  const pool =
    hasOwn || (field.kind === 'number' && !field.isRequired)
      ? sources.mentions
      : [...sources.mentions, ...sources.nearby];
  const candidates = unused(pool, progress)
    .filter((mention) => kinds.includes(mention.kind) && isMeantFor(field, mention))
    .filter((mention) => sources.mayGuess || mention.isGuess !== true)
    .filter((mention) =>
      only === 'role' ? mention.role === field.role : isRoleAcceptable(field, mention, progress.fields),
    )
    .filter((mention) => only !== 'label' || isLabelled(field, mention))
    .map((mention) => ({ mention, rank: rankOf(field, mention, { kinds, sources }) }))
    .sort((left, right) => left.rank - right.rank);
  for (const { mention } of candidates) {
    const value = valueOf(field, mention);
    if (value !== undefined) return { mention, value };
  }
  return undefined;
}

/** What a mention is as the value of a field; undefined when the field's schema refuses it. */
export function valueOf(field: Field, mention: Mention): unknown {
  const value = convert(field, mention);
  return value !== undefined && isAccepted(field, value) ? value : undefined;
}

/** Kinds that anything may be called by, but only when it must, or when the request says so. */
const unlikelyNames: ReadonlySet<string> = new Set(['file', 'email', 'url', 'date', 'time', 'number']);

function isMeantFor(field: Field, mention: Mention): boolean {
  if (field.kind === 'coordinate') return isLabelled(field, mention);
  // "100" in "100 Tesla shares" is nobody's name; an "id" or a "code" may well be a number.
  if (field.kind === 'name' && mention.kind === 'number') return isLabelled(field, mention) || isNumbered(field);
  if (mention.isGuess === true && !field.isRequired && field.kind !== 'place') return isLabelled(field, mention);
  return field.isRequired || field.kind !== 'name' || !unlikelyNames.has(mention.kind) || isLabelled(field, mention);
}

const maxDistance = 9;

/** How far a mention stands behind the word that calls for it, in steps of ten characters. */
function distanceOf({ start }: Mention, anchors: readonly number[]): number {
  const before = anchors.filter((anchor) => anchor <= start).map((anchor) => start - anchor);
  return Math.min(maxDistance, Math.floor(Math.min(...before, 10 * maxDistance) / 10));
}

function looksLikeFile(text: string): boolean {
  return /^[^\s]*(?:\/|\.[a-z][a-z0-9]{1,4}$)/u.test(text);
}

function isNumbered(field: Field): boolean {
  return wordsOf(field.name).some((word) =>
    /^(?:id|ids|number|no|code|zip|zipcode|phone|year|version|serial)$/.test(word),
  );
}

/** Whether the words in front of a mention name the field: "a mass of 41.1". */
function isLabelled(field: Field, mention: Mention): boolean {
  return mention.lead.some((word) => field.label.has(word));
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
  const fitsUnit = field.kind === 'number' && (mention.unit ?? []).some((word) => field.about.has(word));
  return (
    (isNearby ? 100 : 0) +
    (mention.isGuess === true ? 50 : 0) +
    (fitsUnit ? -20 : 0) +
    (isLabelled(field, mention) ? -30 : 0) +
    (isNearby ? 0 : distanceOf(mention, context.sources.anchors)) +
    (field.kind === 'file' && looksLikeFile(mention.text) ? -10 : 0) +
    context.kinds.indexOf(mention.kind)
  );
}

/** What a mention is as a value of the field; undefined when it does not read like one. */
function convert(field: Field, mention: Mention): unknown {
  const { value, text, kind } = mention;
  switch (field.kind) {
    case 'country-code':
      return countryCodeOf(text) ?? text;
    case 'number':
    case 'coordinate':
      return kind === 'quoted' ? numberIn(text) : value;
    case 'email':
      return /^\S+@\S+$/u.test(text) ? text : undefined;
    case 'url':
      return kind === 'url' || /^(?:https?:\/\/|www\.)?[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?$/u.test(text)
        ? value
        : undefined;
    case 'date':
    case 'time':
      return kind === 'quoted' && !/\d/.test(text) ? undefined : value;
    case 'expression':
      return kind === 'quoted' && !/[-+*/^()=]/.test(text) ? undefined : value;
    case 'name':
      return kind === 'currency' ? value : text;
    default:
      return value;
  }
}

function numberIn(text: string): number | undefined {
  const number = Number(text.replaceAll(',', ''));
  return text.trim() === '' || !Number.isFinite(number) ? undefined : number;
}

function isAccepted(field: Field, value: unknown): boolean {
  try {
    return compileJsonSchema(field.schema).check(value).ok;
  } catch {
    return false;
  }
}

function listFor(field: Field, sources: FillSources, progress: Progress): unknown {
  const { items } = field.schema;
  const options = typeof items === 'object' && !Array.isArray(items) ? items.enum : undefined;
  if (options !== undefined) {
    const chosen = choicesIn(options, sources.text);
    return chosen.length > 0 && isAccepted(field, chosen) ? chosen : undefined;
  }
  const pool = unused(sources.mentions, progress).filter((mention) => listItems.includes(mention.kind));
  const sure = pool.filter((mention) => mention.isGuess !== true);
  const labelled = sure.filter((mention) => isLabelled(field, mention));
  const numbers = sure.filter((mention) => mention.kind === 'number');
  // An optional list is only filled by what is called so, or by several things at once.
  const attempts = field.isRequired
    ? [labelled, sure, numbers, pool.filter((mention) => sources.mayGuess && mention.isGuess === true)]
    : [labelled];
  for (const chosen of attempts) {
    for (const values of [chosen.map(({ value }) => value), chosen.map(({ text }) => text)]) {
      if (values.length === 0 || !isAccepted(field, values)) continue;
      progress.used.push(...chosen);
      return values;
    }
  }
  return undefined;
}
