/**
 * Runs of one concurrency group do not run at the same time: a new one waits, or cancels the one that runs.
 *
 * @module
 */
import { cancellationError, GomindError } from '@gomind/core';

const maxWaiting = 10_000;

interface Holder {
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
   * @param group name of the group
   * @param run `policy: 'cancel'` cancels the run that holds the group; `cancel` is how this run is cancelled in turn
   * @returns leaves the group
   * @throws GomindError `CANCELLED` when the signal aborts while waiting, `LIMIT_EXCEEDED` when 10,000 runs wait already
   */
  async enter(
    group: string,
    run: {
      readonly policy: 'wait' | 'cancel';
      readonly cancel: (reason: GomindError) => void;
      readonly signal: AbortSignal;
    },
  ): Promise<() => void> {
    for (let holder = this.#holders.get(group); holder !== undefined; holder = this.#holders.get(group)) {
      if (run.policy === 'cancel') {
        holder.cancel(
          new GomindError({ code: 'CANCELLED', message: `A newer run of the group "${group}" took its place` }),
        );
      }
      await this.#wait(holder, run.signal, group);
    }
    const left = Promise.withResolvers<undefined>();
    const holder: Holder = { cancel: run.cancel, left: left.promise };
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
