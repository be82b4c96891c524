/**
 * An `AIRequest` in the words of the chat completions API: strict in what is sent, nothing that was not asked for.
 *
 * @module
 */
import type { AIRequest } from '@gomind/core';
import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions/completions';
import type { Dialect } from './dialect.ts';
import { withSchemaInPrompt } from './schema-prompt.ts';

/** A request; the driver says whether it wants a stream. */
export type ChatRequestBody = Omit<ChatCompletionCreateParamsBase, 'stream'>;

/**
 * The body of a chat completion request.
 *
 * @param request what is asked
 * @param model the model's own name, no alias
 * @param dialect what the model takes; where it takes no schema, the schema stands in the prompt
 */
export function chatRequestBody(
  request: AIRequest & { readonly isStream?: boolean },
  model: string,
  dialect: Dialect,
): ChatRequestBody {
  const { temperature, maxOutputTokens, stopSequences, reasoningEffort, isStream = false } = request;
  const format = responseFormat(request, dialect);
  const messages = format?.type === 'json_schema' ? request.messages : withSchemaInPrompt(request);
  const takes = (parameter: Parameters<typeof dialect.omitted.has>[0]): boolean => !dialect.omitted.has(parameter);
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    ...(temperature === undefined || !takes('temperature') ? {} : { temperature }),
    ...(maxOutputTokens === undefined ? {} : { [dialect.tokensField]: maxOutputTokens }),
    ...(stopSequences === undefined || stopSequences.length === 0 || !takes('stop')
      ? {}
      : { stop: [...stopSequences] }),
    ...(reasoningEffort === undefined || !takes('reasoning_effort') ? {} : { reasoning_effort: reasoningEffort }),
    ...(format === undefined ? {} : { response_format: format }),
    ...(isStream && takes('stream_options') ? { stream_options: { include_usage: true } } : {}),
  };
}

function responseFormat(
  { responseFormat: wanted }: AIRequest,
  { jsonMode }: Dialect,
): ChatRequestBody['response_format'] {
  if (wanted === undefined || jsonMode === 'words') return undefined;
  if (wanted.schema === undefined || jsonMode === 'object') return { type: 'json_object' };
  return {
    type: 'json_schema',
    json_schema: {
      name: schemaName(wanted.name),
      schema: { ...wanted.schema },
      // Not strict: that mode forbids the open objects that a plan's inputs are.
      strict: false,
    },
  };
}

/** The API takes `[a-zA-Z0-9_-]{1,64}`. */
function schemaName(name = 'answer'): string {
  return name.replaceAll(/[^\w-]+/g, '_').slice(0, 64) || 'answer';
}
