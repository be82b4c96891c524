/**
 * What has become of an earlier plan, for a planner that plans the rest.
 *
 * @module
 */
import { redact } from '@gomind/core';
import { plainData } from '../llm/quote-data.ts';
import type { Diagnostic } from '../plan/diagnostic.ts';

/** How far an earlier plan came. */
export interface PlanProgress {
  /** Outputs of the steps that completed, by name; the rest may refer to them. */
  readonly finished: Readonly<Record<string, unknown>>;
  /** The steps that failed. */
  readonly failed: readonly { readonly step: string; readonly tool: string; readonly error: string }[];
}

/** What a planner is told besides its usual rules. */
export const progressRule =
  'An earlier plan came part of the way: "progress" holds the outputs of its finished steps by name, and what failed. Plan only what is left to do. Refer to a finished step as ${steps.NAME.output}; do not repeat it, do not use its name again, do not put it into "depends_on". Find another way around what failed; if there is none, answer with no steps and the reason.';

const maxOutputCharacters = 4_000;

/** The progress as it stands in a prompt: bounded, without what looks like a secret. */
export function describeProgress({ finished, failed }: PlanProgress): Readonly<Record<string, unknown>> {
  const shown = (value: unknown): unknown => {
    const plain = plainData(redact(value));
    const text = JSON.stringify(plain);
    return text.length <= maxOutputCharacters ? plain : `${text.slice(0, maxOutputCharacters)} ... (cut)`;
  };
  return {
    finished: Object.fromEntries(Object.entries(finished).map(([name, output]) => [name, shown(output)])),
    failed: failed.map(shown),
  };
}

/** Steps that take the name of a finished one, whose output would be lost. */
export function findTakenNames(reply: unknown, { finished }: PlanProgress): Diagnostic[] {
  if (typeof reply !== 'object' || reply === null || !('steps' in reply) || !Array.isArray(reply.steps)) return [];
  return reply.steps.flatMap((step: unknown, index): Diagnostic[] => {
    const name = typeof step === 'object' && step !== null && 'name' in step ? step.name : undefined;
    if (typeof name !== 'string' || !Object.hasOwn(finished, name)) return [];
    const message = `"${name}" is the name of a finished step. Use another one, or refer to its output.`;
    return [{ code: 'DUPLICATE_STEP', severity: 'error', message, step: name, path: `steps.${String(index)}.name` }];
  });
}

/** A model's plan for the rest, without the finished steps among its dependencies: they have settled. */
export function withoutFinished(reply: unknown, { finished }: PlanProgress): unknown {
  if (typeof reply !== 'object' || reply === null || !('steps' in reply) || !Array.isArray(reply.steps)) return reply;
  const left = (names: unknown): unknown =>
    Array.isArray(names) ? names.filter((name) => typeof name !== 'string' || !Object.hasOwn(finished, name)) : names;
  const steps = reply.steps.map((step: unknown) =>
    typeof step !== 'object' || step === null
      ? step
      : Object.fromEntries(
          Object.entries(step).map(([key, value]) => [
            key,
            key === 'depends_on' || key === 'dependsOn' ? left(value) : (value as unknown),
          ]),
        ),
  );
  return { ...reply, steps };
}
