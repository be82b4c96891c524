/**
 * The Standard Schema interface, version 1 (standardschema.dev), with the optional JSON Schema conversion: how zod, valibot,
 * arktype and others present themselves without being imported.
 *
 * @module
 */
import type { JsonSchema } from '../contracts/json.ts';

/** One problem as a Standard Schema reports it. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a Standard Schema answers to a value. */
export type StandardResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] };

/** A schema of any library that follows the standard. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema?:
      | {
          readonly input: (options: { readonly target: string }) => Record<string, unknown>;
          readonly output: (options: { readonly target: string }) => Record<string, unknown>;
        }
      | undefined;
  };
}

/** Everything that this framework takes for a schema. */
export type AnySchema = StandardSchema | JsonSchema;

/** The type that a schema accepts; `Record<string, unknown>` for raw JSON Schema. */
export type InferInput<Schema> = Schema extends StandardSchema<infer Input> ? Input : Record<string, unknown>;

/** The type that a schema yields; `Record<string, unknown>` for raw JSON Schema. */
export type InferOutput<Schema> =
  Schema extends StandardSchema<infer _Input, infer Output> ? Output : Record<string, unknown>;

/** Whether a schema follows the standard; else it is raw JSON Schema. */
export function isStandardSchema(schema: AnySchema): schema is StandardSchema {
  return '~standard' in schema && typeof schema['~standard'] === 'object' && schema['~standard'] !== null;
}
