/**
 * Tells a workflow from what is often given in its place; JavaScript callers are not held by types.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import { isRecord } from '../plan/is-record.ts';
import type { WorkflowDefinition } from './definition.ts';

/**
 * Checks that a value is a workflow as `parseWorkflow` and the builder make it.
 *
 * @param wording what the caller does with it, and what is accepted, as a sentence
 * @throws GomindError `CONFIG_INVALID`
 */
export function requireDefinition(
  value: unknown,
  { verb, accepted }: { readonly verb: string; readonly accepted: string } = usual,
): asserts value is WorkflowDefinition {
  if (isDefinition(value)) return;
  const message =
    isRecord(value) && 'diagnostics' in value
      ? `This is what parseWorkflow returns; ${verb} its "workflow", which is there when "ok" is true.`
      : accepted;
  throw new GomindError({ code: 'CONFIG_INVALID', message });
}

const usual = {
  verb: 'use',
  accepted: 'A workflow is the "workflow" of parseWorkflow(text), or what workflow(...).build() returns.',
};

function isDefinition(value: unknown): boolean {
  if (!isRecord(value) || !isRecord(value['inputs']) || !isRecord(value['outputs'])) return false;
  const { steps } = value;
  return Array.isArray(steps) && steps.every((step) => isRecord(step) && Array.isArray(step['dependsOn']));
}
