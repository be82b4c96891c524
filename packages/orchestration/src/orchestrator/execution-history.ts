/**
 * The last requests of an orchestrator, bounded.
 *
 * @module
 */
import type { RunError } from '../plan/execution-result.ts';
import type { OrchestratorResponse, ResponseMode, ResponseStatus } from './orchestrator-response.ts';

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

/** A ring of {@link ExecutionRecord}s. */
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
    this.#records.push({
      ...record,
      request: record.request.slice(0, maxTextLength),
      response: record.response.slice(0, maxTextLength),
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
 * @param request the user's words
 * @param timestamp ISO 8601
 * @param response what the caller got
 */
export function recordOf(request: string, timestamp: string, response: OrchestratorResponse): ExecutionRecord {
  const { requestId, status, mode, agentsInvolved, executionTimeMs, errors } = response;
  return {
    requestId,
    timestamp,
    request,
    response: response.response,
    status,
    mode,
    agentsInvolved,
    executionTimeMs,
    errors,
  };
}
