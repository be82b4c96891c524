/**
 * Runs programs for the scripts of this folder.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Root folder of the repository. */
export const repositoryRoot: string = resolve(import.meta.dirname, '../../..');

/** How a program ended. */
export interface CommandOutcome {
  /** Exit code; 1 when a signal ended it. */
  readonly code: number;
  /** Both outputs, in the order they came. */
  readonly output: string;
}

/** Options of {@link runCommand}. */
export interface CommandOptions {
  /** Default: the repository. */
  readonly folder?: string;
  /** Added to this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether the output is shown while it comes. Default: false. */
  readonly isShown?: boolean;
}

/** Runs a program to its end. Never rejects for an exit code. */
export async function runCommand(
  program: string,
  parameters: readonly string[],
  options: CommandOptions = {},
): Promise<CommandOutcome> {
  const child = spawn(program, parameters, {
    cwd: options.folder ?? repositoryRoot,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    if (options.isShown === true) process.stdout.write(chunk);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      done({ code: code ?? 1, output });
    });
  });
}

/**
 * Runs pnpm: the one on PATH (under `pnpm run` there is one), else the one that package.json names, through npx.
 */
export function runPnpm(parameters: readonly string[], options: CommandOptions = {}): Promise<CommandOutcome> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  if (folders.some((folder) => existsSync(join(folder, 'pnpm')))) return runCommand('pnpm', parameters, options);
  const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
    readonly packageManager: string;
  };
  return runCommand('npx', ['--yes', manifest.packageManager, ...parameters], options);
}
