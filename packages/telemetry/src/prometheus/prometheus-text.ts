/**
 * Prometheus' text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ .
 *
 * @module
 */
import type { Labels, Metric, Series } from './metric-store.ts';

/** The content type that belongs to {@link writePrometheusText}. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Writes metrics as one text. */
export function writePrometheusText(metrics: readonly Metric[]): string {
  return metrics.map(writeMetric).join('');
}

function writeMetric(metric: Metric): string {
  const { name, kind, description } = metric;
  const help = description === undefined ? [] : [`# HELP ${name} ${escapeHelp(description)}`];
  const lines = [...metric.series.values()].flatMap((series) =>
    kind === 'histogram' ? histogramLines(metric, series) : [line(name, series.labels, series.value)],
  );
  return `${[...help, `# TYPE ${name} ${kind}`, ...lines].join('\n')}\n`;
}

/** Buckets of this format are cumulative. */
function histogramLines({ name, boundaries }: Metric, { labels, value, bucketCounts }: Series): string[] {
  let count = 0;
  const buckets = bucketCounts.map((inBucket, index) => {
    count += inBucket;
    const bound = boundaries[index];
    return line(`${name}_bucket`, [...labels, ['le', bound === undefined ? '+Inf' : String(bound)]], count);
  });
  return [...buckets, line(`${name}_sum`, labels, value), line(`${name}_count`, labels, count)];
}

function line(name: string, labels: Labels, value: number): string {
  const inner = labels.map(([label, text]) => `${label}="${escapeLabel(text)}"`).join(',');
  return `${name}${inner === '' ? '' : `{${inner}}`} ${numberOf(value)}`;
}

/** Sums may overflow. */
function numberOf(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
