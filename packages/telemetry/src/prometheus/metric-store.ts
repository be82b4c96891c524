/**
 * Metrics added up in this process: a bounded number of names, and of series for each.
 *
 * @module
 */
import { type Attributes, isSecretName, type MetricOptions, QuantileSketch, redactText } from '@gomind/core';
import { histogramBoundaries } from '../otel/histogram-boundaries.ts';
import { prometheusLabelName, prometheusMetricName } from './prometheus-names.ts';

/** Labels of one series, by name. */
export type Labels = readonly (readonly [name: string, value: string])[];

/** One series: the values of one metric under one set of labels. */
export interface Series {
  readonly labels: Labels;
  /** Sum of a counter or histogram; last value of a gauge. */
  value: number;
  /** Values of a histogram up to each boundary, then those above the last. Empty for the other kinds. */
  readonly bucketCounts: number[];
  readonly sketch: QuantileSketch | undefined;
}

/** One metric. */
export interface Metric {
  readonly name: string;
  readonly kind: NonNullable<MetricOptions['kind']>;
  readonly description: string | undefined;
  readonly boundaries: readonly number[];
  readonly series: Map<string, Series>;
}

/** Bounds of a {@link MetricStore}. */
export interface MetricStoreLimits {
  readonly maxMetrics: number;
  readonly maxSeries: number;
}

const kinds: ReadonlySet<unknown> = new Set<Metric['kind']>(['counter', 'gauge', 'histogram']);
/** Syntax of instrument names, as in the rest of this package. */
const namePattern = /^[a-z][a-z0-9_.\-/]{0,254}$/i;
/** What a histogram appends to its name for its samples. */
const sampleSuffixes = ['_bucket', '_sum', '_count'];
const maxLabelLength = 256;
const maxLabels = 32;
/** What OpenTelemetry's SDKs call the series of everything beyond the bound. */
const overflowLabels: Labels = [['otel_metric_overflow', 'true']];
/** OpenTelemetry's default boundaries, for what has no better ones. */
const defaultBoundaries = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];

/** Adds up recorded values. */
export class MetricStore {
  readonly #limits: MetricStoreLimits;
  readonly #metrics = new Map<string, Metric>();

  constructor(limits: MetricStoreLimits) {
    this.#limits = limits;
  }

  /** All metrics in the order of their names. */
  metrics(): readonly Metric[] {
    return [...this.#metrics.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /**
   * Adds one value; kind and unit of a name are those of its first value. A name that would be told twice, such as that of a
   * gauge `x.count` beside a histogram `x`, is the first one's.
   */
  record(name: string, value: number, attributes: Attributes, options: MetricOptions): void {
    const { kind = 'histogram' } = options;
    if (!Number.isFinite(value) || !namePattern.test(name) || (value < 0 && kind !== 'gauge')) return;
    if (!kinds.has(kind)) return;
    const metric = this.#metricOf(name, options);
    if (metric?.kind !== kind) return;
    const series = this.#seriesOf(metric, labelsOf(attributes));
    if (kind === 'gauge') {
      series.value = value;
      return;
    }
    series.value += value;
    if (series.sketch === undefined) return;
    series.sketch.add(value);
    const bucket = metric.boundaries.findIndex((boundary) => value <= boundary);
    const index = bucket === -1 ? metric.boundaries.length : bucket;
    series.bucketCounts[index] = (series.bucketCounts[index] ?? 0) + 1;
  }

  /** The series of a metric under its OpenTelemetry name; undefined while nothing was recorded. */
  find(name: string, attributes: Attributes, options: MetricOptions): Series | undefined {
    return this.#metrics.get(prometheusMetricName(name, options))?.series.get(keyOf(labelsOf(attributes)));
  }

  #metricOf(name: string, options: MetricOptions): Metric | undefined {
    const { kind = 'histogram', unit, description } = options;
    const key = prometheusMetricName(name, options);
    const known = this.#metrics.get(key);
    if (known !== undefined || this.#metrics.size >= this.#limits.maxMetrics) return known;
    if (this.#isSampleName(key) || (kind === 'histogram' && this.#hasSampleOf(key))) return undefined;
    const boundaries = kind === 'histogram' ? (histogramBoundaries(name, unit) ?? defaultBoundaries) : [];
    // JavaScript callers are not held by types.
    const told = typeof description === 'string' ? redactText(description) : undefined;
    const metric = { name: key, kind, description: told, boundaries, series: new Map<string, Series>() };
    this.#metrics.set(key, metric);
    return metric;
  }

  /** Whether a histogram writes samples under this name. */
  #isSampleName(name: string): boolean {
    const base = sampleSuffixes.find((suffix) => name.endsWith(suffix));
    return base !== undefined && this.#metrics.get(name.slice(0, -base.length))?.kind === 'histogram';
  }

  /** Whether a metric has a name under which a histogram of this name would write samples. */
  #hasSampleOf(name: string): boolean {
    return sampleSuffixes.some((suffix) => this.#metrics.has(`${name}${suffix}`));
  }

  #seriesOf(metric: Metric, labels: Labels): Series {
    const key = keyOf(labels);
    const known = metric.series.get(key);
    if (known !== undefined) return known;
    // One place is kept for the series of everything beyond the bound.
    const isFull = metric.series.size >= this.#limits.maxSeries - 1 && labels !== overflowLabels;
    if (isFull) return this.#seriesOf(metric, overflowLabels);
    const isHistogram = metric.kind === 'histogram';
    const series: Series = {
      labels,
      value: 0,
      bucketCounts: isHistogram ? Array<number>(metric.boundaries.length + 1).fill(0) : [],
      sketch: isHistogram ? new QuantileSketch() : undefined,
    };
    metric.series.set(key, series);
    return series;
  }
}

/**
 * Labels in the order of their names. An empty one is left out and half a character is replaced: Prometheus takes a series
 * without a label and one with an empty label for the same, and text that is no UTF-8 cannot be told apart. Attributes whose
 * names become the same label share it, as OpenTelemetry's rules say.
 */
function labelsOf(attributes: Attributes): Labels {
  const labels = new Map<string, string>();
  for (const name of Object.keys(attributes).sort().slice(0, maxLabels)) {
    const value = attributes[name];
    if (value === undefined) continue;
    const written = typeof value === 'object' ? JSON.stringify(value) : String(value);
    const text = isSecretName(name) ? '[redacted]' : redactText(written).slice(0, maxLabelLength).toWellFormed();
    if (text === '') continue;
    const label = prometheusLabelName(name);
    const before = labels.get(label);
    labels.set(label, before === undefined ? text : `${before};${text}`);
  }
  return [...labels].sort(([left], [right]) => (left < right ? -1 : 1));
}

function keyOf(labels: Labels): string {
  return JSON.stringify(labels);
}
