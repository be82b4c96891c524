import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { genAiMetric, gomindMetric, metricCatalog, prometheusMetricName } from '@gomind/telemetry';
import { describe, expect, it } from 'vitest';
import { telemetryDocuments } from './telemetry-docs.ts';

const repository = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');

/** Names that the packages' sources give to `recordMetric`: as texts, or by the constants. */
function emittedNames(): Set<string> {
  const constants: Readonly<Record<string, string>> = { ...genAiMetric, ...gomindMetric };
  const files = globSync('packages/*/src/**/*.ts', { cwd: repository, exclude: (name) => name === 'node_modules' });
  const found = new Set<string>();
  for (const file of files.filter((path) => !path.endsWith('.test.ts') && !/telemetry|testing/.test(path))) {
    for (const [, text, constant] of read(file).matchAll(
      /(?:recordMetric|#count|#gauge)\(\s*(?:'([a-z_.]+)'|(?:genAiMetric|gomindMetric)\.(\w+))/g,
    )) {
      found.add(text ?? constants[constant ?? ''] ?? String(constant));
    }
  }
  return found;
}

describe('the documents about telemetry', () => {
  it('are what the code says (node tooling/scripts/src/telemetry-docs.ts writes them)', () => {
    for (const [path, text] of Object.entries(telemetryDocuments())) expect(read(path)).toBe(text);
  });

  it('name every metric that a package emits', () => {
    const known = new Set(metricCatalog.map(({ name }) => name));
    const emitted = [...emittedNames()];
    expect(emitted.length).toBeGreaterThan(15);
    expect(emitted.filter((name) => !known.has(name))).toEqual([]);
  });

  it('name no metric that no package emits', () => {
    const emitted = emittedNames();
    expect(metricCatalog.filter(({ name }) => !emitted.has(name)).map(({ name }) => name)).toEqual([]);
  });

  it('alert on names and labels that exist', () => {
    const labels = new Map(
      metricCatalog.map((metric) => [
        prometheusMetricName(metric.name, metric),
        metric.attributes.map((name) => name.replaceAll('.', '_')),
      ]),
    );
    const used = [
      ...read('docs/dashboards/alerts.yaml').matchAll(/\b((?:gomind|gen_ai|orchestrator)_\w+)(\{([a-z_]+))?/g),
    ];
    const names = used.map(([, name = '', , label]) => ({ name: name.replace(/_(?:bucket|count)$/, ''), label }));
    const metricNames = names.filter(({ name }) => !['gen_ai_provider_name', 'gomind_error_code'].includes(name));
    expect(metricNames.length).toBeGreaterThan(5);
    for (const { name, label } of metricNames) {
      expect(labels.has(name), name).toBe(true);
      if (label !== undefined) expect(labels.get(name)).toContain(label);
    }
  });
});
