/**
 * The plainest answer: what each step said, one line a step.
 *
 * @module
 */
import { renderOutput } from './render-value.ts';
import type { SynthesisInput, Synthesizer } from './synthesizer.ts';

/** Lines of a run's failures: causes only, never the steps skipped because of them. */
export function failureLines({ result }: Pick<SynthesisInput, 'result'>): string[] {
  return result.errors.map((error) => error.message);
}

/** Makes a synthesizer that joins `step: output` lines and adds what failed. */
export function createJoinSynthesizer(): Synthesizer {
  return {
    strategy: 'join',
    synthesize: ({ plan, result }) => {
      const lines = plan.steps.flatMap((step) => {
        const outcome = result.steps[step.name];
        return outcome?.status === 'completed' ? [`${step.name}: ${renderOutput(outcome.output)}`] : [];
      });
      return Promise.resolve([...lines, ...failureLines({ result })].join('\n') || 'No step gave an answer.');
    },
  };
}
