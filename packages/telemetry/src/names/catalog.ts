/**
 * Every span and metric that the packages emit. `docs/telemetry.md` is written from it, and a test holds it to the code.
 *
 * @module
 */
import type { MetricOptions } from '@gomind/core';
import { genAiAttribute, genAiMetric } from './gen-ai.ts';
import { gomindAttribute, gomindMetric } from './gomind.ts';

/** One metric. */
export interface CatalogMetric {
  readonly name: string;
  readonly kind: NonNullable<MetricOptions['kind']>;
  /** UCUM. */
  readonly unit?: string;
  readonly attributes: readonly string[];
  readonly description: string;
}

/** One kind of span. */
export interface CatalogSpan {
  /** With placeholders in braces. */
  readonly name: string;
  readonly kind: string;
  readonly attributes: readonly string[];
  readonly description: string;
}

const { operationName, providerName, requestModel, errorType } = genAiAttribute;
const modelCall = [operationName, providerName, requestModel] as const;

/** The metrics, by name. */
export const metricCatalog: readonly CatalogMetric[] = [
  metric([genAiMetric.clientOperationDuration, 'histogram', 's'], 'One call of a model.', [...modelCall, errorType]),
  metric([genAiMetric.clientTokenUsage, 'histogram', '{token}'], 'Tokens of one call of a model.', [
    ...modelCall,
    genAiAttribute.tokenType,
  ]),
  metric([genAiMetric.executeToolDuration, 'histogram', 's'], 'One attempt of a step to call a component.', [
    genAiAttribute.toolName,
    errorType,
  ]),
  metric([genAiMetric.invokeWorkflowDuration, 'histogram', 's'], 'One run of a workflow.', [
    genAiAttribute.workflowName,
    errorType,
  ]),
  metric([genAiMetric.invokeAgentDuration, 'histogram', 's'], 'One request to an orchestrator, as its span sees it.', [
    genAiAttribute.agentName,
    errorType,
  ]),
  metric([gomindMetric.orchestratorRequestDuration, 'histogram', 's'], 'One request, from text to answer.', [
    'success',
  ]),
  metric([gomindMetric.orchestratorRequests, 'counter', '{request}'], 'Requests that ended.', ['success']),
  metric([gomindMetric.orchestratorComponentCalls, 'counter', '{call}'], 'Steps that called a component.', [
    gomindAttribute.componentName,
  ]),
  metric(
    [gomindMetric.orchestratorParallelExecutions, 'counter', '{run}'],
    'Runs in which at least two steps were at work at the same time.',
  ),
  metric([gomindMetric.orchestratorCacheHitRate, 'gauge', '1'], 'Plans taken from the cache, 0 to 1.'),
  metric([gomindMetric.orchestratorCacheSize, 'gauge', '{plan}'], 'Plans and refusals kept.'),
  metric([gomindMetric.orchestratorHistorySize, 'gauge', '{record}'], 'Requests kept in the history.'),
  metric([gomindMetric.capabilitiesOffered, 'histogram', '{capability}'], 'Capabilities shown to the planner.', [
    'provider',
  ]),
  metric([gomindMetric.capabilitiesTokensSaved, 'counter', '{token}'], 'Tokens saved against showing all.', [
    'provider',
  ]),
  metric([gomindMetric.planningRepairs, 'counter', '{repair}'], 'Plans mended, by rules or by the model.', ['by']),
  metric([gomindMetric.planningRejections, 'counter', '{plan}'], 'Plans of a model that were refused.'),
  metric([gomindMetric.stepDuration, 'histogram', 's'], 'One step, all its attempts.', [gomindAttribute.stepStatus]),
  metric([gomindMetric.retryAttempts, 'counter', '{attempt}'], 'Attempts of steps that failed and were made again.', [
    gomindAttribute.errorCode,
  ]),
  metric([gomindMetric.semanticRetryAttempts, 'counter', '{attempt}'], 'Steps called again with corrected inputs.'),
  metric([gomindMetric.fallbackUsed, 'counter', '{fallback}'], 'What was done by other means than the first choice.', [
    'to',
  ]),
  metric([gomindMetric.circuitBreakerStateChanges, 'counter', '{change}'], 'Changes of a circuit breaker.', [
    'name',
    'from',
    'to',
    'reason',
  ]),
  metric([gomindMetric.circuitBreakerState, 'gauge'], 'A circuit breaker: 0 closed, 1 half-open, 2 open.', ['name']),
  metric([gomindMetric.circuitBreakerRejections, 'counter', '{call}'], 'Calls refused by an open circuit.', ['name']),
  metric(
    [gomindMetric.componentCallsRefused, 'counter', '{call}'],
    'Calls turned away at a component that has no room.',
    [gomindAttribute.componentName],
  ),
  metric(
    [gomindMetric.concurrencyLimit, 'gauge', '{call}'],
    'A limit that adapts: of the calls to a dependency, or of a `run` with `maxConcurrency: auto`.',
    ['name'],
  ),
];

