/**
 * A model that says what the test wrote down, and remembers what it was asked.
 *
 * @module
 */
import type {
  AIClient,
  AIEmbedRequest,
  AIFinishReason,
  AIRequest,
  AIResponse,
  AIStreamPart,
  AIUsage,
} from '../contracts/ai-client.ts';
import { withTimeout } from '../async/timeout.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { cancellationError } from '../errors/to-gomind-error.ts';

/** One scripted reply: a text, a whole answer, a streamed answer, or an error to reject with. */
export type ScriptedReply =
  | string
  | {
      readonly content: string;
      readonly finishReason?: AIFinishReason;
      readonly usage?: AIUsage;
      readonly model?: string;
    }
  | { readonly chunks: readonly string[]; readonly finishReason?: AIFinishReason }
  | Error;

/** Replies by value (given every time), as a list (given in order) or by function. */
export type Script =
  | ScriptedReply
  | readonly ScriptedReply[]
  | ((request: AIRequest, callIndex: number) => ScriptedReply | Promise<ScriptedReply>);

/** Options of {@link createScriptedAIClient}. */
export interface ScriptedAIClientOptions {
  /** Default: vectors of word counts, so that texts with common words are close. */
  readonly embed?: (value: string) => readonly number[];
  /** Default: `scripted`. */
  readonly provider?: string;
}

/** An AIClient for tests. */
export interface ScriptedAIClient extends AIClient {
  /** Requests in the order they came, from `generate` and `stream` alike. */
  readonly calls: readonly AIRequest[];
  readonly embedCalls: readonly AIEmbedRequest[];
  /** @throws Error when replies of the list are left over */
  assertComplete(): void;
}

/**
 * Makes a scripted model.
 *
 * @param script what it replies
 * @example
 * const aiClient = createScriptedAIClient(['first reply', { content: 'cut', finishReason: 'length' }, new Error('down')]);
 */
export function createScriptedAIClient(script: Script, options: ScriptedAIClientOptions = {}): ScriptedAIClient {
  const { provider = 'scripted', embed = bagOfWords } = options;
  const calls: AIRequest[] = [];
  const embedCalls: AIEmbedRequest[] = [];
  const list = Array.isArray(script) ? (script as readonly ScriptedReply[]) : undefined;

  const replyTo = async (request: AIRequest): Promise<Exclude<ScriptedReply, Error>> => {
    const index = calls.push({ ...request, messages: [...request.messages] }) - 1;
    await Promise.resolve();
    if (request.signal?.aborted === true) throw cancellationError(request.signal, 'The model call');
    const reply =
      typeof script === 'function'
        ? await withTimeout(async () => script(request, index), {
            timeoutMs: request.timeoutMs,
            code: 'MODEL_TIMEOUT',
            what: 'The scripted model',
            signal: request.signal,
          })
        : list === undefined
          ? (script as ScriptedReply)
          : list[index];
    if (reply === undefined) {
      throw new GomindError({
        code: 'SCRIPT_EXHAUSTED',
        message: `The scripted model was asked ${String(index + 1)} times but has ${String(list?.length ?? 0)} replies. Add a reply, or find out who asks once more.`,
      });
    }
    if (reply instanceof Error) throw reply;
    return reply;
  };
  const answer = (reply: Exclude<ScriptedReply, Error>, request: AIRequest): AIResponse => {
    const whole =
      typeof reply === 'string'
        ? { content: reply }
        : 'chunks' in reply
          ? { ...reply, content: reply.chunks.join('') }
          : reply;
    return {
      content: whole.content,
      model: 'model' in whole ? (whole.model ?? 'scripted-model') : 'scripted-model',
      provider,
      usage: 'usage' in whole ? (whole.usage ?? usageOf(request, whole.content)) : usageOf(request, whole.content),
      finishReason: 'finishReason' in whole ? (whole.finishReason ?? 'stop') : 'stop',
    };
  };

  return {
    provider,
    calls,
    embedCalls,
    generate: async (request) => answer(await replyTo(request), request),
    stream: async function* (request): AsyncGenerator<AIStreamPart, void, undefined> {
      const reply = await replyTo(request);
      const response = answer(reply, request);
      const chunks = typeof reply === 'object' && 'chunks' in reply ? reply.chunks : splitWords(response.content);
      for (const text of chunks) {
        if (request.signal?.aborted === true) throw cancellationError(request.signal, 'The model call');
        yield { type: 'text-delta', text };
      }
      yield { type: 'finish', response };
    },
    embed: async (request) => {
      embedCalls.push(request);
      await Promise.resolve();
      const inputTokens = request.values.reduce((sum, value) => sum + tokensOf(value), 0);
      return {
        embeddings: request.values.map((value) => embed(value)),
        model: 'scripted-embedding',
        provider,
        usage: { inputTokens, totalTokens: inputTokens },
      };
    },
    assertComplete: () => {
      if (list !== undefined && calls.length < list.length) {
        throw new Error(
          `The scripted model still has ${String(list.length - calls.length)} of ${String(list.length)} replies.`,
        );
      }
    },
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function splitWords(text: string): string[] {
  return text.split(/(?<= )/);
}

/** About four characters a token, as English text has. */
function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

function usageOf(request: AIRequest, content: string): AIUsage {
  const inputTokens = request.messages.reduce((sum, message) => sum + tokensOf(message.content), 0);
  const outputTokens = tokensOf(content);
  return { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens };
}

const vectorLength = 64;

function bagOfWords(value: string): readonly number[] {
  const vector = new Array<number>(vectorLength).fill(0);
  for (const word of value.toLowerCase().match(/\p{L}+|\p{N}+/gu) ?? []) {
    let hash = 0;
    for (const character of word) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
    const slot = hash % vectorLength;
    vector[slot] = (vector[slot] ?? 0) + 1;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((count) => count / length);
}
