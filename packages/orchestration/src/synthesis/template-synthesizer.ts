/**
 * An answer without a model: the caller's own template, or a plain paragraph of what each step found.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import { compileTemplate } from '../plan/expressions/compile-template.ts';
import { referencedSteps } from '../plan/expressions/collect-references.ts';
import { resolveExpressions } from '../plan/expressions/resolve-expressions.ts';
import { type AnswerPhrases, type PhraseBook, phraseBook } from './answer-phrases.ts';
import { type AnswerPart, joinParts, type SynthesizedAnswer } from './citations.ts';
import { failureParts } from './join-synthesizer.ts';
import { renderOutput } from './render-value.ts';
import type { SynthesisInput, Synthesizer } from './synthesizer.ts';

/** Options of {@link createTemplateSynthesizer}. */
export interface TemplateSynthesizerOptions {
  /**
   * Text with `${steps.x.output.y}` expressions. A template that cannot be resolved (a step failed) falls back to the
   * plain paragraph. Default: the plain paragraph.
   */
  readonly template?: string;
  /** The fixed words. Default: the house's, in the language of the request. */
  readonly phrases?: PhraseBook;
}

/**
 * Makes a synthesizer that needs no model.
 *
 * @throws GomindError `CONFIG_INVALID` for a template that cannot be read
 */
export function createTemplateSynthesizer(options: TemplateSynthesizerOptions = {}): Synthesizer {
  checkTemplate(options.template);
  const phrasesOf = phraseBook(options.phrases);
  return {
    strategy: 'template',
    synthesize: (input) =>
      Promise.resolve(fillTemplate(options.template, input) ?? plainAnswer(input, phrasesOf(input.request))),
  };
}

function checkTemplate(template: string | undefined): void {
  if (template === undefined) return;
  try {
    compileTemplate(template);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message: `The template of answers cannot be read: ${reason}`,
      cause,
    });
  }
}

function fillTemplate(template: string | undefined, { result }: SynthesisInput): SynthesizedAnswer | undefined {
  if (template === undefined) return undefined;
  try {
    const value = resolveExpressions(template, { steps: result.steps, run: { id: result.runId } });
    const text = typeof value === 'string' ? value : renderOutput(value);
    return joinParts([{ text, steps: [...referencedSteps(template)] }]);
  } catch (error) {
    if (GomindError.isInstance(error)) return undefined;
    throw error;
  }
}

/** What was found, in the plan's order, then what could not be done. Outputs that only feed other steps come as well: they explain the rest. */
function plainAnswer({ plan, result }: SynthesisInput, phrases: AnswerPhrases): SynthesizedAnswer {
  const found = plan.steps.flatMap((step): AnswerPart[] => {
    const outcome = result.steps[step.name];
    return outcome?.status === 'completed' ? [{ text: renderOutput(outcome.output), steps: [step.name] }] : [];
  });
  const failed = failureParts({ result }).map((part) => ({ ...part, text: `- ${part.text}` }));
  if (found.length === 0 && failed.length === 0) return { text: phrases.noAnswer, citations: [] };
  return joinParts([...found, ...(failed.length > 0 ? [{ text: phrases.notDone, steps: [] }, ...failed] : [])]);
}
