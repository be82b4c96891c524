/**
 * Asks a model for JSON until the answer is accepted: each refusal goes back with its diagnostics, at most N times, and
 * never twice for the same mistake.
 *
 * @module
 */
import { type AIClient, type AIMessage, type AIResponse, GomindError, type JsonSchema } from '@gomind/core';
import type { Diagnostic } from '../plan/diagnostic.ts';
import { callModel, type ModelCallOptions } from './call-model.ts';
import { extractJson } from './extract-json.ts';
import { quoteData } from './quote-data.ts';

/** Diagnostics that go back at once. */
const maxProblems = 20;

/** A model's answer as its reader judged it. */
export type JsonVerdict<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Options of {@link generateJson}. */
export interface GenerateJsonOptions<T> extends ModelCallOptions {
  readonly messages: readonly AIMessage[];
  /** Name and schema for providers that can enforce one. */
  readonly schema?: { readonly name: string; readonly schema: JsonSchema };
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  /** Whether a value has the form of an answer, for replies that hold several. Default: their places tell. */
  readonly fits?: (value: unknown) => boolean;
  /** Judges a parsed value. */
  readonly read: (value: unknown) => JsonVerdict<T>;
  /** Further questions after a refused answer. Default: 2. */
  readonly maxRepairs?: number;
  /** What the model must know besides the diagnostics of its refused answer; goes back as quoted data. Default: nothing. */
  readonly repairData?: () => Readonly<Record<string, unknown>>;
  /** Called with each refusal, counted from 1. */
  readonly onRejected?: (diagnostics: readonly Diagnostic[], attempt: number) => void;
}

/** An accepted answer. */
export interface GeneratedJson<T> {
  readonly value: T;
  /** Diagnostics that the accepted answer mended; empty when the first answer was accepted. */
  readonly repaired: readonly Diagnostic[];
  /** Calls made, the first one included. */
  readonly attempts: number;
}

/**
 * Gets a JSON value from a model.
 *
 * @throws GomindError `MODEL_TRUNCATED` or `MODEL_INVALID_JSON` when no answer could be read, `MODEL_ANSWER_REJECTED` when the
 * reader refused them all (each with `details.diagnostics`); else what {@link callModel} throws
 */
export async function generateJson<T>(aiClient: AIClient, options: GenerateJsonOptions<T>): Promise<GeneratedJson<T>> {
  const maxRepairs = options.maxRepairs ?? 2;
  const messages: AIMessage[] = [...options.messages];
  const seenMistakes = new Set<string>();
  let repaired: readonly Diagnostic[] = [];
  for (let attempt = 1; ; attempt++) {
    const response = await callModel(aiClient, requestOf(options, messages), options);
    const verdict = judge(response, options);
    if (verdict.ok) return { value: verdict.value, repaired, attempts: attempt };

    const { diagnostics } = verdict;
    options.onRejected?.(diagnostics, attempt);
    const mistake = JSON.stringify(diagnostics.map(({ code, step, path, message }) => [code, step, path, message]));
    if (attempt > maxRepairs || seenMistakes.has(mistake)) throw rejection(diagnostics, attempt);
    seenMistakes.add(mistake);
    repaired = diagnostics;
    messages.push(
      { role: 'assistant', content: response.content },
      { role: 'user', content: repairPrompt(diagnostics, options.repairData?.() ?? {}) },
    );
  }
}

function requestOf<T>(
  options: GenerateJsonOptions<T>,
  messages: readonly AIMessage[],
): Parameters<AIClient['generate']>[0] {
  const { schema, temperature, maxOutputTokens } = options;
  return {
    messages: [...messages],
    responseFormat: { type: 'json', ...schema },
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

function judge<T>(
  { content, finishReason }: AIResponse,
  { read, fits }: Pick<GenerateJsonOptions<T>, 'read' | 'fits'>,
): JsonVerdict<T> {
  const extracted = extractJson(content, { finishReason, ...(fits === undefined ? {} : { fits }) });
  return extracted.ok ? read(extracted.value) : extracted;
}

/**
 * The question that goes back with the diagnostics of a refused answer. They name what stands in a registry, so they are data
 * like everything else that comes from there.
 */
function repairPrompt(diagnostics: readonly Diagnostic[], data: Readonly<Record<string, unknown>>): string {
  const problems = diagnostics
    .slice(0, maxProblems)
    .map(({ code, message, step, path, suggestion }) => ({ code, step, path, message, suggestion }));
  return [
    'Your answer cannot be used as it is. What is wrong with it, as data:',
    quoteData({ problems, ...data }),
    'Answer again with the whole corrected JSON value and nothing else.',
  ].join('\n');
}

function rejection(diagnostics: readonly Diagnostic[], attempts: number): GomindError {
  const first = diagnostics[0];
  const codes: Readonly<Record<string, string>> = {
    PLAN_TRUNCATED: 'MODEL_TRUNCATED',
    MODEL_INVALID_JSON: 'MODEL_INVALID_JSON',
  };
  return new GomindError({
    code: codes[first?.code ?? ''] ?? 'MODEL_ANSWER_REJECTED',
    message: `The model gave no usable answer in ${String(attempts)} attempts; the last problem: ${first?.message ?? 'unknown'}`,
    details: { diagnostics, attempts },
  });
}
