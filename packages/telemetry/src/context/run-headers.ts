/**
 * The ids of a run as one component tells them to another.
 *
 * @module
 */
import type { LogFields } from '@gomind/core';

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
