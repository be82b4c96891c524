import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { publishedPackages, runCompiler } from './repository.ts';

const folder = join(inject('consumerFolder'), 'types');

/** What can be imported of a package: its own name, and the entry points below it. */
async function entryPoints(name: string): Promise<string[]> {
  const manifest = await readFile(join(inject('consumerFolder'), 'node_modules', name, 'package.json'), 'utf8');
  const { exports } = JSON.parse(manifest) as { readonly exports: Readonly<Record<string, unknown>> };
  return Object.keys(exports)
    .filter((entry) => !entry.endsWith('.json'))
    .map((entry) => name + entry.slice(1));
}

/** Packages whose types name a client that is written for Node's own types. */
const needNodeTypes: readonly string[] = ['@gomind/redis'];

const resolutions = [
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
] as const;

describe('the types of an entry point, alone in a strict project that checks libraries', { timeout: 120_000 }, () => {
  it.each(publishedPackages().map(({ manifest }) => manifest.name))('%s', async (name) => {
    const types = needNodeTypes.includes(name) ? ['node'] : [];
    for (const entry of await entryPoints(name)) {
      for (const [module, moduleResolution] of resolutions) {
        const project = join(folder, `${entry.replaceAll(/\W+/g, '-')}-${moduleResolution}`);
        await mkdir(project, { recursive: true });
        // A browser's library has fetch, Request and AbortSignal; nothing newer than the target is asked for.
        const lib = ['es2022', 'dom'];
        const compilerOptions = { target: 'es2022', lib, types, module, moduleResolution, strict: true, noEmit: true };
        await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
        await writeFile(join(project, 'main.ts'), `import * as it from '${entry}';\nexport default it;\n`);
        await expect(runCompiler(project, ['--project', '.'])).resolves.toBeDefined();
      }
    }
  });
});
