/**
 * Records of what models were asked and what they answered, for each run: a wrapper around the AIClient that all callers share,
 * so that none has to think of it. Off unless it is asked for; bounded; secrets are taken out before anything is kept.
 *
 * @module
 */
import {
  type AIClient,
  type AIMessage,
  type AIRequest,
  type AIResponse,
  type AIStreamPart,
  type Clock,
  redact,
  toGomindError,
} from '@gomind/core';
import type { ModelCall } from '../plan/model-call.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';

/** Bounds and redaction of a {@link ModelCallStore}. */
export interface ModelCallStoreOptions {
  /** Runs whose calls are kept; the oldest go. Default: 100. */
  readonly maxRuns?: number;
  /** Calls kept of one run: its first ones. Default: 50. */
  readonly maxCallsPerRun?: number;
  /** Characters kept of each message and answer. Default: 16,384. */
  readonly maxTextLength?: number;
  /** Values that are never kept, such as keys. Default: none. */
  readonly secrets?: readonly string[];
  /** Names of JSON members whose values are never kept, besides those that look like secrets. Default: none. */
  readonly fields?: readonly string[];
  readonly clock: Clock;
}

/** Keeps the model calls of runs. */
export interface ModelCallStore {
  /** A client whose calls inside {@link ModelCallStore.track} are kept. */
  wrap(aiClient: AIClient): AIClient;
  /** Does the work of a run; its model calls are kept, and told as `model.called` events. */
  track<T>(run: { readonly runId: string; readonly emit: (event: RunEventBody) => void }, work: () => T): T;
  /** The calls of a run that have ended, by number; empty for a run that is unknown or forgotten. */
  callsOf(runId: string): readonly ModelCall[];
}

/** Keeps nothing. */
export const noModelCallStore: ModelCallStore = {
  wrap: (aiClient) => aiClient,
  track: (_run, work) => work(),
  callsOf: () => [],
};

interface TrackedRun {
  readonly runId: string;
  readonly emit: (event: RunEventBody) => void;
  begun: number;
  readonly calls: ModelCall[];
}

/** What is known of a call before it is made. */
type Question = Pick<ModelCall, 'kind' | 'messages' | 'settings'> & { readonly purpose?: string };
type Outcome = Partial<Pick<ModelCall, 'model' | 'answer' | 'finishReason' | 'usage' | 'error'>>;

/** Makes a store in memory. */
export function createModelCallStore(options: ModelCallStoreOptions): ModelCallStore {
  const { clock, maxRuns = 100, maxCallsPerRun = 50, maxTextLength = 16_384, secrets = [], fields = [] } = options;
  // Loaded on first need, like every module that only some use.
  const { AsyncLocalStorage } = process.getBuiltinModule('node:async_hooks');
  const current = new AsyncLocalStorage<TrackedRun>();
  const runs = new Map<string, TrackedRun>();
  const safe = (text: string): string => String(redact(text, { secrets, fields, maxTextLength }));

  /** @returns what to call when it ends */
  const begin = (provider: string, question: Question): ((outcome: Outcome) => void) => {
    const run = current.getStore();
    if (run === undefined || run.begun >= maxCallsPerRun) return () => undefined;
    const number = ++run.begun;
    const startedAt = clock.now();
    const from = clock.monotonicMs();
    return ({ answer, error, ...outcome }) => {
      const call: ModelCall = {
        runId: run.runId,
        number,
        provider,
        ...question,
        messages: question.messages.map(({ role, content }): AIMessage => ({ role, content: safe(content) })),
        settings: redact(question.settings, { secrets, fields }) as Readonly<Record<string, unknown>>,
        ...outcome,
        ...(answer === undefined ? {} : { answer: safe(answer) }),
        ...(error === undefined ? {} : { error: { code: error.code, message: safe(error.message) } }),
        startedAt,
        durationMs: clock.monotonicMs() - from,
      };
      run.calls.push(call);
      run.emit({ type: 'model.called', call });
    };
  };

  return {
    wrap: (aiClient) => recording(aiClient, (question) => begin(aiClient.provider, question)),
    track: (run, work) => {
      const tracked: TrackedRun = { ...run, begun: 0, calls: [] };
      runs.set(run.runId, tracked);
      for (const runId of runs.keys()) {
        if (runs.size <= maxRuns) break;
        runs.delete(runId);
      }
      return current.run(tracked, work);
    },
    callsOf: (runId) => (runs.get(runId)?.calls ?? []).toSorted((left, right) => left.number - right.number),
  };
}

type Begin = (question: Question) => (outcome: Outcome) => void;

function recording(aiClient: AIClient, begin: Begin): AIClient {
  const { isConfigured, capabilities, circuits } = aiClient;
  const priceUsd = aiClient.priceUsd?.bind(aiClient);
  return {
    provider: aiClient.provider,
    ...(isConfigured === undefined ? {} : { isConfigured }),
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(circuits === undefined ? {} : { circuits }),
    ...(priceUsd === undefined ? {} : { priceUsd }),
    generate: async (request) => {
      const end = begin(questionOf(request, 'generate'));
      return told(end, async () => aiClient.generate(request), answerOf);
    },
    stream: (request) => recordStream(aiClient.stream(request), begin(questionOf(request, 'stream'))),
    embed: async (request) => {
      const messages = request.values.map((content): AIMessage => ({ role: 'user', content }));
      const end = begin({ kind: 'embed', messages, settings: {} });
      return told(
        end,
        async () => aiClient.embed(request),
        ({ model, usage }) => ({ model, usage }),
      );
    },
    // The client stays its owner's.
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function told<T>(
  end: (outcome: Outcome) => void,
  call: () => Promise<T>,
  outcomeOf: (response: T) => Outcome,
): Promise<T> {
  try {
    const response = await call();
    end(outcomeOf(response));
    return response;
  } catch (error) {
    end({ error: toGomindError(error, { code: 'MODEL_BAD_RESPONSE', message: 'The model call failed' }).toJSON() });
    throw error;
  }
}

/** A reader may leave early; what came until then is told. */
async function* recordStream(
  parts: AsyncIterable<AIStreamPart>,
  end: (outcome: Outcome) => void,
): AsyncGenerator<AIStreamPart, void, undefined> {
  let text = '';
  let outcome: Outcome | undefined;
  try {
    for await (const part of parts) {
      if (part.type === 'text-delta') text += part.text;
      else outcome = answerOf(part.response);
      yield part;
    }
  } catch (error) {
    const { code, message } = toGomindError(error, { code: 'MODEL_BAD_RESPONSE', message: 'The stream failed' });
    outcome = { answer: text, error: { code, message } };
    throw error;
  } finally {
    end(outcome ?? { answer: text });
  }
}

function answerOf({ content, model, finishReason, usage }: AIResponse): Outcome {
  return { answer: content, model, finishReason, usage };
}

function questionOf(request: AIRequest, kind: 'generate' | 'stream'): Question {
  const { messages, purpose, signal: _signal, ...settings } = request;
  return { kind, messages, settings, ...(purpose === undefined ? {} : { purpose }) };
}
