/**
 * Runs a step for each item of a list: bounded, results in the order of the items.
 *
 * @module
 */
import { GomindError, type LinkedAbort, linkedAbort } from '@gomind/core';

const maxItems = 10_000;

/** What a list is run with. */
export interface ForEachRun {
  readonly stepName: string;
  /** Items at work at the same time. Default: all, within the run's own limit. */
  readonly maxParallel: number | undefined;
  readonly signal: AbortSignal;
  readonly runItem: (item: unknown, index: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Runs every item; the first failure cancels the items at work and is thrown.
 *
 * @param items a list
 * @returns the outputs in the order of the items
 * @throws GomindError `BAD_STEP_KIND` for what is no list, `LIMIT_EXCEEDED` beyond 10,000 items; else what an item threw
 */
export async function runForEach(items: unknown, run: ForEachRun): Promise<unknown[]> {
  if (!Array.isArray(items)) {
    throw new GomindError({
      code: 'BAD_STEP_KIND',
      message: `for_each of step "${run.stepName}" needs a list, but got ${items === null ? 'null' : typeof items}.`,
    });
  }
  if (items.length > maxItems) {
    throw new GomindError({
      code: 'LIMIT_EXCEEDED',
      message: `for_each of step "${run.stepName}" has ${String(items.length)} items; at most ${String(maxItems)} are allowed.`,
    });
  }
  const outputs = new Array<unknown>(items.length);
  const abort: LinkedAbort = linkedAbort(run.signal);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length && !abort.signal.aborted) {
      const index = next++;
      outputs[index] = await run.runItem(items[index] as unknown, index, abort.signal);
    }
  };
  try {
    const workers = Array.from({ length: Math.min(run.maxParallel ?? items.length, items.length) }, () =>
      work().catch((error: unknown) => {
        abort.abort(error);
        throw error;
      }),
    );
    const ends = await Promise.allSettled(workers);
    const failed = ends.find((end) => end.status === 'rejected');
    // The first failure aborted the others; later ones are its consequences.
    if (failed !== undefined) throw (abort.signal.reason ?? failed.reason) as unknown;
    return outputs;
  } finally {
    abort.unlink();
  }
}
