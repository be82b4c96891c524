/**
 * The public names of `@gomind/core`: contracts, component model and in-process defaults.
 *
 * @module
 */

// Contracts
export type { JsonSchema, JsonValue } from './contracts/json.ts';
export type { Capability, EffectClass } from './contracts/capability.ts';
export { componentOrigin } from './contracts/component.ts';
export type { ComponentHealth, ComponentInfo, ComponentType } from './contracts/component.ts';
export type { Discovery, DiscoveryEvent, DiscoveryFilter, Registry } from './contracts/discovery.ts';
export { unconfiguredAIClient } from './contracts/ai-client.ts';
export type {
  AIClient,
  AIEmbedRequest,
  AIEmbedResponse,
  AIFinishReason,
  AIMessage,
  AIRequest,
  AIResponse,
  AIStreamPart,
  AIUsage,
} from './contracts/ai-client.ts';
export { passThroughBreaker } from './contracts/circuit-breaker.ts';
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
export { systemClock } from './contracts/clock.ts';
export type { Clock } from './contracts/clock.ts';

// Errors
export { GomindError } from './errors/gomind-error.ts';
export type { GomindErrorOptions } from './errors/gomind-error.ts';
export { cancellationError, toGomindError } from './errors/to-gomind-error.ts';

// Waiting, retrying, deadlines
export { delay } from './async/delay.ts';
export type { DelayOptions } from './async/delay.ts';
export { linkedAbort } from './async/linked-abort.ts';
export type { LinkedAbort } from './async/linked-abort.ts';
export { backoffDelayMs } from './async/backoff.ts';
export type { BackoffOptions } from './async/backoff.ts';
export { retry } from './async/retry.ts';
export type { RetryOptions } from './async/retry.ts';
export { withTimeout } from './async/timeout.ts';
export type { TimeoutOptions } from './async/timeout.ts';

// Configuration
export { parseDurationMs } from './config/duration.ts';
export {
  readEnv,
  readEnvBoolean,
  readEnvChoice,
  readEnvDurationMs,
  readEnvInteger,
  readEnvNumber,
} from './config/read-env.ts';
export type { Environment } from './config/read-env.ts';
