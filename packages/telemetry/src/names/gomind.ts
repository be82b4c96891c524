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
  stepAttempt: 'gomind.step.attempt',
  stepAttempts: 'gomind.step.attempts',
  componentName: 'gomind.component.name',
  componentType: 'gomind.component.type',
  capabilityName: 'gomind.capability.name',
  effectClass: 'gomind.effect.class',
  /** Code of a GomindError. */
  errorCode: 'gomind.error.code',
} as const;

/** Metric names of the house; kind, unit and attributes of each stand in `metricCatalog`. */
export const gomindMetric = {
  /** The reference's name, without our prefix. */
  orchestratorRequestDuration: 'orchestrator.request.duration',
  orchestratorRequests: 'gomind.orchestrator.requests',
  orchestratorComponentCalls: 'gomind.orchestrator.component.calls',
  orchestratorParallelExecutions: 'gomind.orchestrator.parallel.executions',
  orchestratorCacheHitRate: 'gomind.orchestrator.cache.hit_rate',
  orchestratorCacheSize: 'gomind.orchestrator.cache.size',
  orchestratorHistorySize: 'gomind.orchestrator.history.size',
  capabilitiesOffered: 'orchestrator.capabilities.offered',
  capabilitiesTokensSaved: 'orchestrator.capabilities.tokens_saved',
  planningRepairs: 'gomind.planning.repairs',
  planningRejections: 'gomind.planning.rejections',
  stepDuration: 'gomind.step.duration',
  retryAttempts: 'gomind.retry.attempts',
  semanticRetryAttempts: 'gomind.semantic_retry.attempts',
  fallbackUsed: 'gomind.fallback.used',
  circuitBreakerStateChanges: 'gomind.circuit_breaker.state_changes',
  circuitBreakerState: 'gomind.breaker.state',
  componentCallsRefused: 'gomind.component.calls.refused',
  concurrencyLimit: 'gomind.concurrency.limit',
  circuitBreakerRejections: 'gomind.circuit_breaker.rejections',
} as const;
