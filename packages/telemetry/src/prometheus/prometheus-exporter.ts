/**
 * A Telemetry that also adds up its metrics, and hands them out as Prometheus' text and as percentiles.
 *
 * @module
 */
import {
  type Attributes,
  checkNames,
  checkOptions,
  type MetricOptions,
  noopTelemetry,
  type OptionCheck,
  type Telemetry,
  wholeNumber,
  withMethods,
} from '@gomind/core';
import { genAiPrefix } from '../otel/attributes.ts';
import { MetricStore } from './metric-store.ts';
import { prometheusContentType, writePrometheusText } from './prometheus-text.ts';

/** Options of {@link createPrometheusExporter}. */
export interface PrometheusExporterOptions {
  /** Receives everything too: spans, context and metrics. Default: none. */
  readonly telemetry?: Telemetry | undefined;
  /** Metric names kept at most; values of further names are dropped. Default: 1,000. */
  readonly maxMetrics?: number | undefined;
  /**
   * Series kept of one metric at most; what has further labels is added up in the series `otel_metric_overflow="true"`.
   * Default: 200, at least 2.
   */
  readonly maxSeries?: number | undefined;
  /** False leaves metrics named `gen_ai.*` out of the text. Default: true. */
  readonly genAiConventions?: boolean | undefined;
}

/** Quantiles of one series of a histogram since the process began, each within 1 % of the true value. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Metrics of this process, ready to be fetched. */
export interface PrometheusExporter {
  /** Hand this to the orchestrator, the clients and the components. */
  readonly telemetry: Telemetry;
  /** `content-type` of {@link PrometheusExporter.text}. */
  readonly contentType: string;
  /** All metrics in Prometheus' text format, version 0.0.4. Never throws. */
  readonly text: () => string;
  /** Percentiles of a histogram in its own unit; undefined while it has no value under exactly these attributes. */
  readonly percentiles: (
    name: string,
    attributes?: Attributes,
    options?: Pick<MetricOptions, 'unit'>,
  ) => Percentiles | undefined;
}

const optionChecks: Readonly<Record<string, OptionCheck>> = {
  telemetry: withMethods('a Telemetry such as noopTelemetry', ['withSpan', 'recordMetric']),
  maxMetrics: wholeNumber({ min: 0 }),
  maxSeries: wholeNumber({ min: 0 }),
};

const defaultMaxMetrics = 1_000;
const defaultMaxSeries = 200;

/**
 * Makes an exporter that any server can mount: nothing is listened to, no timer runs, memory is bounded.
 *
 * @throws GomindError `CONFIG_INVALID` for options that cannot be used
 * @example
 * ```ts
 * const metrics = createPrometheusExporter({ telemetry: createTelemetry() });
 * const telemetry = metrics.telemetry; // for everything that takes one
 * app.get('/metrics', (context) => context.body(metrics.text(), 200, { 'content-type': metrics.contentType }));
 * ```
 */
export function createPrometheusExporter(options: PrometheusExporterOptions = {}): PrometheusExporter {
  checkOptions('createPrometheusExporter', options, optionChecks);
  checkNames('createPrometheusExporter', options, [...Object.keys(optionChecks), 'genAiConventions']);
  const { telemetry: next = noopTelemetry, genAiConventions = true } = options;
  const store = new MetricStore({
    maxMetrics: options.maxMetrics ?? defaultMaxMetrics,
    maxSeries: Math.max(2, options.maxSeries ?? defaultMaxSeries),
  });
  return {
    contentType: prometheusContentType,
    telemetry: {
      withSpan: (name, spanOptions, operation) => next.withSpan(name, spanOptions, operation),
      recordMetric: (name, value, attributes = {}, metricOptions = {}) => {
        next.recordMetric(name, value, attributes, metricOptions);
        if (!genAiConventions && name.startsWith(genAiPrefix)) return;
        try {
          store.record(name, value, attributes, metricOptions);
        } catch {
          // An attribute that cannot be written (JavaScript callers are not held by types) costs its value, not the work.
        }
      },
      inject: (headers) => {
        next.inject(headers);
      },
      withRemoteContext: (headers, operation) => next.withRemoteContext(headers, operation),
      currentIds: () => next.currentIds(),
    },
    text: () => writePrometheusText(store.metrics()),
    percentiles: (name, attributes = {}, { unit } = { unit: 's' }) => {
      const sketch = store.find(name, attributes, unit === undefined ? {} : { unit })?.sketch;
      if (sketch === undefined) return undefined;
      const [p50 = 0, p95 = 0, p99 = 0] = [0.5, 0.95, 0.99].map((share) => sketch.quantile(share));
      return { count: sketch.count, p50, p95, p99 };
    },
  };
}
