/**
 * Writes `docs/telemetry.md` and `docs/dashboards/grafana.json` from the catalog of names in `@gomind/telemetry`:
 * `node tooling/scripts/src/telemetry-docs.ts`.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type CatalogMetric,
  genAiRegistryCommit,
  metricCatalog,
  prometheusLabelName,
  prometheusMetricName,
  spanCatalog,
} from '@gomind/telemetry';

const repository = join(import.meta.dirname, '../../..');

/** The documents by path, as the code says they should be. */
export function telemetryDocuments(): Readonly<Record<string, string>> {
  return { 'docs/telemetry.md': writePage(), 'docs/dashboards/grafana.json': writeDashboard() };
}

function writePage(): string {
  const names = (list: readonly string[]): string => list.map((name) => `\`${name}\``).join(', ');
  const spans = spanCatalog.map(
    ({ name, kind, description, attributes }) =>
      `### \`${name}\` (${kind})\n\n${description} Attributes: ${names(attributes)}.`,
  );
  const metrics = metricCatalog.map((metric) => {
    const { name, kind, unit, description, attributes } = metric;
    const by = attributes.length === 0 ? '' : ` By ${names(attributes)}.`;
    const measure = unit === undefined ? kind : `${kind}, \`${unit}\``;
    return `### \`${name}\`\n\n${description} ${measure}.${by} In Prometheus: \`${prometheusMetricName(name, metric)}\`.`;
  });
  return `${[
    '# Spans and metrics',
    '<!-- Written by tooling/scripts/src/telemetry-docs.ts from the code. Do not edit. -->',
    `What the packages emit, and nothing else. \`gen_ai.*\` follows the registry of \`open-telemetry/semantic-conventions-genai\` at commit \`${genAiRegistryCommit}\` (status: Development). \`gomind.*\` is ours.`,
    '## Spans',
    'A failed span carries `error.type` and, for an error of ours, `gomind.error.code`. Texts of people, models and tools appear only with `captureContent: true`. Secrets are taken out of names, attributes, labels, events and errors ([0011](decisions/0011-where-secrets-are-taken-out.md)).',
    ...spans,
    '## Metrics',
    'Durations are seconds.',
    ...metrics,
  ].join('\n\n')}\n`;
}

function writeDashboard(): string {
  const panels = metricCatalog.map((metric, index) => ({
    id: index + 1,
    title: metric.description.replace(/\.$/, ''),
    type: 'timeseries',
    datasource: { type: 'prometheus', uid: '${datasource}' },
    gridPos: { h: 8, w: 12, x: (index % 2) * 12, y: Math.floor(index / 2) * 8 },
    fieldConfig: { defaults: { unit: metric.unit === 's' ? 's' : 'short' }, overrides: [] },
    targets: queriesOf(metric).map((expr, target) => ({ refId: String.fromCharCode(65 + target), expr })),
  }));
  const datasource = { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' };
  const dashboard = {
    uid: 'gomind',
    title: 'GoMind',
    tags: ['gomind'],
    schemaVersion: 39,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [datasource] },
    panels,
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

function queriesOf(metric: CatalogMetric): string[] {
  const name = prometheusMetricName(metric.name, metric);
  const labels = metric.attributes.map(prometheusLabelName);
  const by = labels.length === 0 ? '' : ` by (${labels.join(', ')})`;
  if (metric.kind === 'gauge') return [name];
  if (metric.kind === 'counter') return [`sum${by} (rate(${name}[5m]))`];
  return [0.5, 0.95, 0.99].map(
    (share) =>
      `histogram_quantile(${String(share)}, sum by (${['le', ...labels].join(', ')}) (rate(${name}_bucket[5m])))`,
  );
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [path, text] of Object.entries(telemetryDocuments())) await writeFile(join(repository, path), text);
}
