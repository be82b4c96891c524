/**
 * An answer without a model: the caller's own template, or a plain paragraph of what each step found.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import { resolveExpressions } from '../plan/expressions/resolve-expressions.ts';
import { failureLines } from './join-synthesizer.ts';
import { renderOutput } from './render-value.ts';
import type { SynthesisInput, Synthesizer } from './synthesizer.ts';

/** Options of {@link createTemplateSynthesizer}. */
export interface TemplateSynthesizerOptions {
  /**
   * Text with `${steps.x.output.y}` expressions. A template that cannot be resolved (a step failed) falls back to the
   * plain paragraph. Default: the plain paragraph.
   */
  readonly template?: string;
}

/** Makes a synthesizer that needs no model. */
export function createTemplateSynthesizer(options: TemplateSynthesizerOptions = {}): Synthesizer {
  return {
    strategy: 'template',
    synthesize: (input) => Promise.resolve(fillTemplate(options.template, input) ?? plainAnswer(input)),
  };
}

function fillTemplate(template: string | undefined, { result }: SynthesisInput): string | undefined {
  if (template === undefined) return undefined;
  try {
    const text = resolveExpressions(template, { steps: result.steps, run: { id: result.runId } });
    return typeof text === 'string' ? text : renderOutput(text);
  } catch (error) {
    if (GomindError.isInstance(error)) return undefined;
    throw error;
  }
}

/** What was found, in the plan's order, then what could not be done. Outputs that only feed other steps come as well: they explain the rest. */
function plainAnswer({ plan, result }: SynthesisInput): string {
  const found = plan.steps.flatMap((step) => {
    const outcome = result.steps[step.name];
    return outcome?.status === 'completed' ? [renderOutput(outcome.output)] : [];
  });
  const failed = failureLines({ result });
  if (found.length === 0 && failed.length === 0) return 'No step gave an answer.';
  return [
    ...found,
    ...(failed.length > 0 ? ['What could not be done:', ...failed.map((line) => `- ${line}`)] : []),
  ].join('\n');
}
