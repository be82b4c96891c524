/**
 * Fields that every log record made during an operation carries: the run's ids, most of all.
 *
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogFields } from '@gomind/core';

const storage = new AsyncLocalStorage<LogFields>();
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
  return storage.run({ ...storage.getStore(), ...fields }, operation);
}

/** The fields in force here. */
export function currentLogFields(): LogFields {
  return storage.getStore() ?? noFields;
}
