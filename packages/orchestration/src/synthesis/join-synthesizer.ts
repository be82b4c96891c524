/**
 * The plainest answer: what each step said, one line a step.
 *
 * @module
 */
import { type AnswerPart, joinParts } from './citations.ts';
import { renderOutput } from './render-value.ts';
import type { SynthesisInput, Synthesizer } from './synthesizer.ts';

/** A run's failures in words: causes only, never the steps skipped because of them. */
export function failureParts({ result }: Pick<SynthesisInput, 'result'>): AnswerPart[] {
  return result.errors.map(({ message, step }) => ({ text: message, steps: step === undefined ? [] : [step] }));
}

/** Makes a synthesizer that joins `step: output` lines and adds what failed. */
export function createJoinSynthesizer(): Synthesizer {
  return {
    strategy: 'join',
    synthesize: ({ plan, result }) => {
      const lines = plan.steps.flatMap((step): AnswerPart[] => {
        const outcome = result.steps[step.name];
        const text = `${step.name}: ${renderOutput(outcome?.output)}`;
        return outcome?.status === 'completed' ? [{ text, steps: [step.name] }] : [];
      });
      const parts = [...lines, ...failureParts({ result })];
      return Promise.resolve(joinParts(parts.length > 0 ? parts : [{ text: 'No step gave an answer.', steps: [] }]));
    },
  };
}
