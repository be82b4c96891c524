/**
 * What a model sees of a run when it writes the answer: data within bounds, without hidden characters. Whoever puts it into a
 * prompt quotes it.
 *
 * @module
 */
import { plainData, plainText } from '../llm/quote-data.ts';
import type { SynthesisInput } from './synthesizer.ts';

/** Bounds of {@link resultData}. */
export interface ResultBounds {
  /** Characters of each step's output. Default: 8,000. */
  readonly maxOutputCharacters?: number;
  /** Characters of all outputs together, shared evenly. Default: 60,000. */
  readonly maxTotalCharacters?: number;
}

const outputBounds = { maxTextLength: 4_000, maxItems: 200, maxDepth: 12 };
const maxSentenceLength = 500;
const leastOutputCharacters = 100;

/**
 * The results of a plan's steps, in its order.
 *
 * @param input plan and result
 */
export function resultData({ plan, result }: SynthesisInput, bounds: ResultBounds = {}): readonly unknown[] {
  const { maxOutputCharacters = 8_000, maxTotalCharacters = 60_000 } = bounds;
  const share = Math.floor(maxTotalCharacters / Math.max(1, plan.steps.length));
  const most = Math.max(leastOutputCharacters, Math.min(maxOutputCharacters, share));
  return plan.steps.map((step) => {
    const outcome = result.steps[step.name];
    return {
      step: step.name,
      tool: `${step.component ?? step.kind ?? ''}.${step.action ?? ''}`,
      status: outcome?.status ?? 'skipped',
      ...(outcome?.output === undefined ? {} : { output: bounded(outcome.output, most) }),
      ...(outcome?.error === undefined ? {} : { error: plainText(outcome.error.message, maxSentenceLength) }),
      ...(outcome?.reason === undefined ? {} : { reason: plainText(outcome.reason, maxSentenceLength) }),
    };
  });
}

/** The output itself while it is small; else its beginning as text, marked as cut. */
function bounded(output: unknown, maxCharacters: number): unknown {
  const plain = plainData(output, outputBounds);
  const text = JSON.stringify(plain);
  return text.length <= maxCharacters
    ? plain
    : `${text.slice(0, maxCharacters)} ... (cut, ${String(text.length)} characters in all)`;
}
