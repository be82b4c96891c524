/**
 * When a step is tried again: what its plan says, else what the handler of its kind says.
 *
 * @module
 */
import { GomindError, type RetryPolicy } from '@gomind/core';
import type { PlanStep } from '../../plan/routing-plan.ts';
import type { StepHandler } from '../step-handler.ts';

/** The retry policy of a step. */
export function retryPolicyOf(step: PlanStep, handler: StepHandler | undefined): RetryPolicy {
  const { maxAttempts, backoff, backoffFactor, initialWaitMs, maxWaitMs, jitter } = step.retry ?? {};
  return {
    maxAttempts: maxAttempts ?? handler?.maxAttempts?.(step) ?? 1,
    isRetryable: (error) => mayRetry(error, step, handler),
    ...(backoff === undefined ? {} : { backoff }),
    ...(backoffFactor === undefined ? {} : { backoffFactor }),
    ...(initialWaitMs === undefined ? {} : { initialDelayMs: initialWaitMs }),
    ...(maxWaitMs === undefined ? {} : { maxDelayMs: maxWaitMs }),
    ...(jitter === undefined ? {} : { jitter }),
  };
}

/** A step that asks for retries gets them for errors of unknown kind too; an error that says "never" is always believed. */
function mayRetry(error: unknown, step: PlanStep, handler: StepHandler | undefined): boolean {
  if (handler?.mayRetry !== undefined) return handler.mayRetry(error, step);
  return GomindError.isInstance(error) ? error.isRetryable : step.retry !== undefined;
}
