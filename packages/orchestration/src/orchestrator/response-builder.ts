/**
 * Pure rules that turn a run's outcome into an OrchestratorResponse.
 *
 * @module
 */
import type { AIUsage } from '@gomind/core';
import type { RunError, StepResult } from '../plan/execution-result.ts';
import { isSettled, type RunState } from '../plan/fold-run.ts';
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
 * @param outcome plan, the run's state after it, answer, and whether lesser means were used
 */
export function respondWithResult(
  frame: ResponseFrame,
  outcome: {
    readonly plan: RoutingPlan;
    readonly state: RunState;
    readonly answer: string;
    readonly isDegraded: boolean;
  },
): OrchestratorResponse {
  const { plan, state, answer, isDegraded } = outcome;
  const { troubles, ...shared } = frame;
  const steps = settledSteps(plan, state);
  const completed = Object.values(steps).filter((step) => step.status === 'completed').length;
  const share = plan.steps.length === 0 ? 0 : completed / plan.steps.length;
  return {
    ...shared,
    status: statusOf([...troubles, ...state.errors], { hasFailures: state.errors.length > 0, completed, isDegraded }),
    response: answer,
    plan,
    steps,
    agentsInvolved: calledComponents(plan, steps),
    errors: [...troubles, ...state.errors],
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

/** In the plan's order. */
function settledSteps(plan: RoutingPlan, state: RunState): Record<string, StepResult> {
  return Object.fromEntries(
    plan.steps.flatMap(({ name }) => {
      const step = Object.hasOwn(state.steps, name) ? state.steps[name] : undefined;
      return isSettled(step) ? [[name, step]] : [];
    }),
  );
}

function statusOf(
  errors: readonly RunError[],
  outcome: { readonly hasFailures: boolean; readonly completed: number; readonly isDegraded: boolean },
): ResponseStatus {
  const { hasFailures, completed, isDegraded } = outcome;
  if (hasFailures || errors.some(({ code }) => code === 'BUDGET_EXCEEDED')) {
    return completed === 0 ? 'failed' : 'partial';
  }
  return isDegraded ? 'degraded' : 'completed';
}

function calledComponents(plan: RoutingPlan, steps: Readonly<Record<string, StepResult>>): string[] {
  const called = plan.steps
    .filter((step) => (steps[step.name]?.attempts ?? 0) > 0)
    .flatMap((step) => (step.component === undefined ? [] : [step.component]));
  return [...new Set(called)];
}
