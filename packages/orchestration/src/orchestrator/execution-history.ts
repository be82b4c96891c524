/**
 * The last requests of an orchestrator, bounded.
 *
 * @module
 */
import { withoutSecrets } from '@gomind/core';
import type { RunError } from '../plan/execution-result.ts';
import type { RunState } from '../plan/events/fold-run.ts';
import { type ResponseMode, responseOf, type ResponseStatus } from './orchestrator-response.ts';

/** One finished request. */
export interface ExecutionRecord {
  readonly requestId: string;
  /** ISO 8601 time of the end. */
  readonly timestamp: string;
  /** At most 2,000 characters. */
  readonly request: string;
  /** At most 2,000 characters; empty when the request ended with an error. */
  readonly response: string;
  /** `cancelled` for a request that its caller gave up. */
  readonly status: ResponseStatus | 'cancelled';
  readonly mode?: ResponseMode;
  readonly agentsInvolved: readonly string[];
  readonly executionTimeMs: number;
  readonly errors: readonly RunError[];
}

const maxTextLength = 2_000;

/** A ring of {@link ExecutionRecord}s, kept without secrets. */
export class ExecutionHistory {
  readonly #capacity: number;
  readonly #records: ExecutionRecord[] = [];

  /** @param capacity records kept; 0 keeps none */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#records.length;
  }

  /** Adds a finished request, dropping the oldest beyond the capacity. */
  add(record: ExecutionRecord): void {
    const { request, response, ...rest } = withoutSecrets(record);
    this.#records.push({
      ...rest,
      request: request.slice(0, maxTextLength),
      response: response.slice(0, maxTextLength),
    });
    while (this.#records.length > this.#capacity) this.#records.shift();
  }

  /** Oldest first. */
  records(): ExecutionRecord[] {
    return [...this.#records];
  }
}

/**
 * The record of a request.
 *
 * @param state the last state of its run
 */
export function recordOf(state: RunState): ExecutionRecord {
  const response = responseOf(state);
  const shared = {
    requestId: state.runId,
    timestamp: new Date(state.endedAt ?? 0).toISOString(),
    request: state.request ?? '',
    executionTimeMs: state.durationMs ?? 0,
  };
  if (response !== undefined) {
    const { status, mode, agentsInvolved, errors } = response;
    return { ...shared, response: response.response, status, mode, agentsInvolved, errors };
  }
  return {
    ...shared,
    response: '',
    status: state.status === 'cancelled' ? 'cancelled' : 'failed',
    agentsInvolved: [],
    errors: state.error === undefined ? [] : [state.error],
  };
}
