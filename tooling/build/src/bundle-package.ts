/**
 * Makes the scripts of a package: one file for each entry point, because a process that imports 150 small modules starts
 * several times slower than one that imports a few (docs/decisions/0009). Types are the compiler's, one file for each module.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { glob, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { type BuildOptions, build } from 'rolldown';
import { type BuildManifest, entryPoints } from './entry-points.ts';

/**
 * Bundles a package's sources into its `dist`. Every dependency stays an import, other packages of this repository too.
 *
 * @param folder the folder that holds the package.json
 * @throws Error when the sources cannot be bundled, or with a warning only
 */
export async function bundlePackage(folder: string): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as BuildManifest;
  const inputs = [...entryPoints(manifest)].map(
    ([script, source]) => [script.slice('dist/'.length, -'.js'.length), join(folder, source)] as const,
  );
  await removeScripts(join(folder, 'dist'));
  await build(bundleOptions(folder, Object.fromEntries(inputs)));
}

/** What an earlier build left would be packed; the declarations beside it are known to the compiler and stay. */
async function removeScripts(folder: string): Promise<void> {
  for await (const file of glob('**/*.js{,.map}', { cwd: folder })) await rm(join(folder, file));
}

function bundleOptions(folder: string, input: Record<string, string>): BuildOptions {
  return {
    cwd: folder,
    input,
    platform: 'node',
    external: (name) => !name.startsWith('.') && !isAbsolute(name),
    transform: { target: 'es2023' },
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
    output: {
      dir: join(folder, 'dist'),
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'shared/[name].js',
      // Docstrings are in the declarations.
      comments: { jsdoc: false },
      sourcemap: true,
      // The sources themselves are published.
      sourcemapExcludeSources: true,
    },
  };
}
