/**
 * Reads files that are named on the command line; `-` is standard input.
 *
 * @module
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { CliContext } from './cli-context.ts';
import { UsageError } from './usage-error.ts';

/** A file that was read. */
export interface SourceFile {
  /** For messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Inputs, registries and plans as JSON, in bytes. */
const maxJsonBytes = 67_108_864;

const chunkBytes = 65_536;

/**
 * The bytes of a file. A device or pipe may never end, so little more than `maxBytes` are read.
 *
 * @param maxBytes what its reader accepts; what is longer than that is returned longer than that
 * @throws UsageError when it cannot be read
 */
export async function readSource(
  path: string,
  context: Pick<CliContext, 'readInput'>,
  maxBytes: number,
): Promise<SourceFile> {
  if (path === '-') return { name: '<stdin>', bytes: await context.readInput(maxBytes) };
  try {
    return { name: path, bytes: readUpTo(path, maxBytes) };
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
  return (await readJsonSource(path, context)).value;
}

/** A JSON file that was read. */
export interface JsonSource {
  /** For messages. */
  readonly name: string;
  readonly text: string;
  readonly value: unknown;
}

/**
 * The JSON value of a file, with its text.
 *
 * @throws UsageError when it cannot be read, or is no JSON
 */
export async function readJsonSource(path: string, context: Pick<CliContext, 'readInput'>): Promise<JsonSource> {
  const { name, bytes } = await readSource(path, context, maxJsonBytes);
  if (bytes.length > maxJsonBytes) throw new UsageError(`${name} is larger than ${String(maxJsonBytes)} bytes.`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { name, text, value: JSON.parse(text) as unknown };
  } catch (error) {
    throw new UsageError(`${name} is no JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** At once: for one small file, the machinery of promises costs a multiple. */
function readUpTo(path: string, maxBytes: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    while (length <= maxBytes) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const read = readSync(file, chunk);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      length += read;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(file);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  return error instanceof Error ? error.message : String(error);
}
