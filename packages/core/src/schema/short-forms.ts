/**
 * The short ways in which the reference document and the Go original describe inputs, and their JSON Schema.
 *
 * @module
 */
import type { JsonSchema } from '../contracts/json.ts';

/** A field as the Go original's registry record describes it. */
export interface FieldHint {
  readonly name: string;
  readonly type: string;
  readonly example?: string;
  readonly description?: string;
}

/** The `input_summary` and `output_summary` of the Go original. */
export interface SchemaSummary {
  readonly required?: readonly FieldHint[];
  readonly optional?: readonly FieldHint[];
}

const jsonTypes: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array']);
const typeAliases: Readonly<Record<string, string>> = {
  str: 'string',
  text: 'string',
  int: 'integer',
  int64: 'integer',
  float: 'number',
  float64: 'number',
  double: 'number',
  bool: 'boolean',
  list: 'array',
  map: 'object',
};

function propertyOf(type: string): JsonSchema {
  const key = type.trim().toLowerCase();
  const known = jsonTypes.has(key) ? key : Object.hasOwn(typeAliases, key) ? typeAliases[key] : undefined;
  return known === undefined ? {} : { type: known };
}

/**
 * The schema of the reference's short form, in which every field is required.
 *
 * @param shortForm for example `{"location": "string"}`
 */
export function jsonSchemaFromShortForm(shortForm: Readonly<Record<string, string>>): JsonSchema {
  const fields = Object.entries(shortForm);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, type]) => [name, propertyOf(type)])),
    required: fields.map(([name]) => name),
  };
}

/** Whether an object is the short form `{"location": "string"}` and not a JSON Schema. */
export function isShortForm(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every(([, type]) => typeof type === 'string')) return false;
  // A schema such as {"type": "object"} consists of strings too; its keys are keywords.
  return !entries.every(([key]) =>
    ['type', '$ref', '$schema', 'title', 'description', 'format', '$id', 'pattern'].includes(key),
  );
}

/**
 * The schema of field hints.
 *
 * @param summary required and optional fields
 */
export function jsonSchemaFromSummary(summary: SchemaSummary): JsonSchema {
  const required = summary.required ?? [];
  const property = (hint: FieldHint): [string, JsonSchema] => [
    hint.name,
    {
      ...propertyOf(hint.type),
      ...(hint.description === undefined ? {} : { description: hint.description }),
      ...(hint.example === undefined ? {} : { examples: [hint.example] }),
    },
  ];
  return {
    type: 'object',
    properties: Object.fromEntries([...required, ...(summary.optional ?? [])].map(property)),
    ...(required.length === 0 ? {} : { required: required.map((hint) => hint.name) }),
  };
}

/**
 * The field hints of a schema, for readers that know nothing else.
 *
 * @param schema schema of an object; anything else has no hints
 */
export function summaryFromJsonSchema(schema: JsonSchema): SchemaSummary | undefined {
  if (schema.properties === undefined) return undefined;
  const required = new Set(schema.required ?? []);
  const hints = Object.entries(schema.properties).map(([name, property]): FieldHint => {
    const example = property.examples?.[0];
    return {
      name,
      type: hintType(property.type),
      ...(property.description === undefined ? {} : { description: property.description }),
      ...(example === undefined ? {} : { example: typeof example === 'string' ? example : JSON.stringify(example) }),
    };
  });
  return {
    required: hints.filter((hint) => required.has(hint.name)),
    optional: hints.filter((hint) => !required.has(hint.name)),
  };
}

function hintType(type: JsonSchema['type']): string {
  const first = typeof type === 'string' ? type : type?.find((candidate) => candidate !== 'null');
  return first === 'integer' ? 'number' : (first ?? 'object');
}
