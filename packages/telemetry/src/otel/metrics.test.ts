import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { createTelemetry, genAiMetric } from '../index.ts';

interface Collector {
  readonly meterProvider: MeterProvider;
  readonly collect: () => Promise<readonly MetricData[]>;
}

function createCollector(): Collector {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  return {
    meterProvider,
    collect: async () => {
      await meterProvider.forceFlush();
      const collected =
        exporter
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
      await meterProvider.shutdown();
      return collected;
    },
  };
}

describe('recordMetric', () => {
  it('records counters, histograms and gauges with their attributes', async () => {
    const { meterProvider, collect } = createCollector();
    const telemetry = createTelemetry({ meterProvider });
    telemetry.recordMetric('requests', 1, { status: 'ok', nothing: undefined }, { kind: 'counter', unit: '{request}' });
    telemetry.recordMetric('requests', 2, { status: 'ok' }, { kind: 'counter' });
    telemetry.recordMetric('duration', 0.02, {}, { unit: 's', description: 'how long' });
    telemetry.recordMetric('catalog', 5, {}, { kind: 'gauge' });
    telemetry.recordMetric('catalog', -3, {}, { kind: 'gauge' });
    const [requests, duration, catalog] = await collect();
    expect(requests).toMatchObject({
      descriptor: { name: 'requests', unit: '{request}' },
      dataPoints: [{ value: 3, attributes: { status: 'ok' } }],
    });
    expect(Object.keys(requests?.dataPoints[0]?.attributes ?? {})).toEqual(['status']);
    expect(duration).toMatchObject({
      descriptor: { name: 'duration', unit: 's', description: 'how long' },
      dataPoints: [{ value: { count: 1, sum: 0.02 } }],
    });
    expect(catalog?.dataPoints[0]?.value).toBe(-3);
  });

  it('advises boundaries that fit seconds, agents, tokens and calls', async () => {
    const { meterProvider, collect } = createCollector();
    const telemetry = createTelemetry({ meterProvider });
    telemetry.recordMetric(genAiMetric.clientOperationDuration, 1, {}, { unit: 's' });
    telemetry.recordMetric(genAiMetric.invokeAgentDuration, 1, {}, { unit: 's' });
    telemetry.recordMetric(genAiMetric.clientTokenUsage, 1, {}, { unit: '{token}' });
    telemetry.recordMetric(genAiMetric.invokeAgentToolCalls, 1, {}, { unit: '{call}' });
    telemetry.recordMetric('bytes', 1, {}, { unit: 'By' });
    const ends = (await collect()).map(({ dataPoints }) => {
      const { buckets } = dataPoints[0]?.value as { buckets: { boundaries: number[] } };
      return [buckets.boundaries[0], buckets.boundaries.at(-1)];
    });
    expect(ends).toEqual([
      [0.01, 81.92],
      [0.1, 409.6],
      [1, 67_108_864],
      [1, 128],
      [0, 10_000],
    ]);
  });

  it('ignores values, names and decrements that no instrument takes', async () => {
    const { meterProvider, collect } = createCollector();
    const telemetry = createTelemetry({ meterProvider });
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      telemetry.recordMetric('counter', value, {}, { kind: 'counter' });
      telemetry.recordMetric('histogram', value);
    }
    for (const name of ['', '1st', 'with space', 'x'.repeat(256), 'ä']) telemetry.recordMetric(name, 1);
    telemetry.recordMetric('good', 1);
    const collected = await collect();
    expect(collected.flatMap(({ descriptor, dataPoints }) => dataPoints.map(() => descriptor.name))).toEqual(['good']);
  });

  it('fixes kind and unit of a name at its first value', async () => {
    const { meterProvider, collect } = createCollector();
    const telemetry = createTelemetry({ meterProvider });
    telemetry.recordMetric('latency', 1, {}, { kind: 'counter', unit: 's' });
    telemetry.recordMetric('latency', 2, {}, { kind: 'gauge', unit: 'ms' });
    expect(await collect()).toMatchObject([{ descriptor: { unit: 's' }, dataPoints: [{ value: 3 }] }]);
  });

  it('keeps a bounded number of names, the first ones', async () => {
    const { meterProvider, collect } = createCollector();
    const telemetry = createTelemetry({ meterProvider, maxInstruments: 10 });
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 1_000; index++) {
        telemetry.recordMetric(`metric.${String(index)}`, 1, {}, { kind: 'counter' });
      }
    }
    const collected = await collect();
    expect(collected).toHaveLength(10);
    expect(collected.every(({ dataPoints }) => dataPoints[0]?.value === 2)).toBe(true);
  });

  it('leaves GenAI metrics and attributes out on request', async () => {
    const { meterProvider, collect } = createCollector();
    const telemetry = createTelemetry({ meterProvider, genAiConventions: false });
    telemetry.recordMetric(genAiMetric.clientTokenUsage, 1);
    telemetry.recordMetric('mine', 1, { 'gen_ai.request.model': 'm', mine: true });
    const collected = await collect();
    expect(collected.map(({ descriptor }) => descriptor.name)).toEqual(['mine']);
    expect(collected[0]?.dataPoints[0]?.attributes).toEqual({ mine: true });
  });

  it('uses a global SDK that is registered after the first value', async () => {
    const telemetry = createTelemetry();
    telemetry.recordMetric('requests', 1, {}, { kind: 'counter' });
    const { meterProvider, collect } = createCollector();
    metrics.setGlobalMeterProvider(meterProvider);
    try {
      telemetry.recordMetric('requests', 5, {}, { kind: 'counter' });
      expect(await collect()).toMatchObject([{ dataPoints: [{ value: 5 }] }]);
    } finally {
      metrics.disable();
    }
  });
});
