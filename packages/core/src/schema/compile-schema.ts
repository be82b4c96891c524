/**
 * One way in for every kind of schema: zod and other Standard Schemas, or raw JSON Schema.
 *
 * @module
 */
import type { JsonSchema } from '../contracts/json.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { compileJsonSchema } from './json-schema-check.ts';
import { loadZod } from './load-zod.ts';
import {
  type AnySchema,
  type InferOutput,
  isStandardSchema,
  type StandardIssue,
  type StandardSchema,
} from './standard-schema.ts';
import { jsonPointer, type SchemaIssue, type ValidationResult } from './validation.ts';

/** A schema that was compiled once. */
export interface CompiledSchema<T> {
  /** The JSON Schema that others see. */
  readonly jsonSchema: JsonSchema;
  /** Checks a value, applying what the schema does to it (defaults, transforms). */
  validate(value: unknown): Promise<ValidationResult<T>>;
}

const target = 'draft-2020-12';

/**
 * The JSON Schema of a schema.
 *
 * @param schema zod or any Standard Schema that converts itself, or JSON Schema (returned as it is)
 * @param direction what the schema accepts (`input`) or yields (`output`)
 * @throws GomindError `CONFIG_INVALID` for a schema that cannot be converted
 */
export function toJsonSchema(schema: AnySchema, direction: 'input' | 'output' = 'input'): JsonSchema {
  if (!isSchema(schema)) {
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message: 'A schema must be a Standard Schema such as zod, or a JSON Schema object.',
    });
  }
  if (!isStandardSchema(schema)) return schema;
  const { vendor } = schema['~standard'];
  try {
    const converted = convert(schema, direction);
    if (converted !== undefined) return withoutDialect(converted);
  } catch (error) {
    if (GomindError.isInstance(error)) throw error;
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message: `A ${vendor} schema has no JSON Schema form: ${error instanceof Error ? error.message : 'unknown reason'}. Use types that JSON has, or give a raw JSON Schema.`,
      cause: error,
    });
  }
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `Schemas of ${vendor} cannot be converted to JSON Schema. Use a version that implements Standard JSON Schema, or give a raw JSON Schema.`,
  });
}

/** JavaScript callers are not held by types. A function may be a Standard Schema, and is no JSON Schema. */
function isSchema(given: unknown): boolean {
  if (typeof given === 'function') return isStandardSchema(given as unknown as AnySchema);
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

/** What a Standard Schema says of itself; undefined when it has no words for it. */
function convert(schema: StandardSchema, direction: 'input' | 'output'): Record<string, unknown> | undefined {
  const { vendor, jsonSchema } = schema['~standard'];
  try {
    return jsonSchema?.[direction]({ target });
  } catch (error) {
    if (vendor !== 'zod') throw error;
    return convertZod(schema, direction);
  }
}

/** zod throws on what has no JSON form (dates, bigints); its own function can take them for "anything" instead. */
function convertZod(schema: StandardSchema, direction: 'input' | 'output'): Record<string, unknown> {
  const { z } = loadZod();
  return z.toJSONSchema(schema as never, { io: direction, target, unrepresentable: 'any' });
}

/** Every schema here is of one dialect, so naming it in each only costs tokens. */
function withoutDialect(schema: Record<string, unknown>): JsonSchema {
  const { $schema: _dialect, '~standard': _standard, ...rest } = schema;
  return rest;
}

/**
 * Compiles a schema.
 *
 * @throws GomindError `CONFIG_INVALID` for a schema that cannot be used
 */
export function compileSchema<Schema extends AnySchema>(
  schema: Schema,
  direction: 'input' | 'output' = 'input',
): CompiledSchema<InferOutput<Schema>> {
  const jsonSchema = toJsonSchema(schema, direction);
  if (isStandardSchema(schema)) {
    return {
      jsonSchema,
      validate: async (value) => {
        const result = await schema['~standard'].validate(value);
        return result.issues === undefined
          ? { ok: true, value: result.value as InferOutput<Schema> }
          : { ok: false, issues: result.issues.map(toSchemaIssue) };
      },
    };
  }
  const compiled = compileJsonSchema(jsonSchema);
  return {
    jsonSchema,
    validate: (value) => Promise.resolve(compiled.check(value) as ValidationResult<InferOutput<Schema>>),
  };
}

function toSchemaIssue(issue: StandardIssue): SchemaIssue {
  const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  return { pointer: jsonPointer(path), message: issue.message };
}
