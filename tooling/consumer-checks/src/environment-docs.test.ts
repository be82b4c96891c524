import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMarkdown } from './markdown.ts';
import { repositoryRoot } from './repository.ts';

/** What the code puts together, or others read for us: the SDK of OpenTelemetry, and Node. */
const notInSources =
  /^(?:OTEL_(?:EXPORTER_OTLP_)?(?:TRACES_|METRICS_)?(?:EXPORTER|HEADERS|PROTOCOL|ENDPOINT)|OTEL_RESOURCE_ATTRIBUTES|OTEL_EXPORTER_OTLP_TIMEOUT|NODE_DISABLE_COMPILE_CACHE)$/;
const isVariable = (name: string): boolean =>
  /^(?:GOMIND|OTEL|REDIS)_|_(?:API_KEY|BASE_URL|ENDPOINT)$|^NO_COLOR$/.test(name);

/** Every environment variable whose name stands in the packages' sources, and where. */
function variablesInSources(): Map<string, string> {
  const variables = new Map<string, string>();
  const isSkipped = (name: string): boolean => name === 'node_modules' || name.endsWith('.test.ts');
  for (const file of globSync('packages/*/src/**/*.ts', { cwd: repositoryRoot, exclude: isSkipped })) {
    const text = readFileSync(join(repositoryRoot, file), 'utf8').replaceAll(/^\s*(?:\*|\/\/).*$/gm, '');
    for (const [, name = ''] of text.matchAll(/(?:'|^\s*)([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:'|:)/gm)) {
      if (isVariable(name)) variables.set(name, file);
    }
  }
  // A name between the files of the redis package.
  variables.delete('REDIS_DEADLINE');
  return variables;
}

function variablesInDocument(): string[] {
  const found = readMarkdown('docs/environment.md').matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g);
  return [...new Set([...found].map(([, name = '']) => name))];
}

describe('docs/environment.md', () => {
  it('names every variable that the packages read', () => {
    const documented = new Set(variablesInDocument());
    const missing = [...variablesInSources()].filter(([name]) => !documented.has(name));
    expect(missing, 'Give each of these a row in docs/environment.md').toEqual([]);
  });

  it('names no variable that nothing reads', () => {
    const known = variablesInSources();
    const codes = new Set(['CONFIG_INVALID']);
    const unknown = variablesInDocument().filter(
      (name) => !known.has(name) && !codes.has(name) && !notInSources.test(name),
    );
    expect(unknown).toEqual([]);
  });
});
