/**
 * An `AIRequest` in the words of the chat completions API.
 *
 * @module
 */
import type { AIRequest } from '@gomind/core';
import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions/completions';

/** How JSON is asked for: with its schema, as "some JSON object", or in words only. Servers differ in what they take. */
export type JsonMode = 'schema' | 'object' | 'words';

/** A request's parts that do not depend on streaming. */
export type ChatRequestBody = Omit<ChatCompletionCreateParamsBase, 'stream'>;

/**
 * The body of a chat completion request.
 *
 * @param options `model` is the client's own; `isOpenAI` tells OpenAI's newer field names from everybody else's
 */
export function chatRequestBody(
  request: AIRequest,
  options: { readonly model: string; readonly jsonMode: JsonMode; readonly isOpenAI: boolean },
): ChatRequestBody {
  const { temperature, maxOutputTokens, stopSequences } = request;
  const format = responseFormat(request, options.jsonMode);
  return {
    model: request.model ?? options.model,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined
      ? {}
      : options.isOpenAI
        ? { max_completion_tokens: maxOutputTokens }
        : { max_tokens: maxOutputTokens }),
    ...(stopSequences === undefined ? {} : { stop: [...stopSequences] }),
    ...(format === undefined ? {} : { response_format: format }),
  };
}

function responseFormat(
  { responseFormat: wanted }: AIRequest,
  jsonMode: JsonMode,
): ChatRequestBody['response_format'] | undefined {
  if (wanted === undefined || jsonMode === 'words') return undefined;
  if (wanted.schema === undefined || jsonMode === 'object') return { type: 'json_object' };
  // Not strict: that mode forbids the open objects that a plan's inputs are.
  return {
    type: 'json_schema',
    json_schema: { name: wanted.name ?? 'answer', schema: { ...wanted.schema }, strict: false },
  };
}
