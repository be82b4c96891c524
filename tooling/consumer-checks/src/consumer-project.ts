/**
 * A project of a user: an empty folder outside this repository, where the packed packages are installed as from a registry.
 *
 * @module
 */
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundlePackage } from '@gomind/build';
import { publishedPackages, readManifest, repositoryRoot, runCompiler, runPackageManager } from './repository.ts';

/** A folder with the packages of this repository installed from their tarballs. */
export interface ConsumerProject extends AsyncDisposable {
  readonly folder: string;
}

/**
 * Builds and packs every published package and installs the tarballs into an empty project.
 *
 * What the workspace has installed already comes out of pnpm's store, so that no network is needed.
 */
export async function createConsumerProject(): Promise<ConsumerProject> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'gomind-consumer-')));
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true });
  try {
    const tarballs = await packPackages(root);
    const folder = join(root, 'project');
    await mkdir(folder);
    await installInto(folder, tarballs);
    return { folder, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @returns where the tarball of each package is */
async function packPackages(destination: string): Promise<Map<string, string>> {
  const packages = publishedPackages();
  await runCompiler(repositoryRoot, ['-b', ...packages.map(({ folder }) => join(folder, 'tsconfig.src.json'))]);
  for (const { folder } of packages) await bundlePackage(folder);
  await runPackageManager(repositoryRoot, [
    '-r',
    '--filter',
    './packages/*',
    'pack',
    '--pack-destination',
    destination,
  ]);
  const files = new Set(await readdir(destination));
  return new Map(
    packages.map(({ manifest: { name, version } }) => {
      const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
      if (!files.has(file)) throw new Error(`${name} was not packed: ${file} is missing.`);
      return [name, join(destination, file)];
    }),
  );
}

async function installInto(folder: string, tarballs: ReadonlyMap<string, string>): Promise<void> {
  const packed = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]));
  const orchestration = join(repositoryRoot, 'packages/orchestration/node_modules');
  const versions = Object.fromEntries(
    ['zod', '@types/node'].map((name) => [name, readManifest(join(orchestration, name)).version]),
  );
  const manifest = { name: 'consumer', private: true, type: 'module', dependencies: { ...packed, ...versions } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  // Packages name each other by version, and these versions are in no registry yet. (JSON is YAML.)
  await writeFile(join(folder, 'pnpm-workspace.yaml'), JSON.stringify({ overrides: packed }));
  await runPackageManager(folder, ['install', '--prefer-offline', '--ignore-scripts']);
}
