/**
 * Reads what chat completion servers send. Half of the recorded streams of real providers break OpenAI's own schema, so
 * everything is read as unknown and leniently.
 *
 * @module
 */
import type { AIFinishReason, AIResponse, AIUsage } from '@gomind/core';
import { GomindError } from '@gomind/core';
import { badResponse } from './map-error.ts';

/** Who was asked, for responses and errors. */
export interface AnswerPlace {
  readonly provider: string;
  readonly model: string;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * A whole answer.
 *
 * @param body what the SDK returned for a call without streaming
 * @throws GomindError `MODEL_BAD_RESPONSE` for what is no chat completion, `MODEL_REFUSED` when the model declined, the code of an error in a 200
 */
export function readAnswer(body: unknown, place: AnswerPlace): AIResponse {
  const answer = readRoot(body, place);
  const choice = firstChoice(answer);
  if (choice === undefined) throw badResponse(place, 'no choices');
  const message = record(choice['message']);
  const refusal = message['refusal'];
  if (typeof refusal === 'string' && refusal !== '') throw refused(refusal, place);
  const content = textOf(message['content']) || (typeof choice['text'] === 'string' ? choice['text'] : '');
  const finishReason = finishReasonOf(choice['finish_reason'], Array.isArray(message['tool_calls']));
  return {
    content,
    finishReason,
    usage: usageOf(answer['usage']),
    model: modelOf(answer, place),
    provider: place.provider,
  };
}

/** Folds the pieces of a streamed answer. */
export class StreamedAnswer {
  readonly #place: AnswerPlace;
  #content = '';
  #refusal = '';
  #finishReason: AIFinishReason | undefined;
  #usage: AIUsage = usageOf(undefined);
  #model: string;

  constructor(place: AnswerPlace) {
    this.#place = place;
    this.#model = place.model;
  }

  /**
   * Takes one piece.
   *
   * @returns the new text in it, perhaps empty
   * @throws GomindError the code of an error sent inside the stream
   */
  add(chunk: unknown): string {
    const piece = readRoot(chunk, this.#place);
    this.#model = modelOf(piece, { ...this.#place, model: this.#model });
    if (piece['usage'] !== undefined && piece['usage'] !== null) this.#usage = usageOf(piece['usage']);
    const choice = firstChoice(piece);
    if (choice === undefined) return '';
    // Some servers answer a stream request with one whole message.
    const delta = record(choice['delta'] ?? choice['message']);
    if (typeof delta['refusal'] === 'string') this.#refusal += delta['refusal'];
    const reason = choice['finish_reason'];
    if (typeof reason === 'string' && reason !== '') this.#finishReason = finishReasonOf(reason, false);
    const text = textOf(delta['content']);
    this.#content += text;
    return text;
  }

  /**
   * The whole answer.
   *
   * @throws GomindError `MODEL_BAD_RESPONSE` (retryable) for a stream that ended before its end, `MODEL_REFUSED`
   */
  end(): AIResponse {
    if (this.#refusal !== '') throw refused(this.#refusal, this.#place);
    if (this.#finishReason === undefined) {
      throw new GomindError({
        code: 'MODEL_BAD_RESPONSE',
        message: `The stream of ${this.#place.provider} ended before the answer did (model ${this.#place.model}). The part that came is not used.`,
        isRetryable: true,
        details: { ...this.#place },
      });
    }
    return {
      content: this.#content,
      finishReason: this.#finishReason,
      usage: this.#usage,
      model: this.#model,
      provider: this.#place.provider,
    };
  }
}

function readRoot(body: unknown, place: AnswerPlace): Json {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badResponse(place, 'something that is not a JSON object');
  const root = body as Json;
  const error = root['error'];
  if (error === undefined || error === null) return root;
  const said = typeof error === 'string' ? error : record(error)['message'];
  throw badResponse(
    place,
    `an error behind status 200: ${typeof said === 'string' ? said.slice(0, 300) : 'no reason given'}`,
  );
}

function firstChoice(body: Json): Json | undefined {
  const choices = body['choices'];
  if (!Array.isArray(choices) || choices.length === 0) return undefined;
  const first: unknown = choices.find((choice) => record(choice)['index'] === 0) ?? choices[0];
  return typeof first === 'object' && first !== null ? (first as Json) : undefined;
}

/** Text, or a list of parts of which the text parts count. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => (typeof part === 'string' ? part : record(part)['text']))
    .filter((text) => typeof text === 'string')
    .join('');
}

const finishReasons: Readonly<Record<string, AIFinishReason>> = {
  stop: 'stop',
  end_turn: 'stop',
  eos: 'stop',
  length: 'length',
  max_tokens: 'length',
  content_filter: 'content-filter',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  error: 'error',
};

function finishReasonOf(reason: unknown, hasToolCalls: boolean): AIFinishReason {
  if (typeof reason === 'string' && reason !== '') return finishReasons[reason] ?? 'other';
  return hasToolCalls ? 'tool-calls' : 'other';
}

/** Tokens as the server counted them; what it leaves out is 0. */
export function usageOf(usage: unknown): AIUsage {
  const counted = record(usage);
  const inputTokens = count(counted['prompt_tokens'] ?? counted['input_tokens']);
  const outputTokens = count(counted['completion_tokens'] ?? counted['output_tokens']);
  return { inputTokens, outputTokens, totalTokens: count(counted['total_tokens']) || inputTokens + outputTokens };
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
}

function modelOf(body: Json, place: AnswerPlace): string {
  return typeof body['model'] === 'string' && body['model'] !== '' ? body['model'] : place.model;
}

function refused(refusal: string, place: AnswerPlace): GomindError {
  return new GomindError({
    code: 'MODEL_REFUSED',
    message: `The model declined: ${refusal.slice(0, 500)}`,
    details: { provider: place.provider, model: place.model },
  });
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
