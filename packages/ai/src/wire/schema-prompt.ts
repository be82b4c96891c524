/**
 * A JSON schema in words, for models that enforce none.
 *
 * @module
 */
import type { AIMessage, AIRequest } from '@gomind/core';

/**
 * The messages of a request with what its answer has to look like. Servers that know "some JSON object" insist on the word
 * JSON as well.
 */
export function withSchemaInPrompt({ messages, responseFormat }: AIRequest): readonly AIMessage[] {
  if (responseFormat === undefined) return messages;
  const said =
    responseFormat.schema === undefined
      ? 'Answer with one JSON value and nothing else.'
      : `Answer with one JSON value and nothing else. It has to match this JSON Schema:\n${JSON.stringify(responseFormat.schema)}`;
  const [first, ...others] = messages;
  // Some servers take a system message only in the first place.
  return first?.role === 'system'
    ? [{ role: 'system', content: `${first.content}\n\n${said}` }, ...others]
    : [{ role: 'system', content: said }, ...messages];
}