const { runId, stepName, stepAttempt, requestStatus, requestMode, workflowVersion } = gomindAttribute;
const call = [...modelCall, genAiAttribute.responseModel, genAiAttribute.usageInputTokens] as const;

/** The spans, outermost first. All may carry `error.type` and `gomind.error.code`. */
export const spanCatalog: readonly CatalogSpan[] = [
  {
    name: 'invoke_agent {gen_ai.agent.name}',
    kind: 'internal',
    attributes: [operationName, genAiAttribute.agentName, runId, requestStatus, requestMode],
    description: 'A request to an orchestrator.',
  },
  {
    name: 'plan',
    kind: 'internal',
    attributes: [operationName, runId],
    description: 'From the request to a proved plan; the model calls for it are its children.',
  },
  {
    name: 'invoke_workflow {gen_ai.workflow.name}',
    kind: 'internal',
    attributes: [operationName, genAiAttribute.workflowName, workflowVersion, runId],
    description: 'A run of a workflow.',
  },
  {
    name: 'retrieval {gen_ai.data_source.id}',
    kind: 'internal, client for a service',
    attributes: [
      operationName,
      genAiAttribute.dataSourceId,
      genAiAttribute.retrievalTopK,
      genAiAttribute.retrievalQueryText,
      genAiAttribute.retrievalDocuments,
    ],
    description:
      'A search for the capabilities that a request needs. Query and what was found only with `captureContent`.',
  },
  {
    name: 'execute_tool {gen_ai.tool.name}',
    kind: 'client',
    attributes: [
      operationName,
      genAiAttribute.toolName,
      runId,
      stepName,
      stepAttempt,
      genAiAttribute.toolCallArguments,
      genAiAttribute.toolCallResult,
    ],
    description: 'One attempt of a step, seen by the caller. Arguments and result only with `captureContent`.',
  },
  {
    name: 'execute_tool {gen_ai.tool.name}',
    kind: 'server',
    attributes: [operationName, genAiAttribute.toolName],
    description: 'The same call, seen by the component.',
  },
  {
    name: 'chat {gen_ai.request.model}',
    kind: 'client',
    attributes: [
      ...call,
      genAiAttribute.usageOutputTokens,
      genAiAttribute.requestMaxTokens,
      genAiAttribute.requestTemperature,
      genAiAttribute.requestStream,
      genAiAttribute.outputType,
      genAiAttribute.responseFinishReasons,
      genAiAttribute.systemInstructions,
      genAiAttribute.inputMessages,
      genAiAttribute.outputMessages,
    ],
    description: 'One call of a language model. Instructions and messages only with `captureContent`.',
  },
  {
    name: 'embeddings {gen_ai.request.model}',
    kind: 'client',
    attributes: call,
    description: 'One call of an embedding model.',
  },
];

function metric(
  [name, kind, unit]: readonly [name: string, kind: CatalogMetric['kind'], unit?: string],
  description: string,
  attributes: readonly string[] = [],
): CatalogMetric {
  return { name, kind, ...(unit === undefined ? {} : { unit }), attributes, description };
}
