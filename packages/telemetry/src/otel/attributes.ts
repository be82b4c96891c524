/**
 * Attributes in the form of OpenTelemetry.
 *
 * @module
 */
import { type Attributes, isSecretName, redact, redactText } from '@gomind/core';
import type { Attributes as OpenTelemetryAttributes } from '@opentelemetry/api';
import { contentAttributes } from '../names/gen-ai.ts';

/** Every name of the GenAI conventions begins with this. */
export const genAiPrefix = 'gen_ai.';

const maxContentLength = 8_192;
const maxPlainLength = 1_000;

/**
 * Copies attributes. Undefined values are left out, GenAI names on request, and content unless it is wanted; texts, alone and
 * in lists, are rid of secrets.
 */
export function toOpenTelemetryAttributes(
  attributes: Attributes,
  { includeGenAi, includeContent = false }: { readonly includeGenAi: boolean; readonly includeContent?: boolean },
): OpenTelemetryAttributes {
  const result: OpenTelemetryAttributes = {};
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    if (value === undefined || (!includeGenAi && name.startsWith(genAiPrefix))) continue;
    const isContent = contentAttributes.has(name);
    if (isContent && !includeContent) continue;
    if (typeof value === 'string') {
      result[name] = isContent ? contentOf(value) : isSecretName(name) ? '[redacted]' : cleanText(value);
    } else if (typeof value === 'object') {
      const list = value.map((item) => (typeof item === 'string' ? cleanText(item) : item));
      result[name] = list;
    } else {
      result[name] = value;
    }
  }
  return result;
}

/** A text that may leave the process: a name, a label, a message. */
export function cleanText(text: string): string {
  // The same, without what a value of any kind needs; only a long text is cut.
  return text.length <= maxPlainLength ? redactText(text) : String(redact(text));
}

/** Content is JSON as a rule, and secrets in JSON are known by their keys. */
function contentOf(text: string): string {
  let value: unknown = text;
  try {
    value = JSON.parse(text);
  } catch {
    // Plain text, then.
  }
  const clean = redact(value);
  return (typeof clean === 'string' ? clean : JSON.stringify(clean)).slice(0, maxContentLength);
}
