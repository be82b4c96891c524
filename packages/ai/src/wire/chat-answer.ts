/**
 * Reads what chat completion servers send. Half of the recorded streams of real providers break OpenAI's own schema, so
 * everything is read as unknown and leniently.
 *
 * @module
 */
import type { AIFinishReason, AIResponse, AIUsage } from '@gomind/core';
import { GomindError } from '@gomind/core';
import { badResponse, errorInAnswer } from './map-error.ts';
import { detailsOf, type ModelPlace, shownModel } from './model-place.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * A whole answer.
 *
 * @param body what the SDK returned for a call without streaming
 * @throws GomindError `MODEL_BAD_RESPONSE` for what is no chat completion, `MODEL_REFUSED` when the model declined, the code of an error in a 200
 */
export function readAnswer(body: unknown, place: ModelPlace): AIResponse {
  const answer = readRoot(body, place);
  const choice = firstChoice(answer);
  if (choice === undefined) throw badResponse(place, 'no choices');
  const message = record(choice['message']);
  const usage = usageOf(answer['usage']);
  const refusal = message['refusal'];
  if (typeof refusal === 'string' && refusal !== '') throw refused(refusal, usage, place);
  const content = textOf(message['content']) || (typeof choice['text'] === 'string' ? choice['text'] : '');
  const finishReason = finishReasonOf(choice['finish_reason'], Array.isArray(message['tool_calls']));
  return {
    content,
    finishReason,
    usage,
    model: modelOf(answer, place),
    provider: place.provider,
  };
}

/** Folds the pieces of a streamed answer. */
export class StreamedAnswer {
  readonly #place: ModelPlace;
  #content = '';
  #refusal = '';
  #finishReason: AIFinishReason | undefined;
  #usage: AIUsage = usageOf(undefined);
  #model: string;

  constructor(place: ModelPlace) {
    this.#place = place;
    this.#model = place.model;
  }

  /**
   * Takes one piece.
   *
   * @returns its text; empty for thoughts, which are a sign of life; undefined for a piece with nothing in it
   * @throws GomindError the code of an error sent inside the stream
   */
  add(chunk: unknown): string | undefined {
    const piece = readRoot(chunk, this.#place);
    this.#model = modelOf(piece, { ...this.#place, model: this.#model });
    if (piece['usage'] !== undefined && piece['usage'] !== null) this.#usage = usageOf(piece['usage']);
    const choice = firstChoice(piece);
    if (choice === undefined) return undefined;
    // Some servers answer a stream request with one whole message.
    const delta = record(choice['delta'] ?? choice['message']);
    if (typeof delta['refusal'] === 'string') this.#refusal += delta['refusal'];
    const reason = choice['finish_reason'];
    if (typeof reason === 'string' && reason !== '') this.#finishReason = finishReasonOf(reason, false);
    const text = textOf(delta['content']);
    this.#content += text;
    return text !== '' || thoughtFields.some((name) => hasContent(delta[name])) ? text : undefined;
  }

  /**
   * The whole answer.
   *
   * @param saidDone whether the server said that this was all; some say so and give no reason why the model stopped
   * @throws GomindError `MODEL_BAD_RESPONSE` (retryable) for a stream that ended before its end, `MODEL_REFUSED`
   */
  end(saidDone: boolean): AIResponse {
    if (this.#refusal !== '') throw refused(this.#refusal, this.#usage, this.#place);
    if (this.#finishReason === undefined && !saidDone) {
      throw new GomindError({
        code: 'MODEL_BAD_RESPONSE',
        message: `The stream of ${this.#place.provider} ended before the answer did (model ${shownModel(this.#place)}). The part that came is not used.`,
        isRetryable: true,
        details: detailsOf(this.#place),
      });
    }
    return {
      content: this.#content,
      finishReason: this.#finishReason ?? 'other',
      usage: this.#usage,
      model: this.#model,
      provider: this.#place.provider,
    };
  }
}

function readRoot(body: unknown, place: ModelPlace): Json {
  const value = typeof body === 'string' ? parsed(body) : body;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badResponse(place, 'something that is not a JSON object');
  const root = value as Json;
  if (root['error'] !== undefined && root['error'] !== null) throw errorInAnswer(root['error'], place);
  return root;
}

/** JSON under another content type, perhaps with a byte order mark, comes as text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

/** What a model does before and beside its answer; Mistral thinks inside `content`. */
const thoughtFields = ['reasoning_content', 'reasoning', 'reasoning_details', 'content', 'tool_calls', 'refusal'];

function hasContent(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : typeof value === 'string' && value !== '';
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
  refusal: 'content-filter',
  safety: 'content-filter',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  error: 'error',
};

function finishReasonOf(reason: unknown, hasToolCalls: boolean): AIFinishReason {
  if (typeof reason === 'string' && reason !== '') return finishReasons[reason.toLowerCase()] ?? 'other';
  return hasToolCalls ? 'tool-calls' : 'other';
}

/**
 * Tokens as the server counted them; what it leaves out is 0. Some servers count thinking in the total alone, though it is
 * paid for as output: what the total has beyond the rest is output.
 */
export function usageOf(usage: unknown): AIUsage {
  const counted = record(usage);
  const inputTokens = count(counted['prompt_tokens'] ?? counted['input_tokens']);
  const written = count(counted['completion_tokens'] ?? counted['output_tokens']);
  const outputTokens = Math.max(written, count(counted['total_tokens']) - inputTokens);
  const cachedInputTokens = count(record(counted['prompt_tokens_details'])['cached_tokens']);
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    ...(cachedInputTokens === 0 ? {} : { cachedInputTokens }),
  };
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
}

function modelOf(body: Json, place: ModelPlace): string {
  return typeof body['model'] === 'string' && body['model'] !== '' ? body['model'] : place.model;
}

function refused(refusal: string, usage: AIUsage, place: ModelPlace): GomindError {
  return new GomindError({
    code: 'MODEL_REFUSED',
    message: `The model declined: ${refusal.slice(0, 500)}`,
    details: { ...detailsOf(place), usage },
  });
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
