/**
 * Runs of one concurrency group do not run at the same time: a new one waits, or cancels the one that runs.
 *
 * @module
 */
import { cancellationError, GomindError } from '@gomind/core';
import { resolveExpressions } from '../../plan/expressions/resolve-expressions.ts';
import type { WorkflowDefinition } from '../definition.ts';

const maxWaiting = 10_000;

interface Holder {
  readonly place: string;
  readonly cancel: (reason: GomindError) => void;
  readonly left: Promise<void>;
}

/** The groups of one engine, within one process. */
export class ConcurrencyGroups {
  readonly #holders = new Map<string, Holder>();
  #waiting = 0;

  /**
   * Enters a group, once whoever holds it has left.
   *
   * A workflow inside one that holds the group enters it too: the two are one run.
   *
   * @param group name of the group; undefined for none
   * @param run `policy: 'cancel'` cancels the run that holds the group; `cancel` is how this run is cancelled in turn; `place` is
   *   the run's id, and behind a slash the step that the workflow is
   * @returns leaves the group
   * @throws GomindError `CANCELLED` when the signal aborts while waiting, `LIMIT_EXCEEDED` when 10,000 runs wait already
   */
  async enter(
    group: string | undefined,
    run: {
      readonly place: string;
      readonly policy: 'wait' | 'cancel';
      readonly cancel: (reason: GomindError) => void;
      readonly signal: AbortSignal;
    },
  ): Promise<() => void> {
    if (group === undefined) return () => undefined;
    for (let holder = this.#holders.get(group); holder !== undefined; holder = this.#holders.get(group)) {
      if (run.place.startsWith(`${holder.place}/`)) return () => undefined;
      if (run.policy === 'cancel') {
        holder.cancel(
          new GomindError({ code: 'CANCELLED', message: `A newer run of the group "${group}" took its place` }),
        );
      }
      await this.#wait(holder, run.signal, group);
    }
    const left = Promise.withResolvers<undefined>();
    const holder: Holder = { place: run.place, cancel: run.cancel, left: left.promise };
    this.#holders.set(group, holder);
    return () => {
      if (this.#holders.get(group) === holder) this.#holders.delete(group);
      left.resolve(undefined);
    };
  }

  async #wait(holder: Holder, signal: AbortSignal, group: string): Promise<void> {
    if (signal.aborted) throw cancellationError(signal, `Waiting for the group "${group}"`);
    if (this.#waiting >= maxWaiting) {
      throw new GomindError({
        code: 'LIMIT_EXCEEDED',
        message: `At most ${String(maxWaiting)} runs may wait for a group.`,
      });
    }
    this.#waiting++;
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => {
      aborted.reject(cancellationError(signal, `Waiting for the group "${group}"`));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([holder.left, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#waiting--;
    }
  }
}

/** The group of a run; undefined for none. */
export function groupOf(
  { concurrency }: WorkflowDefinition,
  inputs: Readonly<Record<string, unknown>>,
): string | undefined {
  return concurrency === undefined ? undefined : String(resolveExpressions(concurrency.group, { inputs }));
}
