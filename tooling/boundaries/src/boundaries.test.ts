import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { importDirection } from '@gomind/eslint-config';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { checkRepository } from './check-repository.ts';
import { plantRepository } from './planted-repository.ts';
import { allowedFiles, plantedViolations } from './planted-violations.ts';

const repository = resolve(import.meta.dirname, '../../..');

/** @returns the messages of the import rule alone, run by ESLint on a whole repository */
async function lint(root: string): Promise<{ readonly messageId: string; readonly file: string }[]> {
  const eslint = new ESLint({ cwd: root, overrideConfigFile: true, overrideConfig: [...importDirection] });
  const results = await eslint.lintFiles(['.']);
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ messageId, message }) => ({ messageId: messageId ?? message, file: filePath })),
  );
}

/** @returns what oxlint says with the repository's own configuration */
function oxlint(root: string): string {
  const program = join(dirname(createRequire(import.meta.url).resolve('oxlint/package.json')), 'bin/oxlint');
  const { stdout, stderr } = spawnSync(process.execPath, [program, '-c', join(repository, '.oxlintrc.json'), '.'], {
    cwd: root,
    encoding: 'utf8',
  });
  return stdout + stderr;
}

describe('this repository', () => {
  it('keeps the import graph, in every file and every package.json', () => {
    expect(checkRepository(repository)).toEqual([]);
  });

  it('has the import rule switched on, as an error that no comment can change, for every file', async () => {
    const eslint = new ESLint({ cwd: repository });
    const files = globSync('{packages,apps,tooling}/*/src/**/*.ts', { cwd: repository });
    expect(files.length).toBeGreaterThan(100);
    for (const file of files) {
      const config = (await eslint.calculateConfigForFile(join(repository, file))) as {
        readonly rules: Readonly<Record<string, readonly unknown[]>>;
        readonly linterOptions: { readonly noInlineConfig?: boolean };
      };
      expect(config.rules['gomind/import-direction']?.[0], file).toBe(2);
      expect(config.linterOptions.noInlineConfig, file).toBe(true);
    }
  });
});

describe('a repository without violations', () => {
  it('passes both checks, with every form that is allowed', async () => {
    using planted = plantRepository(allowedFiles);
    expect(await lint(planted.root)).toEqual([]);
    expect(checkRepository(planted.root)).toEqual([]);
  });
});

describe.each(plantedViolations)('$what', ({ file, code, rule }) => {
  it('is found by the graph test', () => {
    using planted = plantRepository({ [file]: `${code}\n` });
    expect(checkRepository(planted.root)).toContainEqual(expect.objectContaining({ rule, file }));
  });

  it('is found by lint', async () => {
    using planted = plantRepository({ [file]: `${code}\n` });
    const messages = await lint(planted.root);
    const messageId = rule === 'unlisted' ? 'unlistedRoom' : rule;
    expect(messages).toContainEqual({ messageId, file: join(planted.root, file) });
  });
});

describe('a circle', () => {
  const circles = {
    'of imports': { a: "import './b.ts';\n", b: "import './a.ts';\n" },
    'of types': {
      a: "import type { B } from './b.ts';\nexport type A = B;\n",
      b: "export type { A as B } from './a.ts';\n",
    },
    'through a dynamic import': { a: "void import('./b.ts');\n", b: "import './a.ts';\n" },
  };

  it.each(Object.entries(circles))('%s is found by the graph test', (_what, { a, b }) => {
    using planted = plantRepository({ 'packages/core/src/a.ts': a, 'packages/core/src/b.ts': b });
    const cycle: unknown = expect.objectContaining({ rule: 'cycle', file: 'packages/core/src/a.ts' });
    expect(checkRepository(planted.root)).toContainEqual(cycle);
  });

  it.each(Object.entries(circles).slice(0, 2))('%s is found by oxlint', (_what, { a, b }) => {
    using planted = plantRepository({ 'packages/core/src/a.ts': a, 'packages/core/src/b.ts': b });
    expect(oxlint(planted.root)).toContain('no-cycle');
  });

  it('of packages is found, development dependencies included', () => {
    using planted = plantRepository({}, { 'packages/core': { devDependencies: { '@gomind/ai': 'workspace:*' } } });
    expect(checkRepository(planted.root)).toContainEqual(expect.objectContaining({ rule: 'cycle' }));
  });
});

describe('a package.json', () => {
  it.each([
    ['depends on a package that the table forbids', 'packages/core', { dependencies: { '@gomind/ai': 'workspace:*' } }],
    ['depends on a tool', 'packages/ai', { dependencies: { '@gomind/helper': 'workspace:*' } }],
    ['depends on an app', 'packages/ai', { devDependencies: { '@gomind/travel': 'workspace:*' } }],
    ['makes one app depend on another', 'apps/travel', { dependencies: { '@gomind/other': 'workspace:*' } }],
  ])('that %s is found', (_what, folder, change) => {
    using planted = plantRepository({}, { [folder]: change });
    const violation: unknown = expect.objectContaining({ rule: 'manifest', file: `${folder}/package.json` });
    expect(checkRepository(planted.root)).toContainEqual(violation);
  });

  it('of a package that is not in the table is found', () => {
    using planted = plantRepository({}, { 'packages/cellar': { name: '@gomind/cellar' } });
    const violation: unknown = expect.objectContaining({ rule: 'unlisted', file: 'packages/cellar/package.json' });
    expect(checkRepository(planted.root)).toContainEqual(violation);
  });
});

describe('what only the graph test sees', () => {
  it.each([
    [
      'a comment that switches a lint rule off',
      '// eslint-disable-next-line gomind/import-direction',
      'disable-comment',
    ],
    ['a block comment that does', '/* eslint-disable */', 'disable-comment'],
    ['a comment that sets a rule', '/* eslint gomind/import-direction: off */', 'disable-comment'],
    ['a comment for oxlint', '/* oxlint-disable import/no-cycle */', 'disable-comment'],
    ['a comment that silences the compiler', '// @ts-ignore', 'disable-comment'],
    ['a path out of the package in any text', "join(import.meta.dirname, '../../../ai/src/index.ts');", 'escape'],
    ['a forbidden package in any text', "load('@gomind/ai');", 'direction'],
    ['a file that cannot be parsed', 'import from;', 'unreadable'],
  ])('%s', (_what, code, rule) => {
    const file = 'packages/orchestration/src/plan/planted.ts';
    using planted = plantRepository({ [file]: `${code}\n` });
    expect(checkRepository(planted.root)).toContainEqual(expect.objectContaining({ rule, file }));
  });
});
