/**
 * Fields that every log record made during an operation carries: the run's ids, most of all.
 *
 * @module
 */
import type { LogFields } from '@gomind/core';
import { currentFrame, runInFrame } from './active-frame.ts';

const noFields: LogFields = {};

/**
 * Runs an operation in whose log records (by `createJsonLogger`) these fields appear, whoever writes them.
 *
 * @param fields added to those already in force; for ids use `run_id`, `step_id` and `request_id`
 * @returns what the operation returns
 * @throws what the operation throws
 * @example
 * ```ts
 * await withLogContext({ run_id: runId }, () => runWorkflow(workflow));
 * ```
 */
export function withLogContext<T>(fields: LogFields, operation: () => T): T {
  return runInFrame({ trace: currentFrame()?.trace, logFields: joinedLogFields(fields) }, operation);
}

/** The fields in force here. */
export function currentLogFields(): LogFields {
  return currentFrame()?.logFields ?? noFields;
}

/** The fields in force here, with further ones. */
export function joinedLogFields(fields: LogFields | undefined): LogFields | undefined {
  const outer = currentFrame()?.logFields;
  if (fields === undefined || outer === undefined) return fields ?? outer;
  return { ...outer, ...fields };
}
