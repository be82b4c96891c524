/**
 * Checks what a caller hands to the engine, before anything starts.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import { checkRunOptions } from '../../plan/events/check-run-options.ts';
import { isRecord } from '../../plan/is-record.ts';
import { requireDefinition } from '../check-definition.ts';
import type { WorkflowDefinition } from '../definition.ts';

const accepted =
  'A workflow is run by its registered name, or as a definition: the "workflow" of parseWorkflow(text), or what workflow(...).build() returns.';

/** What a run is started with. */
export interface RunArguments {
  readonly workflow: unknown;
  readonly inputs: unknown;
  readonly options: unknown;
}

/**
 * Checks the arguments of a run; JavaScript callers are not held by types.
 *
 * @throws GomindError `CONFIG_INVALID`
 */
export function checkRunArguments({ workflow, inputs, options }: RunArguments): void {
  checkRunOptions('execute', options);
  if (!isRecord(inputs)) throw invalid('The inputs of a workflow must be an object of values by name.');
  if (typeof workflow === 'string') checkName(workflow);
  else requireDefinition(workflow, { verb: 'run', accepted });
}

/** A file's text in the place of a name would only be told as a name that nobody knows. */
function checkName(name: string): void {
  if (/[\r\n{]|: /.test(name))
    throw invalid('This is the text of a workflow; run the "workflow" that parseWorkflow(text) returns.');
}

/**
 * Checks what of a definition would keep its run from ever ending: those that no file was read for were not checked.
 *
 * @throws GomindError `CONFIG_INVALID`
 */
export function checkDefinition({ name, maxConcurrency }: WorkflowDefinition): void {
  if (maxConcurrency === undefined || (Number.isSafeInteger(maxConcurrency) && maxConcurrency >= 1)) return;
  throw invalid(
    `maxConcurrency of the workflow "${name}" is ${String(maxConcurrency)}, but must be a whole number from 1 on.`,
  );
}

function invalid(message: string): GomindError {
  return new GomindError({ code: 'CONFIG_INVALID', message });
}
