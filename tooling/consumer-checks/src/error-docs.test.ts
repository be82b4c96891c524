import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMarkdown } from './markdown.ts';
import { repositoryRoot } from './repository.ts';

/** Names in capitals that are no error codes of ours. */
const others: readonly RegExp[] = [
  /^(?:GOMIND|OPENAI|OTEL|REDIS)_/, // environment variables, and a name between files of the redis package
  /_(?:API_KEY|BASE_URL|ENDPOINT)$/, // environment variables of the model providers
  /^(?:UND_ERR|EAI|ERR)_/, // codes of Node and undici
  /^(?:NO_COLOR|NODE_OPTIONS|QUOTE_DOUBLE|RESOURCE_EXHAUSTION)$/, // variables of terminals and of Node, a style of YAML, a code of its parser
];

/** Every error code that the packages' sources hold, and where. */
function codesInSources(): Map<string, string> {
  const codes = new Map<string, string>();
  const isSkipped = (name: string): boolean => name === 'node_modules' || name.endsWith('.test.ts');
  for (const file of globSync('packages/*/src/**/*.ts', { cwd: repositoryRoot, exclude: isSkipped })) {
    const text = readFileSync(join(repositoryRoot, file), 'utf8');
    // Codes of one word look like other words in capitals, so these count only where a code stands.
    const found = [
      ...text.matchAll(/'([A-Z]+(?:_[A-Z]+)+)'/g),
      ...text.matchAll(/(?:\bcode: |\| |\bbroke\(|\brefused\()'([A-Z]{5,})'/g),
    ];
    for (const [, code = ''] of found) if (!others.some((other) => other.test(code))) codes.set(code, file);
  }
  return codes;
}

/** Codes that docs/errors.md explains: in a heading, or in the first column of a table. */
function codesInDocument(): string[] {
  const found = readMarkdown('docs/errors.md').matchAll(/^(?:###|\|) `([A-Z_]+)`/gm);
  return [...found].map(([, code = '']) => code);
}

describe('docs/errors.md', () => {
  it('explains every code that the packages can throw', () => {
    const documented = new Set(codesInDocument());
    const missing = [...codesInSources()].filter(([code]) => !documented.has(code));
    expect(missing, 'Give each of these a section in docs/errors.md').toEqual([]);
  });

  it('explains nothing that no package throws, and nothing twice', () => {
    const known = codesInSources();
    const documented = codesInDocument();
    expect(documented.filter((code) => !known.has(code))).toEqual([]);
    expect(documented).toHaveLength(new Set(documented).size);
  });

  it('says of each what happened, why, and what to do', () => {
    const sections = readMarkdown('docs/errors.md').split(/^### /m).slice(1);
    const incomplete = sections.filter((section) => !/What happened[\s\S]+Why[\s\S]+What to do/.test(section));
    expect(incomplete.map((section) => section.split('\n')[0])).toEqual([]);
  });
});
