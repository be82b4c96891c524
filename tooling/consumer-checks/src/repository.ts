/**
 * Where things are in this repository, and how its programs are run.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** Root folder of the repository. */
export const repositoryRoot: string = resolve(import.meta.dirname, '../../..');

/** A package.json, as far as the checks look at it. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly packageManager?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** @param folder the folder that holds the package.json */
export function readManifest(folder: string): PackageManifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageManifest;
}

/** A package that is published. */
export interface PublishedPackage {
  readonly folder: string;
  readonly manifest: PackageManifest;
}

/** The packages of this repository that are published. */
export function publishedPackages(): PublishedPackage[] {
  return readdirSync(join(repositoryRoot, 'packages'))
    .map((name) => join(repositoryRoot, 'packages', name))
    .map((folder) => ({ folder, manifest: readManifest(folder) }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** Outcome of a program that ended with 0. */
export interface ProgramOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end, at most two minutes.
 *
 * @throws Error with everything the program wrote when it fails
 */
export async function runProgram(
  folder: string,
  program: string,
  parameters: readonly string[],
): Promise<ProgramOutput> {
  try {
    return await promisify(execFile)(program, [...parameters], {
      cwd: folder,
      timeout: 120_000,
      maxBuffer: 64 * 1024 * 1024,
      shell: process.platform === 'win32',
    });
  } catch (error) {
    const { stdout, stderr } = error as Partial<ProgramOutput>;
    const said = [stdout, stderr].filter((text) => text !== undefined && text !== '').join('\n');
    throw new Error(`${program} ${parameters.join(' ')} failed in ${folder}\n${said}`, { cause: error });
  }
}

/** Runs the package manager that the README names, whether or not one is installed. */
export function runPackageManager(folder: string, parameters: readonly string[]): Promise<ProgramOutput> {
  const { packageManager } = readManifest(repositoryRoot);
  if (packageManager === undefined) throw new Error('The root package.json names no packageManager.');
  return runProgram(folder, 'npx', ['--yes', packageManager, ...parameters]);
}

/** Runs the TypeScript compiler of this repository. */
export function runCompiler(folder: string, parameters: readonly string[]): Promise<ProgramOutput> {
  const compiler = join(repositoryRoot, 'node_modules/typescript/bin/tsc');
  return runProgram(folder, process.execPath, [compiler, ...parameters]);
}
