/**
 * What tests of this framework and of applications on it are made of. Knows no test runner.
 *
 * @module
 */

/// <reference lib="esnext.disposable" preserve="true" />
export { createFakeClock } from './fake-clock.ts';
export type { FakeClock, FakeClockOptions } from './fake-clock.ts';
export { createRecordingLogger, createRecordingTelemetry } from './recorders.ts';
export type { RecordedLog, RecordedMetric, RecordedSpan, RecordingLogger, RecordingTelemetry } from './recorders.ts';
export { createScriptedAIClient } from './scripted-ai-client.ts';
export type { Script, ScriptedAIClient, ScriptedAIClientOptions, ScriptedReply } from './scripted-ai-client.ts';

// Contract suites: run them against every implementation of a contract
export type { ContractCase } from './contracts/contract-case.ts';
export { aiClientContract } from './contracts/ai-client-contract.ts';
export type { AIClientSubject, ModelBehaviour } from './contracts/ai-client-contract.ts';
export { circuitBreakerContract } from './contracts/circuit-breaker-contract.ts';
export type { CircuitBreakerSubject } from './contracts/circuit-breaker-contract.ts';
export { clockContract } from './contracts/clock-contract.ts';
export type { ClockSubject } from './contracts/clock-contract.ts';
export { discoveryContract } from './contracts/discovery-contract.ts';
export type { DiscoverySubject } from './contracts/discovery-contract.ts';
export { loggerContract, telemetryContract } from './contracts/observability-contracts.ts';
export type { LoggerSubject, TelemetrySubject } from './contracts/observability-contracts.ts';
export { appendLogContract, keyValueStoreContract, leaseStoreContract } from './contracts/storage-contracts.ts';
export type { AppendLogSubject, KeyValueSubject, LeaseSubject } from './contracts/storage-contracts.ts';
