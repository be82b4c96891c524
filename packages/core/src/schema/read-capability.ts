/**
 * Reads a capability, whoever wrote it down: we, the Go original, or somebody with the reference document open.
 *
 * @module
 */
import { type Capability, capabilityPath, type EffectClass } from '../contracts/capability.ts';
import type { JsonSchema } from '../contracts/json.ts';
import { type FieldHint, isShortForm, jsonSchemaFromShortForm, jsonSchemaFromSummary } from './short-forms.ts';

const effects: ReadonlySet<unknown> = new Set<EffectClass>(['pure', 'idempotent', 'compensable', 'irreversible']);

/**
 * Reads a capability, also one with the reference's short form (`parameters: {"location": "string"}`) or the Go original's
 * hints (`input_summary`).
 *
 * @param raw from a registry record, a file or a caller; keys in snake_case or camelCase
 * @returns undefined when it is no capability
 */
export function readCapability(raw: unknown): Capability | undefined {
  const fields = asRecord(raw);
  const name = asText(fields?.['name']);
  if (fields === undefined || name === undefined) return undefined;
  const inputSchema =
    asSchema(fields['input_schema'] ?? fields['inputSchema'] ?? fields['parameters']) ??
    asSummary(fields['input_summary']);
  const outputSchema =
    asSchema(fields['output_schema'] ?? fields['outputSchema']) ?? asSummary(fields['output_summary']);
  const endpoint = asText(fields['endpoint']);
  const effect = fields['effect'];
  const tags = Array.isArray(fields['tags']) ? fields['tags'].filter((tag) => typeof tag === 'string') : undefined;
  return {
    name,
    description: asText(fields['description']) ?? '',
    ...(inputSchema === undefined ? {} : { inputSchema }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(effects.has(effect) ? { effect: effect as EffectClass } : {}),
    ...(fields['internal'] === true ? { internal: true } : {}),
    ...(tags === undefined ? {} : { tags }),
    ...(endpoint === undefined || endpoint === '' || endpoint === capabilityPath(name) ? {} : { endpoint }),
  };
}

function asSchema(value: unknown): JsonSchema | undefined {
  if (isShortForm(value)) return jsonSchemaFromShortForm(value);
  return asRecord(value);
}

function asSummary(value: unknown): JsonSchema | undefined {
  const summary = asRecord(value);
  if (summary === undefined) return undefined;
  const required = asHints(summary['required']);
  const optional = asHints(summary['optional']);
  return required.length + optional.length === 0 ? undefined : jsonSchemaFromSummary({ required, optional });
}

/** Hints without a name are no hints; without a type they still tell the name. */
function asHints(value: unknown): FieldHint[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item): FieldHint[] => {
    const hint = asRecord(item);
    const name = asText(hint?.['name']);
    if (hint === undefined || name === undefined) return [];
    const example = asText(hint['example']);
    const description = asText(hint['description']);
    return [
      {
        name,
        type: asText(hint['type']) ?? '',
        ...(example === undefined || example === '' ? {} : { example }),
        ...(description === undefined || description === '' ? {} : { description }),
      },
    ];
  });
}

type UnknownRecord = Readonly<Record<string, unknown>>;

function asRecord(value: unknown): UnknownRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as UnknownRecord) : undefined;
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
