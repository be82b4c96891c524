/**
 * The plainest answer: what each step said, one line a step.
 *
 * @module
 */
import { type PhraseBook, phraseBook } from './answer-phrases.ts';
import { type AnswerPart, joinParts } from './citations.ts';
import { renderOutput } from './render-value.ts';
import type { SynthesisInput, Synthesizer } from './synthesizer.ts';

/** A run's failures in words: causes only, never the steps skipped because of them. */
export function failureParts({ result }: Pick<SynthesisInput, 'result'>): AnswerPart[] {
  return result.errors.map(({ message, step }) => ({ text: message, steps: step === undefined ? [] : [step] }));
}

/** Options of {@link createJoinSynthesizer}. */
export interface JoinSynthesizerOptions {
  /** The fixed words. Default: the house's, in the language of the request. */
  readonly phrases?: PhraseBook;
}

/** Makes a synthesizer that joins `step: output` lines and adds what failed. */
export function createJoinSynthesizer(options: JoinSynthesizerOptions = {}): Synthesizer {
  const phrasesOf = phraseBook(options.phrases);
  return {
    strategy: 'join',
    synthesize: ({ request, plan, result }) => {
      const lines = plan.steps.flatMap((step): AnswerPart[] => {
        const outcome = result.steps[step.name];
        const text = `${step.name}: ${renderOutput(outcome?.output)}`;
        return outcome?.status === 'completed' ? [{ text, steps: [step.name] }] : [];
      });
      const parts = [...lines, ...failureParts({ result })];
      const nothing: AnswerPart = { text: phrasesOf(request).noAnswer, steps: [] };
      return Promise.resolve(joinParts(parts.length > 0 ? parts : [nothing]));
    },
  };
}
