/**
 * Pure rules that turn a run's outcome into an OrchestratorResponse.
 *
 * @module
 */
import type { AIUsage } from '@gomind/core';
import type { ExecutionResult, RunError } from '../plan/execution-result.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { OrchestratorResponse, ResponseMode, ResponseStatus } from './orchestrator-response.ts';

/** What every response of a request has in common. */
export interface ResponseFrame {
  readonly requestId: string;
  readonly mode: ResponseMode;
  readonly executionTimeMs: number;
  readonly usage: AIUsage;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Troubles before and after execution: a model that failed, a synthesis that failed. */
  readonly troubles: readonly RunError[];
}

/**
 * The response of a request whose plan was run.
 *
 * @param frame what all responses share
 * @param outcome plan, result, answer, and whether lesser means were used
 */
export function respondWithResult(
  frame: ResponseFrame,
  outcome: {
    readonly plan: RoutingPlan;
    readonly result: ExecutionResult;
    readonly answer: string;
    readonly isDegraded: boolean;
  },
): OrchestratorResponse {
  const { plan, result, answer, isDegraded } = outcome;
  const { troubles, ...shared } = frame;
  const results = plan.steps.map((step) => result.steps[step.name]);
  const completed = results.filter((step) => step?.status === 'completed').length;
  const share = plan.steps.length === 0 ? 0 : completed / plan.steps.length;
  return {
    ...shared,
    status: statusOf(result, completed, isDegraded),
    response: answer,
    plan,
    steps: result.steps,
    agentsInvolved: calledComponents(plan, result),
    errors: [...troubles, ...result.errors],
    confidence: frame.mode === 'basic-router' ? share / 2 : share,
  };
}

/**
 * The response of a request for which there is no plan.
 *
 * @param frame what all responses share
 * @param refusal status and words
 */
export function respondWithoutPlan(
  frame: ResponseFrame,
  refusal: { readonly status: ResponseStatus; readonly answer: string; readonly error: RunError },
): OrchestratorResponse {
  const { troubles, ...shared } = frame;
  return {
    ...shared,
    status: refusal.status,
    response: refusal.answer,
    steps: {},
    agentsInvolved: [],
    errors: [...troubles, refusal.error],
    confidence: 0,
  };
}

function statusOf(result: ExecutionResult, completed: number, isDegraded: boolean): ResponseStatus {
  if (result.errors.length > 0) return completed === 0 ? 'failed' : 'partial';
  return isDegraded ? 'degraded' : 'completed';
}

function calledComponents(plan: RoutingPlan, result: ExecutionResult): string[] {
  const called = plan.steps
    .filter((step) => (result.steps[step.name]?.attempts ?? 0) > 0)
    .flatMap((step) => (step.component === undefined ? [] : [step.component]));
  return [...new Set(called)];
}

/** Usage before any model was called. */
export const noUsage: AIUsage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 };

/**
 * The sum of two usages; the price stays unknown as long as one of them is.
 *
 * @param total the sum so far
 * @param usage one more call
 */
export function addUsage(total: AIUsage, usage: AIUsage): AIUsage {
  const isFirst = total.totalTokens === 0;
  const costUsd =
    usage.costUsd !== undefined && (isFirst || total.costUsd !== undefined)
      ? (total.costUsd ?? 0) + usage.costUsd
      : undefined;
  return {
    inputTokens: total.inputTokens + usage.inputTokens,
    outputTokens: total.outputTokens + usage.outputTokens,
    totalTokens: total.totalTokens + usage.totalTokens,
    ...(costUsd === undefined ? {} : { costUsd }),
  };
}
