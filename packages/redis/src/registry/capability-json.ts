/**
 * A capability as it is written to a registry record: the Go original's fields for its readers, the whole schemas for ours.
 *
 * @module
 */
import { type Capability, capabilityPath, summaryFromJsonSchema } from '@gomind/core';
import type { UnknownRecord } from './unknown-record.ts';

/** The JSON form of a capability; keys that JSON cannot hold a value for are left out by `JSON.stringify`. */
export function encodeCapability(capability: Capability): UnknownRecord {
  const endpoint = capability.endpoint ?? capabilityPath(capability.name);
  const { inputSchema, outputSchema } = capability;
  return {
    name: capability.name,
    description: capability.description,
    endpoint,
    input_types: [],
    output_types: [],
    input_summary: inputSchema && summaryFromJsonSchema(inputSchema),
    output_summary: outputSchema && summaryFromJsonSchema(outputSchema),
    schema_endpoint: inputSchema && `${endpoint}/schema`,
    internal: capability.internal === true ? true : undefined,
    input_schema: inputSchema,
    output_schema: outputSchema,
    effect: capability.effect,
    tags: capability.tags,
  };
}
