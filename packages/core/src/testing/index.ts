/**
 * What tests of this framework and of applications on it are made of. Knows no test runner.
 *
 * @module
 */
export { createFakeClock } from './fake-clock.ts';
export type { FakeClock, FakeClockOptions } from './fake-clock.ts';
export { createRecordingLogger, createRecordingTelemetry } from './recorders.ts';
export type {
  RecordedLog,
  RecordedMetric,
  RecordedSpan,
  RecordingLogger,
  RecordingTelemetry,
} from './recorders.ts';
export { createScriptedAIClient } from './scripted-ai-client.ts';
export type { Script, ScriptedAIClient, ScriptedAIClientOptions, ScriptedReply } from './scripted-ai-client.ts';
