import { inspect } from 'node:util';
import { redactingLogger } from '@gomind/core';
import { createRecordingLogger, createScriptedAIClient } from '@gomind/core/testing';
import { createCircuitBreaker } from '@gomind/resilience';
import { createTelemetry } from '@gomind/telemetry';
import { expect, it } from 'vitest';
import { createSearchCapabilityProvider } from '../capabilities/search-capability-provider.ts';
import { createTieredCapabilityProvider } from '../capabilities/tiered-capability-provider.ts';

/** Made here, so that no scanner of sources finds one. */
const key = ['sk', 'proj', 'L0gged0001abcdefghijklmnop'].join('-');
const fault = (): never => {
  throw new Error(`refused: ${key}`);
};
const components = Array.from({ length: 30 }, (_, index) => ({
  ...{ id: `t${String(index)}`, name: `tool-${String(index)}`, type: 'tool', description: 'A tool' },
  ...{ address: '127.0.0.1', port: 1, capabilities: [{ name: 'work', description: 'Work' }] },
})) as never[];

it.each([
  [
    'a search',
    async (logger: ReturnType<typeof createRecordingLogger>) => {
      const embed = (): Promise<never> => Promise.reject(new Error(`refused: ${key}`));
      await createSearchCapabilityProvider({ components, embed, logger }).offer('work');
    },
  ],
  [
    'a choice by tiers',
    async (logger: ReturnType<typeof createRecordingLogger>) => {
      const aiClient = { ...createScriptedAIClient([]), generate: () => Promise.reject(new Error(`refused: ${key}`)) };
      await createTieredCapabilityProvider({ components, aiClient, logger }).offer('work');
    },
  ],
  [
    'a circuit breaker',
    async (logger: ReturnType<typeof createRecordingLogger>) => {
      const breaker = createCircuitBreaker({ name: 'x', volumeThreshold: 1, logger, onStateChange: fault });
      breaker.forceOpen();
      await breaker.close();
    },
  ],
  [
    'telemetry',
    async (logger: ReturnType<typeof createRecordingLogger>) => {
      const telemetry = createTelemetry({ logger, meterProvider: { getMeter: fault } });
      telemetry.recordMetric('x', 1);
      await telemetry.withSpan('x', {}, () => Promise.resolve());
    },
  ],
] as const)("%s tells the application's logger of faults without secrets", async (_what, work) => {
  const logger = createRecordingLogger();
  await work(logger);
  const told = inspect(logger.records, { depth: 10 });
  expect(told).toContain('refused: [redacted]');
  expect(told).not.toContain(key);
});

it('one wrapper serves all that share a logger', () => {
  const logger = createRecordingLogger();
  expect(redactingLogger(logger)).toBe(redactingLogger(logger));
  expect(redactingLogger(redactingLogger(logger))).toBe(redactingLogger(logger));
});
