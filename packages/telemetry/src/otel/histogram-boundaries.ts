/**
 * Bucket boundaries of histograms. OpenTelemetry's default ones are made for milliseconds and tell nothing about seconds.
 *
 * @module
 */
import { genAiMetric } from '../names/gen-ai.ts';

function geometric(first: number, factor: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => Number((first * factor ** index).toPrecision(12)));
}

/** 0.01 to 81.92 s, as the GenAI conventions advise for a model's call. */
const callSeconds = geometric(0.01, 2, 14);
/** 0.1 to 409.6 s, as they advise for agents and workflows. */
const agentSeconds = geometric(0.1, 2, 13);
/** 1 to 67,108,864, as they advise for tokens. */
const tokens = geometric(1, 4, 14);
/** 1 to 128, as they advise for calls within one agent. */
const calls = geometric(1, 2, 8);

const byName: Readonly<Record<string, readonly number[]>> = {
  [genAiMetric.invokeAgentDuration]: agentSeconds,
  [genAiMetric.invokeWorkflowDuration]: agentSeconds,
  [genAiMetric.invokeAgentInferenceCalls]: calls,
  [genAiMetric.invokeAgentToolCalls]: calls,
};

/**
 * Boundaries to advise for a histogram.
 *
 * @param unit UCUM, for example `s` or `{token}`
 * @returns undefined when the provider's own are as good
 */
export function histogramBoundaries(name: string, unit: string | undefined): readonly number[] | undefined {
  if (Object.hasOwn(byName, name)) return byName[name];
  if (unit === 's') return callSeconds;
  return unit === '{token}' ? tokens : undefined;
}
