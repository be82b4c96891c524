/**
 * Names of attributes and metrics for which OpenTelemetry has no convention. They are ours and stable.
 *
 * @module
 */

/** Attribute names of the house. */
export const gomindAttribute = {
  runId: 'gomind.run.id',
  requestId: 'gomind.request.id',
  /** `ai`, `cached-plan`, `cached-answer` or `basic-router`. */
  requestMode: 'gomind.request.mode',
  /** `completed`, `partial`, `degraded` or `failed`. */
  requestStatus: 'gomind.request.status',
  workflowVersion: 'gomind.workflow.version',
  planStepCount: 'gomind.plan.step_count',
  planRepairCount: 'gomind.plan.repair_count',
  stepName: 'gomind.step.name',
  stepKind: 'gomind.step.kind',
  stepStatus: 'gomind.step.status',
  stepAttempts: 'gomind.step.attempts',
  componentName: 'gomind.component.name',
  componentType: 'gomind.component.type',
  capabilityName: 'gomind.capability.name',
  effectClass: 'gomind.effect.class',
  /** Code of a GomindError. */
  errorCode: 'gomind.error.code',
} as const;

/** Metric names of the house; each line says kind and unit. */
export const gomindMetric = {
  /** Histogram, `s`: one request from text to answer. */
  orchestratorRequestDuration: 'gomind.orchestrator.request.duration',
  /** Counter, `{request}`, by `gomind.request.status`. */
  orchestratorRequests: 'gomind.orchestrator.requests',
  /** Counter, `{call}`, by `gomind.component.name`. */
  orchestratorComponentCalls: 'gomind.orchestrator.component.calls',
  /** Counter, `{lookup}`, by `hit`. */
  orchestratorCacheLookups: 'gomind.orchestrator.cache.lookups',
  /** Histogram, `{step}`: steps in flight at once, at most, in one run. */
  orchestratorParallelSteps: 'gomind.orchestrator.parallel.steps',
  /** Histogram, `s`: from request to valid plan. */
  planningDuration: 'gomind.planning.duration',
  /** Counter, `{repair}`: times a model was asked to mend its plan. */
  planningRepairs: 'gomind.planning.repairs',
  /** Histogram, `s`: one step, all its attempts. */
  stepDuration: 'gomind.step.duration',
  /** Counter, `{attempt}`: attempts after a step's first. */
  stepRetries: 'gomind.step.retries',
  /** Histogram, `s`. */
  synthesisDuration: 'gomind.synthesis.duration',
  /** Gauge, `{component}`: components in the catalog. */
  catalogComponents: 'gomind.catalog.components',
  /** Counter, `{refresh}`, by `success`. */
  catalogRefreshes: 'gomind.catalog.refreshes',
  /** Counter, `{change}`, by `name`, `from`, `to` and `reason`. */
  circuitBreakerStateChanges: 'gomind.circuit_breaker.state_changes',
  /** Gauge, by `name`: 0 closed, 1 half-open, 2 open. */
  circuitBreakerState: 'gomind.breaker.state',
  /** Counter, `{call}`, by `name`: calls refused by a circuit. */
  circuitBreakerRejections: 'gomind.circuit_breaker.rejections',
} as const;
