/**
 * Texts of people and models on spans, in the form of the GenAI conventions, where the application wants them there.
 *
 * @module
 */
import type { AIEmbedRequest, AIEmbedResponse, AIRequest, AIResponse, Span } from '@gomind/core';
import { genAiAttribute } from '@gomind/telemetry';

/** Puts what the model is asked on a span. */
export function captureQuestion(
  span: Span,
  request: Pick<AIRequest, 'messages'> | Pick<AIEmbedRequest, 'values'>,
): void {
  if (span.capturesContent !== true || !('messages' in request)) return;
  const instructions = request.messages.filter(({ role }) => role === 'system');
  const others = request.messages.filter(({ role }) => role !== 'system');
  span.setAttributes({
    [genAiAttribute.systemInstructions]:
      instructions.length === 0 ? undefined : JSON.stringify(instructions.map(({ content }) => text(content))),
    [genAiAttribute.inputMessages]: JSON.stringify(
      others.map(({ role, content }) => ({ role, parts: [text(content)] })),
    ),
  });
}

/** Puts what the model answered on a span. */
export function captureAnswer(span: Span, response: AIResponse | AIEmbedResponse): void {
  if (span.capturesContent !== true || !('content' in response)) return;
  const { content, finishReason } = response;
  const message = { role: 'assistant', parts: [text(content)], finish_reason: finishReason };
  span.setAttributes({ [genAiAttribute.outputMessages]: JSON.stringify([message]) });
}

function text(content: string): { readonly type: 'text'; readonly content: string } {
  return { type: 'text', content };
}
