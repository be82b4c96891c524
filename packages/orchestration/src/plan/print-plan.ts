/**
 * Prints plans in one form.
 *
 * @module
 */
import type { RoutingPlan } from './routing-plan.ts';

/**
 * A plan in the wire form: snake_case keys, durations in milliseconds.
 *
 * @param plan any plan
 * @returns a JSON object that `parsePlan` reads back to the same plan
 */
export function printPlan(plan: RoutingPlan): Record<string, unknown> {
  return defined({
    name: plan.name,
    version: plan.version,
    steps: plan.steps.map((step) =>
      defined({
        name: step.name,
        kind: step.kind,
        component: step.component,
        action: step.action,
        inputs: step.inputs,
        inputs_from: step.inputsFrom,
        depends_on: step.dependsOn,
        timeout: step.timeoutMs,
        retry:
          step.retry &&
          defined({
            max_attempts: step.retry.maxAttempts,
            backoff: step.retry.backoff,
            backoff_factor: step.retry.backoffFactor,
            initial_wait: step.retry.initialWaitMs,
            max_wait: step.retry.maxWaitMs,
            jitter: step.retry.jitter,
          }),
        when: step.when,
        on_error: step.onError,
        for_each:
          step.forEach &&
          defined({
            items: step.forEach.items,
            max_parallel: step.forEach.maxParallel,
            on_error: step.forEach.onError,
          }),
        effect: step.effect,
        compensate: step.compensate,
        config: step.config,
      }),
    ),
    outputs: plan.outputs,
  });
}

function defined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
