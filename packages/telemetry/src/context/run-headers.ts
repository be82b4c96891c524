/**
 * The ids of a run as one component tells them to another, and as its spans carry them.
 *
 * @module
 */
import type { Attributes, LogFields } from '@gomind/core';
import { gomindAttribute } from '../names/gomind.ts';

const fieldByHeader = { 'x-gomind-run-id': 'run_id', 'x-gomind-step-id': 'step_id' } as const;

/** Printable and short: these come from outside and go into every log record. */
const idPattern = /^[\x20-\x7e]{1,128}$/;

/** Log fields from the headers `x-gomind-run-id` and `x-gomind-step-id`; unusable values are left out. */
export function runFields(headers: Readonly<Record<string, string | undefined>>): LogFields {
  const fields: Record<string, string> = {};
  for (const [header, field] of Object.entries(fieldByHeader)) {
    const value = headers[header];
    if (value !== undefined && idPattern.test(value)) fields[field] = value;
  }
  return fields;
}

/** Log fields of a span that belongs to a run; undefined for any other. */
export function spanFields(attributes: Attributes | undefined): LogFields | undefined {
  const runId = attributes?.[gomindAttribute.runId];
  if (runId === undefined) return undefined;
  const stepId = attributes?.[gomindAttribute.stepName];
  return { run_id: runId, ...(stepId === undefined ? {} : { step_id: stepId }) };
}
