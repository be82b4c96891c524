/**
 * Attributes in the form of OpenTelemetry.
 *
 * @module
 */
import type { Attributes } from '@gomind/core';
import type { Attributes as OpenTelemetryAttributes } from '@opentelemetry/api';

/** Every name of the GenAI conventions begins with this. */
export const genAiPrefix = 'gen_ai.';

/** Copies attributes; undefined values are left out, and so are GenAI names on request. */
export function toOpenTelemetryAttributes(
  attributes: Attributes,
  options: { readonly includeGenAi: boolean },
): OpenTelemetryAttributes {
  const result: OpenTelemetryAttributes = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || (!options.includeGenAi && name.startsWith(genAiPrefix))) continue;
    result[name] = typeof value === 'object' ? ([...value] as string[] | number[] | boolean[]) : value;
  }
  return result;
}
