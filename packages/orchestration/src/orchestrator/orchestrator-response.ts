/**
 * What a caller gets for a request.
 *
 * @module
 */
import type { AIUsage, Priority } from '@gomind/core';
import type { RunError, StepResult } from '../plan/execution-result.ts';
import type { RunState } from '../plan/events/fold-run.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { Citation } from '../synthesis/citations.ts';

/**
 * - `completed`: every part was done as asked
 * - `partial`: some steps failed, or the budget ran out; the answer says which
 * - `degraded`: answered, or refused, with lesser means (no model, or the model failed)
 * - `failed`: nothing could be done
 */
export type ResponseStatus = 'completed' | 'partial' | 'degraded' | 'failed';

/** Who made the plan: the model, a cache of its plans, or the basic router. `cached-answer`: nobody, an earlier answer was repeated. */
export type ResponseMode = 'ai' | 'cached-plan' | 'cached-answer' | 'basic-router';

/** The answer to one request, and how it came about. */
export interface OrchestratorResponse {
  readonly requestId: string;
  readonly status: ResponseStatus;
  readonly mode: ResponseMode;
  /** The answer in words. */
  readonly response: string;
  /** True when the answer is an earlier one to the same request, because neither model nor components could give a new one. */
  readonly isStale?: true;
  /** When a stale answer was first given, ISO 8601. */
  readonly answeredAt?: string;
  /** Absent when no plan could be made. */
  readonly plan?: RoutingPlan;
  /** Results by step name; empty when no plan could be made. */
  readonly steps: Readonly<Record<string, StepResult>>;
  /** Names of the components that were called, each once, in the plan's order. */
  readonly agentsInvolved: readonly string[];
  /** Causes of what went wrong, in order; steps skipped because of them are not listed. */
  readonly errors: readonly RunError[];
  /**
   * Share of the steps that completed, of those that were meant to run: one whose condition was false was not. Halved when the
   * basic router made the plan or the answer is stale; 0 without either.
   */
  readonly confidence: number;
  readonly executionTimeMs: number;
  /** Tokens of all model calls of this request. */
  readonly usage: AIUsage;
  /** What the caller gave, and which steps the answer's parts came from. */
  readonly metadata: ResponseMetadata;
}

/** What the caller gave, untouched but for the names that are listed. */
export interface ResponseMetadata {
  readonly [key: string]: unknown;
  /** Parts of `response` and the steps they rest on, in the order of the text; absent when nothing is known. */
  readonly citations?: readonly Citation[];
}

/** Per-request settings; unknown keys travel with the run. */
export interface RequestMetadata {
  readonly [key: string]: unknown;
  /** Whole-request deadline, `"30s"` or milliseconds. Default: the orchestrator's own. */
  readonly timeout?: string | number;
  /** `high` requests get slots, connections and places in components first, `low` ones last. Default: `normal`. */
  readonly priority?: Priority;
  /** False: no cache is read or written. Default: true. */
  readonly cache?: boolean;
  readonly conversation_id?: string;
  /**
   * Less than the orchestrator's own budget: `{ tokens, cost_usd, model_calls, tool_calls, time, step }`, each optional.
   * Default: the orchestrator's own.
   */
  readonly budget?: unknown;
}

/**
 * The response that a run of the orchestrator ended with; undefined when it ended with an error, or has not ended.
 *
 * @param state the run's state; only the orchestrator writes the last events of its runs, so what they carry is known
 */
export function responseOf(state: Pick<RunState, 'response'>): OrchestratorResponse | undefined {
  return state.response as OrchestratorResponse | undefined;
}
