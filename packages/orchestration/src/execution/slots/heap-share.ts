/**
 * How full the heap of this process, or of this worker, is.
 *
 * What lasts lives in the old generation, and it is the old generation's limit that ends a process. V8's `heap_size_limit` is
 * larger: it counts the young generation in, 192 MB of it in Node 24, which what lasts can never use. In a process with
 * `--max-old-space-size=256` the heap is full at 57 % of that figure.
 *
 * @module
 */
import { readEnv } from '@gomind/core';

/** Above this share V8 spends its time collecting; that of Node 22 may give a process up before 85 % are seen, where much is made and soon forgotten. */
export const maxHeapShare = 0.8;

const mebibyte = 1_048_576;
const youngSpaces: ReadonlySet<string> = new Set(['new_space', 'new_large_object_space']);

/** Where a limit of the old generation may have been given. */
export interface HeapOptions {
  /** Options of Node, those that count most last. */
  readonly nodeOptions: readonly string[];
  /** `resourceLimits` of a worker, in MiB. */
  readonly workerLimitMiB?: number | undefined;
}

/**
 * The limit of the old generation.
 *
 * @returns bytes; undefined where nobody set one
 */
export function oldGenerationLimit({ nodeOptions, workerLimitMiB }: HeapOptions): number | undefined {
  if (workerLimitMiB !== undefined && workerLimitMiB > 0) return workerLimitMiB * mebibyte;
  const given = nodeOptions
    .map((option) => /^--max[-_]old[-_]space[-_]size=(\d+)$/.exec(option)?.[1])
    .findLast((size) => size !== undefined);
  // Zero means that V8 chooses.
  return given === undefined || Number(given) === 0 ? undefined : Number(given) * mebibyte;
}

/** Bytes, once they are known; null where nobody set a limit. */
let knownLimit: number | null | undefined;

/** Share of the heap's limit that is in use, from 0 to about 1. */
export function heapShareOfProcess(): number {
  // Loaded by the first who looks: most processes never do.
  const v8 = process.getBuiltinModule('node:v8');
  if (knownLimit === undefined) knownLimit = limitOfProcess() ?? null;
  if (knownLimit === null) {
    // The one that V8 chose is large beside the young generation.
    const { used_heap_size: used, heap_size_limit: limit } = v8.getHeapStatistics();
    return used / limit;
  }
  const used = v8
    .getHeapSpaceStatistics()
    .filter(({ space_name: name }) => !youngSpaces.has(name))
    .reduce((bytes, { space_used_size: size }) => bytes + size, 0);
  return used / knownLimit;
}

function limitOfProcess(): number | undefined {
  const { resourceLimits } = process.getBuiltinModule('node:worker_threads');
  return oldGenerationLimit({
    nodeOptions: [...(readEnv('NODE_OPTIONS') ?? '').split(/\s+/), ...process.execArgv],
    workerLimitMiB: resourceLimits.maxOldGenerationSizeMb,
  });
}
