/**
 * What a synthesizer returned, held to its contract: JavaScript callers are not held by types.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { Citation, SynthesizedAnswer } from './citations.ts';

/**
 * The answer; citations that are none are left out.
 *
 * @param returned what it returned, whatever that is
 * @param strategy the synthesizer's, for the message
 * @throws GomindError `SYNTHESIS_FAILED` when there is no text
 */
export function readAnswer(returned: unknown, strategy: string): string | SynthesizedAnswer {
  if (typeof returned === 'string') return returned;
  const { text, citations } = Object(returned) as { text?: unknown; citations?: unknown };
  if (typeof text === 'string')
    return { text, citations: Array.isArray(citations) ? citations.filter(isCitation) : [] };
  throw new GomindError({
    code: 'SYNTHESIS_FAILED',
    message: `The synthesizer "${strategy}" must return a text or { text, citations }, and returned neither`,
  });
}

function isCitation(value: unknown): value is Citation {
  const { steps, start, end } = Object(value) as { steps?: unknown; start?: unknown; end?: unknown };
  return Array.isArray(steps) && Number.isInteger(start) && Number.isInteger(end);
}
