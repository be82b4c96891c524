/**
 * Programs on PATH, and running them.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Environment variables as the operating system hands them over. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The full path of a program, or undefined when PATH does not lead to it. */
export function findProgram(name: string, environment: Environment): string | undefined {
  return (environment['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Runs a program to its end.
 *
 * @returns undefined when it exited with 0, else why it did not
 */
export function runProgram(
  file: string,
  parameters: readonly string[],
  options: { readonly timeoutMs: number; readonly cwd?: string; readonly environment: Environment },
): string | undefined {
  const { timeoutMs, cwd, environment } = options;
  const result = spawnSync(file, parameters, { cwd, encoding: 'utf8', timeout: timeoutMs, env: { ...environment } });
  if (result.status === 0) return undefined;
  const lastLine = (result.stderr as string | null)?.trim().split('\n').at(-1);
  return (
    result.error?.message ??
    (lastLine === undefined || lastLine === '' ? `exit code ${String(result.status)}` : lastLine)
  );
}
