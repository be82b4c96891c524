import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  genAiAttribute,
  genAiMetric,
  genAiOperation,
  gomindAttribute,
  gomindMetric,
  metricCatalog,
  prometheusMetricName,
  spanCatalog,
} from '@gomind/telemetry';
import { describe, expect, it } from 'vitest';
import { telemetryDocuments } from './telemetry-docs.ts';

const repository = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');

/** The packages' sources that emit. */
function sources(): string[] {
  const files = globSync('packages/*/src/**/*.ts', { cwd: repository, exclude: (name) => name === 'node_modules' });
  return files
    .filter((path) => !path.endsWith('.test.ts') && !/packages\/telemetry\/|contracts\/telemetry|testing/.test(path))
    .map(read);
}

/** Names that the packages' sources give to `recordMetric` and `observe`: as texts, or by the constants. */
function emittedNames(): Set<string> {
  const constants: Readonly<Record<string, string>> = { ...genAiMetric, ...gomindMetric };
  const found = new Set<string>();
  for (const source of sources()) {
    for (const [, text, constant] of source.matchAll(
      /(?:(?:recordMetric|#count|#gauge)\(|\bmetric:)\s*(?:'([a-z_.]+)'|(?:genAiMetric|gomindMetric)\.(\w+))/g,
    )) {
      found.add(text ?? constants[constant ?? ''] ?? String(constant));
    }
  }
  return found;
}

/** Names of attributes in the packages' sources: as texts that are keys, or by the constants. */
function emittedAttributes(): Set<string> {
  const constants: Readonly<Record<string, string>> = { ...genAiAttribute, ...gomindAttribute };
  const metrics = new Set<string>([...Object.values(genAiMetric), ...Object.values(gomindMetric)]);
  const found = new Set<string>();
  for (const source of sources()) {
    for (const [, text] of source.matchAll(/(?<!Symbol\.for\()'((?:gen_ai|gomind|error)\.[a-z_.]+)'/g)) {
      if (text !== undefined && !metrics.has(text)) found.add(text);
    }
    for (const [, name = ''] of source.matchAll(/(?:genAiAttribute|gomindAttribute)\.(\w+)/g)) {
      found.add(constants[name] ?? name);
    }
  }
  return found;
}

/** First words of the names of spans. */
function emittedSpans(): Set<string> {
  const operations: Readonly<Record<string, string>> = genAiOperation;
  const found = new Set<string>();
  for (const source of sources()) {
    for (const [, text] of source.matchAll(/(?:withSpan\(|\bspan:)\s*[`']([a-z_]+)/g))
      if (text !== undefined) found.add(text);
    // Calls of models are named after their operation.
    if (/withSpan\(\s*`\$\{call\.operation\}/.test(source)) {
      for (const name of ['chat', 'embeddings']) found.add(operations[name] ?? name);
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

  it('name every span that a package emits, and no other', () => {
    const listed = new Set(spanCatalog.map(({ name }) => name.split(' ')[0]));
    expect([...emittedSpans()].toSorted()).toEqual([...listed].toSorted());
  });

  it('name every attribute that a package emits, and no other', () => {
    const listed = new Set([
      ...[...spanCatalog, ...metricCatalog].flatMap(({ attributes }) => attributes),
      // Any failed span carries them.
      genAiAttribute.errorType,
      gomindAttribute.errorCode,
    ]);
    const emitted = emittedAttributes();
    expect([...emitted].filter((name) => !listed.has(name))).toEqual([]);
    const named = [...listed].filter((name) => /^(?:gen_ai|gomind)\./.test(name) && name !== gomindAttribute.errorCode);
    expect(named.filter((name) => !emitted.has(name))).toEqual([]);
  });

  it('send who looks for trouble to metrics and spans that exist', () => {
    const metrics = new Set(metricCatalog.map(({ name }) => name));
    const spans = new Set(spanCatalog.map(({ name }) => name.split(' ')[0]));
    const attributes = new Set([...spanCatalog, ...metricCatalog].flatMap((entry) => entry.attributes));
    const text = read('docs/troubleshooting.md');
    const named = [...text.matchAll(/`((?:gen_ai|gomind|orchestrator)\.[a-z_.]+)`/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(10);
    expect(
      named.filter((name) => !metrics.has(name) && !attributes.has(name) && name !== gomindAttribute.errorCode),
    ).toEqual([]);
    const shown = [...text.matchAll(/spans? `([a-z_]+)/g)].map(([, name = '']) => name);
    expect(shown.length).toBeGreaterThan(1);
    expect(shown.filter((name) => !spans.has(name))).toEqual([]);
    const symptoms = [
      'model does not answer',
      'No components',
      'workflow hangs',
      'Memory grows',
      'capability service is overloaded',
    ];
    for (const symptom of symptoms) expect(text).toMatch(new RegExp(`^## .*${symptom}`, 'm'));
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
