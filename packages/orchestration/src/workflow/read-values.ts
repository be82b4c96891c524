/**
 * Reads the small values of workflow files: durations, retries, schemas of inputs.
 *
 * @module
 */
import { type JsonSchema, parseDurationMs } from '@gomind/core';
import type { StepRetry } from '../plan/routing-plan.ts';
import type { WorkflowInput } from './definition.ts';

/** Takes note of a problem below the value that is read. */
export type Report = (code: string, message: string, path: readonly (string | number)[]) => void;

/** Where and about which step. */
export interface ProblemPlace {
  readonly path: readonly (string | number)[];
  readonly step?: string;
}

/** Takes note of a problem. */
export type ReportProblem = (code: string, message: string, place: ProblemPlace) => void;

/** Files of other systems ask for tens of thousands; the run's own timeout is the real bound. */
const maxRetries = 1_000_000;

type Entries = Readonly<Record<string, unknown>>;

/** A plain object, or undefined. */
export function asEntries(value: unknown): Entries | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Entries) : undefined;
}

/** A duration above zero in milliseconds; reports what is none. */
export function readDuration(value: unknown, key: string, report: Report): number | undefined {
  if (value === undefined || value === null) return undefined;
  const durationMs = parseDurationMs(value);
  if (durationMs !== undefined && durationMs > 0) return durationMs;
  report(
    key === 'timeout' || key === 'time' ? 'BAD_TIMEOUT' : 'BAD_RETRY',
    `"${key}" is ${JSON.stringify(value)}, but must be a duration above 0: "250ms", "30s", "5m", or milliseconds.`,
    [key],
  );
  return undefined;
}

/** A retry policy; reports what is out of bounds. */
export function readRetry(value: unknown, report: Report): StepRetry | undefined {
  const record = asEntries(value);
  if (record === undefined) return undefined;
  const below: Report = (code, message, path) => {
    report(code, message, ['retry', ...path]);
  };
  const maxAttempts = record['max_attempts'] ?? 3;
  if (
    typeof maxAttempts !== 'number' ||
    !Number.isInteger(maxAttempts) ||
    maxAttempts < 1 ||
    maxAttempts > maxRetries
  ) {
    below(
      'BAD_RETRY',
      `"max_attempts" is ${JSON.stringify(maxAttempts)}, but must be a whole number from 1 to 1,000,000 (the first call counts).`,
      ['max_attempts'],
    );
    return undefined;
  }
  const factor = record['backoff_factor'];
  if (factor !== undefined && (typeof factor !== 'number' || !(factor >= 1))) {
    below('BAD_RETRY', `"backoff_factor" is ${JSON.stringify(factor)}, but must be a number from 1 on.`, [
      'backoff_factor',
    ]);
    return undefined;
  }
  const backoff = record['backoff'] as StepRetry['backoff'];
  const jitter = record['jitter'] as boolean | undefined;
  const initialWaitMs = readDuration(record['initial_wait'], 'initial_wait', below);
  const maxWaitMs = readDuration(record['max_wait'], 'max_wait', below);
  return {
    maxAttempts,
    ...(backoff === undefined ? {} : { backoff }),
    ...(factor === undefined ? {} : { backoffFactor: factor }),
    ...(initialWaitMs === undefined ? {} : { initialWaitMs }),
    ...(maxWaitMs === undefined ? {} : { maxWaitMs }),
    ...(jitter === undefined ? {} : { jitter }),
  };
}

/** An input declaration: a type name, a JSON Schema with `required` and `default`, or `{schema, required, default}`. */
export function readInput(value: unknown): WorkflowInput {
  if (value === null || value === undefined) return { schema: {}, required: false };
  if (typeof value === 'string') return { schema: { type: value }, required: false };
  const { required, default: fallback, ...rest } = value as Entries;
  const apart = schemaApart(rest);
  return {
    // A list is JSON Schema's own "required", which belongs to the schema of an object.
    schema: apart ?? (Array.isArray(required) ? { ...rest, required: required as string[] } : rest),
    required: required === true,
    ...(Object.hasOwn(value, 'default') ? { default: fallback } : {}),
  };
}

/**
 * The schema of a declaration that keeps it apart (`schema: {...}`), for schemas whose words mean something else beside it.
 *
 * @param rest what a declaration says beside the words that are not the schema's
 */
export function schemaApart(rest: Entries): JsonSchema | undefined {
  return Object.keys(rest).length === 1 ? asEntries(rest['schema']) : undefined;
}
