/**
 * Reads files that are named on the command line; `-` is standard input.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import type { CliContext } from './cli-context.ts';
import { UsageError } from './usage-error.ts';

/** A file that was read. */
export interface SourceFile {
  /** For messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The bytes of a file.
 *
 * @throws UsageError when it cannot be read
 */
export async function readSource(path: string, context: Pick<CliContext, 'readInput'>): Promise<SourceFile> {
  if (path === '-') return { name: '<stdin>', bytes: await context.readInput() };
  try {
    // At once: for one small file, the machinery of promises costs a multiple.
    return { name: path, bytes: readFileSync(path) };
  } catch (error) {
    throw new UsageError(`The file ${path} cannot be read: ${reasonOf(error)}.`);
  }
}

/**
 * The JSON value of a file.
 *
 * @throws UsageError when it cannot be read, or is no JSON
 */
export async function readJsonFile(path: string, context: Pick<CliContext, 'readInput'>): Promise<unknown> {
  const { name, bytes } = await readSource(path, context);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw new UsageError(`${name} is no JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  return error instanceof Error ? error.message : String(error);
}
