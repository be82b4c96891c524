/**
 * What is really installed when a package is: the graph that a package manager resolved, read from its folders.
 *
 * @module
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PackageManifest, readManifest } from './repository.ts';

/** An installed package. */
export interface InstalledPackage {
  readonly folder: string;
  readonly manifest: PackageManifest;
}

/**
 * Everything that comes with a package: dependencies, peers and optional ones that are installed, and theirs.
 *
 * @param folder of the project that installed it
 * @param name of the package
 * @returns by name, without the package itself
 * @throws Error when a dependency is not installed
 */
export function installedWith(folder: string, name: string): ReadonlyMap<string, InstalledPackage> {
  const found = new Map<string, InstalledPackage>();
  const visit = (from: string, wanted: string): void => {
    const installed = locate(from, wanted);
    if (found.has(wanted)) return;
    found.set(wanted, installed);
    const { dependencies, peerDependencies, optionalDependencies } = installed.manifest;
    for (const required of Object.keys({ ...dependencies })) visit(installed.folder, required);
    for (const optional of Object.keys({ ...peerDependencies, ...optionalDependencies })) {
      if (isInstalled(installed.folder, optional)) visit(installed.folder, optional);
    }
  };
  visit(folder, name);
  found.delete(name);
  return found;
}

/** Scripts that a package manager would run while installing. */
export function installScripts({ folder, manifest }: InstalledPackage): string[] {
  const scripts = ['preinstall', 'install', 'postinstall'].filter((name) => manifest.scripts?.[name] !== undefined);
  return existsSync(join(folder, 'binding.gyp')) ? [...scripts, 'binding.gyp'] : scripts;
}

function isInstalled(from: string, name: string): boolean {
  return findFolder(from, name) !== undefined;
}

function locate(from: string, name: string): InstalledPackage {
  const found = findFolder(from, name);
  if (found === undefined) throw new Error(`${name} is not installed for ${from}.`);
  return { folder: found, manifest: readManifest(found) };
}

/** Looks where Node would: in each node_modules from here to the root. */
function findFolder(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (folder === dirname(folder)) return undefined;
  }
}
