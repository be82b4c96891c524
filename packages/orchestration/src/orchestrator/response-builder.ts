/**
 * Pure rules that turn a run's outcome into an OrchestratorResponse.
 *
 * @module
 */
import type { AIUsage } from '@gomind/core';
import type { RunError, StepResult } from '../plan/execution-result.ts';
import { isSettled, type RunState } from '../plan/events/fold-run.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { Citation, SynthesizedAnswer } from '../synthesis/citations.ts';
import type { KeptAnswer } from './answer-cache.ts';
import { completedShare } from './confidence.ts';
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
    readonly answer: string | SynthesizedAnswer;
    readonly isDegraded: boolean;
  },
): OrchestratorResponse {
  const { plan, state, isDegraded } = outcome;
  const answer = typeof outcome.answer === 'string' ? { text: outcome.answer, citations: [] } : outcome.answer;
  const { troubles, ...shared } = frame;
  const steps = settledSteps(plan, state);
  const completed = Object.values(steps).filter((step) => step.status === 'completed').length;
  const share = completedShare(plan, steps);
  return {
    ...shared,
    status: statusOf([...troubles, ...state.errors], { hasFailures: state.errors.length > 0, completed, isDegraded }),
    response: answer.text,
    metadata: { ...frame.metadata, ...citationsIn(answer, steps) },
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

/**
 * The response that repeats an earlier answer, marked as such.
 *
 * @param frame what all responses share
 * @param outcome the answer, the run's state, and the plan whose steps all failed, if there was one
 */
export function respondWithKeptAnswer(
  frame: ResponseFrame,
  outcome: { readonly kept: KeptAnswer; readonly state: RunState; readonly plan: RoutingPlan | undefined },
): OrchestratorResponse {
  const { kept, state, plan } = outcome;
  const { troubles, ...shared } = frame;
  const steps = plan === undefined ? {} : settledSteps(plan, state);
  return {
    ...shared,
    status: 'degraded',
    response: kept.answer,
    isStale: true,
    answeredAt: new Date(kept.answeredAt).toISOString(),
    ...(plan === undefined ? {} : { plan }),
    steps,
    agentsInvolved: plan === undefined ? [] : calledComponents(plan, steps),
    errors: [...troubles, ...state.errors],
    confidence: kept.confidence / 2,
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

/** What the answer's parts rest on; a synthesizer of the application may err, so only what ran is let through. */
function citationsIn(
  { text, citations }: SynthesizedAnswer,
  ran: Readonly<Record<string, StepResult>>,
): { readonly citations?: readonly Citation[] } {
  const sound = citations.flatMap(({ steps, start, end }): Citation[] => {
    const known = steps.filter((step) => Object.hasOwn(ran, step));
    return known.length > 0 && start >= 0 && start < end && end <= text.length ? [{ steps: known, start, end }] : [];
  });
  return sound.length === 0 ? {} : { citations: sound };
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
    .flatMap((step) => steps[step.name]?.component ?? step.component ?? []);
  return [...new Set(called)];
}
