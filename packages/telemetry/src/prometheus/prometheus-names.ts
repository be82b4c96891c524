/**
 * OpenTelemetry's names as Prometheus writes them, by the rules of
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ .
 *
 * @module
 */
import type { MetricOptions } from '@gomind/core';

const unitWords: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', By: 'bytes', '1': 'ratio' };

/**
 * The name of a metric in Prometheus: dots become underlines, then unit and, for counters, `total` are appended.
 *
 * @example
 * prometheusMetricName('gomind.step.duration', { kind: 'histogram', unit: 's' }); // gomind_step_duration_seconds
 */
export function prometheusMetricName(name: string, { kind = 'histogram', unit }: MetricOptions = {}): string {
  let result = name.replace(/[^a-zA-Z0-9_:]+/g, '_').replace(/^(?=\d)/, '_');
  const word = unit === undefined || (unit === '1' && kind !== 'gauge') ? undefined : unitWords[unit];
  if (word !== undefined && !result.endsWith(`_${word}`)) result += `_${word}`;
  return kind === 'counter' && !result.endsWith('_total') ? `${result}_total` : result;
}

/** The name of an attribute as a label. Leading double underlines and `le` are Prometheus' own. */
export function prometheusLabelName(name: string): string {
  const label = name.replace(/[^a-zA-Z0-9]+/g, '_').replace(/^(?=\d|$)/, '_');
  return label === 'le' ? 'exported_le' : label;
}
