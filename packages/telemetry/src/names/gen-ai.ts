/**
 * Names of OpenTelemetry's conventions for generative AI.
 *
 * Source: the registry in `open-telemetry/semantic-conventions-genai` at {@link genAiRegistryCommit}; status there:
 * Development, so names may still change. The conventions left `open-telemetry/semantic-conventions` in May 2026 (its pull request 3696),
 * whose package marks its own copies as deprecated; hence these are plain strings of our own. `createTelemetry({
 * genAiConventions: false })` leaves them out of what is emitted.
 *
 * @module
 */

/** The commit of the registry that these names follow. */
export const genAiRegistryCommit = '7986438735280cedb947fac9b1eb384989a5f04c';

/** Values of `gen_ai.operation.name`. */
export const genAiOperation = {
  invokeWorkflow: 'invoke_workflow',
  plan: 'plan',
  invokeAgent: 'invoke_agent',
  createAgent: 'create_agent',
  executeTool: 'execute_tool',
  chat: 'chat',
  generateContent: 'generate_content',
  textCompletion: 'text_completion',
  embeddings: 'embeddings',
  retrieval: 'retrieval',
  createMemory: 'create_memory',
  searchMemory: 'search_memory',
  updateMemory: 'update_memory',
  upsertMemory: 'upsert_memory',
  deleteMemory: 'delete_memory',
} as const;

/** Span and metric attribute names. Those under "content" may hold personal data: record them only on request. */
export const genAiAttribute = {
  // What is done, by whom
  operationName: 'gen_ai.operation.name',
  providerName: 'gen_ai.provider.name',
  conversationId: 'gen_ai.conversation.id',
  outputType: 'gen_ai.output.type',
  workflowName: 'gen_ai.workflow.name',
  /** Not for an agent inside this process. */
  agentId: 'gen_ai.agent.id',
  agentName: 'gen_ai.agent.name',
  agentDescription: 'gen_ai.agent.description',
  agentVersion: 'gen_ai.agent.version',
  toolName: 'gen_ai.tool.name',
  toolCallId: 'gen_ai.tool.call.id',
  toolDescription: 'gen_ai.tool.description',
  toolType: 'gen_ai.tool.type',
  dataSourceId: 'gen_ai.data_source.id',
  retrievalTopK: 'gen_ai.retrieval.top_k',

  // What the model was asked
  requestModel: 'gen_ai.request.model',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  requestTemperature: 'gen_ai.request.temperature',
  requestTopP: 'gen_ai.request.top_p',
  requestTopK: 'gen_ai.request.top_k',
  requestStopSequences: 'gen_ai.request.stop_sequences',
  requestFrequencyPenalty: 'gen_ai.request.frequency_penalty',
  requestPresencePenalty: 'gen_ai.request.presence_penalty',
  requestSeed: 'gen_ai.request.seed',
  requestChoiceCount: 'gen_ai.request.choice.count',
  requestStream: 'gen_ai.request.stream',
  requestEncodingFormats: 'gen_ai.request.encoding_formats',
  embeddingsDimensionCount: 'gen_ai.embeddings.dimension.count',

  // What it answered
  responseId: 'gen_ai.response.id',
  responseModel: 'gen_ai.response.model',
  responseFinishReasons: 'gen_ai.response.finish_reasons',
  responseTimeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  usageInputTokens: 'gen_ai.usage.input_tokens',
  usageOutputTokens: 'gen_ai.usage.output_tokens',
  usageCacheReadInputTokens: 'gen_ai.usage.cache_read.input_tokens',
  usageCacheCreationInputTokens: 'gen_ai.usage.cache_creation.input_tokens',
  usageReasoningOutputTokens: 'gen_ai.usage.reasoning.output_tokens',
  /** `input` or `output`. */
  tokenType: 'gen_ai.token.type',

  // Content
  systemInstructions: 'gen_ai.system_instructions',
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
  toolDefinitions: 'gen_ai.tool.definitions',
  toolCallArguments: 'gen_ai.tool.call.arguments',
  toolCallResult: 'gen_ai.tool.call.result',
  retrievalQueryText: 'gen_ai.retrieval.query.text',
  retrievalDocuments: 'gen_ai.retrieval.documents',

  // General conventions that GenAI spans use
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
} as const;

/** Attributes that hold texts of people, models and tools. They are emitted only where `captureContent` is true. */
export const contentAttributes: ReadonlySet<string> = new Set([
  genAiAttribute.systemInstructions,
  genAiAttribute.inputMessages,
  genAiAttribute.outputMessages,
  genAiAttribute.toolDefinitions,
  genAiAttribute.toolCallArguments,
  genAiAttribute.toolCallResult,
  genAiAttribute.retrievalQueryText,
  genAiAttribute.retrievalDocuments,
]);

/** Metric names; all are histograms. Their bucket boundaries are set by `createTelemetry`. */
export const genAiMetric = {
  /** `s`. */
  clientOperationDuration: 'gen_ai.client.operation.duration',
  /** `{token}`, by `gen_ai.token.type`. */
  clientTokenUsage: 'gen_ai.client.token.usage',
  /** `s`. */
  clientTimeToFirstChunk: 'gen_ai.client.operation.time_to_first_chunk',
  /** `s`. */
  clientTimePerOutputChunk: 'gen_ai.client.operation.time_per_output_chunk',
  /** `s`. */
  invokeWorkflowDuration: 'gen_ai.invoke_workflow.duration',
  /** `s`. */
  invokeAgentDuration: 'gen_ai.invoke_agent.duration',
  /** `{call}`. */
  invokeAgentInferenceCalls: 'gen_ai.invoke_agent.inference_calls',
  /** `{call}`. */
  invokeAgentToolCalls: 'gen_ai.invoke_agent.tool_calls',
  /** `s`. */
  executeToolDuration: 'gen_ai.execute_tool.duration',
} as const;
