/**
 * What a field of a schema wants, as far as its name, description and keywords tell.
 *
 * @module
 */
import type { JsonSchema } from '@gomind/core';
import { stem, wordsOf } from '../../capabilities/tokens.ts';
import { asSchema, typesOf } from '../../plan/schemas/schema-reader.ts';
import type { MentionKind, MentionRole } from './mentions.ts';

/** One field of an input or output. */
export interface Field {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  /** The name's words without the role: `from_latitude` is about `latitude`. */
  readonly subject: string;
  /** The name's words, stemmed. */
  readonly label: ReadonlySet<string>;
  /** The words of name and description, stemmed. */
  readonly about: ReadonlySet<string>;
  readonly role?: MentionRole;
  readonly kind: FieldKind;
}

/** What a field holds. */
export type FieldKind =
  | 'currency'
  | 'country-code'
  | 'time-zone'
  | 'coordinate'
  | 'date'
  | 'time'
  | 'expression'
  | 'email'
  | 'url'
  | 'file'
  | 'number'
  | 'choice'
  | 'place'
  | 'name'
  | 'text'
  | 'boolean'
  | 'list'
  | 'object'
  | 'other';

const roleOfWord: Readonly<Record<string, MentionRole>> = {
  from: 'from',
  start: 'from',
  origin: 'from',
  source: 'from',
  departure: 'from',
  base: 'from',
  to: 'to',
  end: 'to',
  destination: 'to',
  target: 'to',
  arrival: 'to',
  quote: 'to',
  dest: 'to',
};

/** Kept as long as the schema lives: the router asks again for every clause. */
const known = new WeakMap<JsonSchema, readonly Field[]>();

/** The fields of an object schema, required ones first. */
export function fieldsOf(schema: JsonSchema | undefined): readonly Field[] {
  if (asSchema(schema) === undefined || schema === undefined) return [];
  let fields = known.get(schema);
  if (fields === undefined) known.set(schema, (fields = readFields(schema)));
  return fields;
}

function readFields(schema: JsonSchema): Field[] {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) =>
    fieldOf(name, property, required.has(name)),
  );
  return fields.sort((left, right) => Number(right.isRequired) - Number(left.isRequired));
}

function fieldOf(name: string, schema: JsonSchema, isRequired: boolean): Field {
  const words = wordsOf(name);
  const role = words.map((word) => roleOfWord[word]).find((found) => found !== undefined);
  const rest = words.filter((word) => roleOfWord[word] === undefined);
  const kind = kindOf({ words, subject: rest.join('_'), description: schema.description ?? '' }, schema);
  return {
    name,
    schema,
    isRequired,
    subject: rest.join('_') || (kind === 'currency' ? 'currency' : name),
    label: new Set(words.map(stem)),
    about: new Set([...words, ...wordsOf(schema.description ?? '')].map(stem)),
    kind,
    ...(role === undefined ? {} : { role }),
  };
}

const byWord: readonly (readonly [FieldKind, RegExp])[] = [
  ['time-zone', /^(?:time_?zone|tz)$/],
  ['coordinate', /^(?:latitude|longitude|lat|lon|lng|long)$/],
  ['email', /(?:^|_)e?mail(?:_address)?$/],
  ['url', /(?:^|_)(?:url|uri|link|website)$/],
  ['date', /(?:^|_)(?:date|day|when|check_in|check_out|departure|arrival)$/],
  ['file', /(?:^|_)(?:file|path|filename|directory|folder|dir)(?:_name|_path)?(?:_?\d)?$/],
  ['time', /(?:^|_)(?:time|hour)$/],
  ['expression', /^(?:expression|formula|equation)$/],
  [
    'place',
    /(?:^|_)(?:city|location|place|town|destination|address|country|region|state|origin|area|airport|station)(?:_name)?$/,
  ],
  [
    'text',
    /(?:^|_)(?:query|q|question|text|message|prompt|content|body|input|instruction|instructions|description|search|keywords?|topic|subject|title|note|task|command|request|utterance|sentence|statement|problem|goal)$/,
  ],
];

function kindOf(
  named: { readonly words: readonly string[]; readonly subject: string; readonly description: string },
  schema: JsonSchema,
): FieldKind {
  if (schema.enum !== undefined) return 'choice';
  const types = typesOf(schema);
  if (types?.has('array') === true) return 'list';
  if (types?.has('boolean') === true && types.size === 1) return 'boolean';
  if (types?.has('object') === true) return 'object';
  const full = named.words.join('_');
  if (types?.has('number') === true || types?.has('integer') === true) {
    return /^(?:latitude|longitude|lat|lon|lng)$/.test(named.subject) ? 'coordinate' : 'number';
  }
  const about = named.description.toLowerCase();
  if (
    /iso.?4217|currency code|code of the currency|three-letter currency/.test(about) ||
    /(?:^|_)currency(?:_code)?$/.test(full)
  )
    return 'currency';
  if (/iso.?3166|country code/.test(about) && /code/.test(`${full} ${about}`) && !/name or/.test(about))
    return 'country-code';
  if (/iana time zone|time zone name/.test(about)) return 'time-zone';
  if (schema.format === 'date' || schema.format === 'date-time') return 'date';
  if (schema.format === 'email') return 'email';
  if (schema.format === 'uri' || schema.format === 'url') return 'url';
  for (const [kind, pattern] of byWord) {
    if (pattern.test(full) || pattern.test(named.subject)) return kind;
  }
  if (/\b(?:city|place|location|town)\b/.test(about)) return 'place';
  return types === undefined || types.has('string') ? 'name' : 'other';
}

/** Which mentions may be items of a list. */
export const listItems: readonly MentionKind[] = ['quoted', 'name', 'code', 'file', 'number', 'date', 'email', 'url'];

/** Which mentions may fill a field of a kind, best first. What stands in quotes counts when it reads like the kind. */
export const mentionsFor: Readonly<Record<FieldKind, readonly MentionKind[]>> = {
  currency: ['currency'],
  'country-code': ['name', 'code'],
  'time-zone': ['time-zone'],
  coordinate: ['number'],
  date: ['date', 'time', 'quoted'],
  time: ['time', 'date', 'quoted'],
  expression: ['expression', 'quoted'],
  email: ['email', 'quoted'],
  url: ['url', 'file', 'quoted'],
  file: ['file', 'quoted', 'url', 'code', 'name'],
  number: ['number', 'quoted'],
  choice: [],
  place: ['quoted', 'name', 'code'],
  name: ['quoted', 'code', 'file', 'name', 'currency', 'email', 'url', 'date', 'time', 'number'],
  text: ['quoted', 'file', 'url'],
  boolean: [],
  list: [],
  object: [],
  other: [],
};
