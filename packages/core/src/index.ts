/**
 * The public names of `@gomind/core`: contracts, component model and in-process defaults.
 *
 * @module
 */

// What is closed with `await using` has a method named Symbol.asyncDispose, which the libraries of no finished target know.
/// <reference lib="esnext.disposable" preserve="true" />

// Contracts
export type { JsonSchema, JsonValue } from './contracts/json.ts';
export { capabilityPath } from './contracts/capability.ts';
export type { Capability, EffectClass } from './contracts/capability.ts';
export { componentOrigin } from './contracts/component.ts';
export type { ComponentHealth, ComponentInfo, ComponentType } from './contracts/component.ts';
export type { Discovery, DiscoveryEvent, DiscoveryFilter, Registry } from './contracts/discovery.ts';
export { unconfiguredAIClient } from './contracts/ai-client.ts';
export type {
  AIClient,
  AIClientCapabilities,
  AIEmbedRequest,
  AIEmbedResponse,
  AIFinishReason,
  AIMessage,
  AIRequest,
  AIResponse,
  AIStreamPart,
  AIUsage,
} from './contracts/ai-client.ts';
export { circuitStateNumber, neverAborted, passThroughBreaker } from './contracts/circuit-breaker.ts';
export type { CircuitBreaker, CircuitCallOptions, CircuitState } from './contracts/circuit-breaker.ts';
export type {
  AppendLog,
  AppendOptions,
  KeyValueStore,
  Lease,
  LeaseStore,
  LogEntry,
  SetOptions,
  Storage,
} from './contracts/storage.ts';
export { noopLogger } from './contracts/logger.ts';
export type { LogFields, Logger, LogLevel } from './contracts/logger.ts';
export { noopTelemetry } from './contracts/telemetry.ts';
export type {
  Attributes,
  AttributeValue,
  HeaderCarrier,
  MetricOptions,
  Span,
  SpanOptions,
  Telemetry,
} from './contracts/telemetry.ts';
export { isPriority, priorityHeader } from './contracts/priority.ts';
export type { Priority } from './contracts/priority.ts';
export { systemClock } from './contracts/clock.ts';
export type { Clock } from './contracts/clock.ts';

// Errors
export { GomindError } from './errors/gomind-error.ts';
export type { GomindErrorOptions } from './errors/gomind-error.ts';
export { isServiceFailure } from './errors/is-service-failure.ts';
export { withoutStack } from './errors/without-stack.ts';
export { cancellationError, toGomindError } from './errors/to-gomind-error.ts';

// Waiting, retrying, deadlines
export { delay } from './async/delay.ts';
export type { DelayOptions } from './async/delay.ts';
export { linkedAbort } from './async/linked-abort.ts';
export type { LinkedAbort } from './async/linked-abort.ts';
export { backoffDelayMs } from './async/backoff.ts';
export type { BackoffOptions } from './async/backoff.ts';
export { checkRetryOptions, retry, retryDelayMs } from './async/retry.ts';
export type { FailedAttempt, RetryOptions, RetryPolicy } from './async/retry.ts';
export { RetryBudget } from './async/retry-budget.ts';
export { CallGate } from './async/call-gate.ts';
export type { CallGateOptions, GateCall } from './async/call-gate.ts';
export { DeadlineQueue } from './async/deadline-queue.ts';
export type { Deadline } from './async/deadline-queue.ts';
export { withTimeout } from './async/timeout.ts';
export type { TimeoutOptions } from './async/timeout.ts';

// Configuration
export {
  aFunction,
  aLogger,
  checkNames,
  checkOptions,
  deadline,
  milliseconds,
  wholeNumber,
  withMethods,
} from './config/check-options.ts';
export type { OptionCheck } from './config/check-options.ts';
export { parseDurationMs } from './config/duration.ts';
export { findClosest } from './config/find-closest.ts';
export {
  readEnv,
  readEnvBoolean,
  readEnvChoice,
  readEnvDurationMs,
  readEnvInteger,
  readEnvNumber,
  readEnvText,
  readLogLevel,
} from './config/read-env.ts';
export type { Environment } from './config/read-env.ts';
export { variablesWithoutEffect } from './config/variables-without-effect.ts';
export type { UnusedVariable, VariableWithoutEffect } from './config/variables-without-effect.ts';

// Schemas
export { readCapability } from './schema/read-capability.ts';
export { compileSchema, toJsonSchema } from './schema/compile-schema.ts';
export type { CompiledSchema } from './schema/compile-schema.ts';
export { compileJsonSchema } from './schema/json-schema-check.ts';
export { loadZod } from './schema/load-zod.ts';
export type { JsonSchemaCheck } from './schema/json-schema-check.ts';
export {
  isShortForm,
  jsonSchemaFromShortForm,
  jsonSchemaFromSummary,
  summaryFromJsonSchema,
} from './schema/short-forms.ts';
export type { FieldHint, SchemaSummary } from './schema/short-forms.ts';
export type { AnySchema, InferInput, InferOutput, StandardSchema } from './schema/standard-schema.ts';
export { describeIssues, jsonPointer } from './schema/validation.ts';
export type { SchemaIssue, ValidationResult } from './schema/validation.ts';

// Tools and agents
export { defineAgent, defineTool } from './component/define-component.ts';
export type { CapabilityOptions, CapabilityTypesOf, ComponentOptions } from './component/define-component.ts';
export type {
  Agent,
  AgentContext,
  CapabilityTypes,
  Tool,
  ToolContext,
  WithCapabilityTypes,
} from './component/component-definition.ts';
export { createComponentHandler } from './component/component-handler.ts';
export type { ComponentHandler, ComponentHandlerOptions } from './component/component-handler.ts';
export type { HealthReport } from './component/health-report.ts';
export type { Envelope, EnvelopeError, ErrorCategory } from './component/envelope.ts';
export { serve } from './component/serve.ts';
export type { ServedComponent, ServeOptions } from './component/serve.ts';

// In-process defaults
export { canonicalJson } from './local/canonical-json.ts';
export { checkComponentInfo } from './local/check-component-info.ts';
export { CooldownBreaker } from './local/cooldown-breaker.ts';
export type { CooldownBreakerOptions } from './local/cooldown-breaker.ts';
export { EventChannel } from './local/event-channel.ts';
export { LocalDiscovery } from './local/local-discovery.ts';
export { matchesFilter } from './local/matches-filter.ts';
export { MemoryStorage } from './local/memory-storage.ts';
export type { MemoryStorageOptions } from './local/memory-storage.ts';
export { QuantileSketch } from './local/quantile-sketch.ts';
export { sha256Hex } from './local/sha256-hex.ts';
export { createStderrLogger } from './local/stderr-logger.ts';
export type { StderrLoggerOptions } from './local/stderr-logger.ts';

// Keeping secrets out
export { redact } from './redaction/redact.ts';
export type { RedactOptions } from './redaction/redact.ts';
export { redactText } from './redaction/redact-text.ts';
export type { RedactTextOptions } from './redaction/redact-text.ts';
export { protectSecret } from './redaction/protected-values.ts';
export { redactingLogger } from './local/redacting-logger.ts';
export { TextGuard } from './redaction/text-guard.ts';
export { isSecretName } from './redaction/secret-names.ts';
export { withoutSecrets } from './redaction/without-secrets.ts';
export type { WithoutSecretsOptions } from './redaction/without-secrets.ts';
