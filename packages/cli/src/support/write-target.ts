/**
 * Writes files that are named on the command line.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { UsageError } from './usage-error.ts';

/**
 * Writes a text to a file.
 *
 * @param options.mode permissions of a new file. Default: what the process gives
 * @throws UsageError when it cannot be written
 */
export async function writeTarget(path: string, text: string, options: { readonly mode?: number } = {}): Promise<void> {
  try {
    await writeFile(path, text, options);
  } catch (error) {
    throw new UsageError(`The file ${path} cannot be written: ${reasonOf(error)}.`);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'its folder does not exist';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES' || code === 'EROFS') return 'that is not allowed here';
  return error instanceof Error ? error.message : String(error);
}
