/**
 * Makes the scripts of a package: one file for each entry point, because a process that imports 150 small modules starts
 * several times slower than one that imports a few (docs/decisions/0009). Types are the compiler's, one file for each module.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { glob, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'rolldown';
import { type BuildManifest, entryPoints } from './entry-points.ts';
import { noticesOf } from './notices.ts';

/**
 * Bundles a package's sources into its `dist`. Dependencies stay imports, other packages of this repository too, unless the
 * package is a program that names those that do (`gomind.bundleAllBut`): then all others are taken in, with their licences.
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
  const { output } = await build(bundleOptions(folder, { manifest, input: Object.fromEntries(inputs) }));
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  const notices = await noticesOf(modules);
  if (notices !== '') await writeFile(join(folder, 'dist/THIRD-PARTY-NOTICES.txt'), notices);
}

/** What an earlier build left would be packed; the declarations beside it are known to the compiler and stay. */
async function removeScripts(folder: string): Promise<void> {
  for await (const file of glob('**/*.js{,.map}', { cwd: folder })) await rm(join(folder, file));
}

interface BundleParts {
  readonly manifest: BuildManifest;
  readonly input: Record<string, string>;
}

function bundleOptions(folder: string, { manifest, input }: BundleParts): BuildOptions {
  const kept = manifest.gomind?.bundleAllBut;
  return {
    cwd: folder,
    input,
    platform: 'node',
    external: (name) =>
      kept === undefined ? !name.startsWith('.') && !isAbsolute(name) : isBuiltin(name) || kept.includes(name),
    plugins: kept === undefined ? [] : [bundledRequires],
    // A package that is there in both forms: the modules start faster.
    resolve: { conditionNames: ['import', 'module', 'node', 'default'] },
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

/**
 * What loads late does so through `createRequire` (docs/decisions/0002), which a bundler leaves alone. As a plain `require` it is
 * bundled, and still runs with its first use only.
 */
const bundledRequires: Plugin = {
  name: 'bundled-requires',
  transform: (code) => {
    const bundled = code.replace(/^const require = createRequire\(import\.meta\.url\);$/m, '');
    // Nothing moves: the line stays, empty.
    return bundled === code ? undefined : { code: bundled, map: null };
  },
};
