/**
 * A bounded number of calls at work, and a bounded line of those that wait for a place: the one way in which the house limits
 * how much is done at once. The limit may change while calls are at work.
 *
 * - At most `maxConcurrent` enter; a limit that was lowered takes effect as calls leave, nobody is thrown out.
 * - A place that becomes free is handed to the line before anybody else can take it.
 * - When the line is full, a call turns out who waits with a lower priority, or is turned away itself.
 *
 * @module
 */
import type { Priority } from '../contracts/priority.ts';
import type { GomindError } from '../errors/gomind-error.ts';
import { cancellationError } from '../errors/to-gomind-error.ts';
import { PriorityLine } from './priority-line.ts';

/** Bounds of a {@link CallGate}. */
export interface CallGateOptions {
  /** Calls at work at once, at least 1; Infinity for no bound. */
  readonly maxConcurrent: number;
  /** Calls that may wait for a place. Default: 0, so that what does not fit is turned away at once. */
  readonly maxWaiting?: number;
}

/** Someone who wants to enter. */
export interface GateCall {
  /** Default: `normal`. */
  readonly priority?: Priority | undefined;
  /** Who aborts it leaves the line. */
  readonly signal?: AbortSignal | undefined;
  /** What is waited for, in the message of a cancellation. */
  readonly what: string;
  /** Makes the error for one who is turned away. */
  refusal(): GomindError;
}

interface Waiter {
  enter(): void;
  turnAway(): void;
}

/** Lets a bounded number of calls in. */
export class CallGate {
  readonly #maxWaiting: number;
  readonly #line = new PriorityLine<Waiter>();
  #maxConcurrent: number;
  #running = 0;

  constructor(options: CallGateOptions) {
    this.#maxConcurrent = options.maxConcurrent;
    this.#maxWaiting = options.maxWaiting ?? 0;
  }

  /** Calls at work. */
  get running(): number {
    return this.#running;
  }

  /** Calls that wait for a place. */
  get waiting(): number {
    return this.#line.size;
  }

  /** Calls at work at once, at most. */
  get maxConcurrent(): number {
    return this.#maxConcurrent;
  }

  set maxConcurrent(limit: number) {
    this.#maxConcurrent = limit;
    this.#serve();
  }

  /** Whether a call that came now would be let in, or might wait. */
  isOpenTo(priority: Priority = 'normal'): boolean {
    return this.#hasRoom() || this.#line.size < this.#maxWaiting || this.#line.hasBelow(priority);
  }

  /** Enters if there is a place and nobody waits. Whoever gets true calls {@link leave} once. */
  tryEnter(): boolean {
    if (!this.#hasRoom()) return false;
    this.#running++;
    return true;
  }

  /**
   * Enters, now or when its turn comes. Whoever gets in calls {@link leave} once.
   *
   * @throws GomindError the call's refusal when it is turned away; `CANCELLED` or the signal's own reason when that aborts first
   */
  async enter(call: GateCall): Promise<void> {
    const { priority = 'normal', signal, what } = call;
    if (signal?.aborted === true) throw cancellationError(signal, what);
    if (this.tryEnter()) return;
    if (this.#line.size >= this.#maxWaiting) {
      const dropped = this.#line.dropBelow(priority);
      if (dropped === undefined) throw call.refusal();
      dropped.turnAway();
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#line.remove(place);
        reject(cancellationError(signal as AbortSignal, what));
      };
      const place = this.#line.push(
        {
          enter: () => {
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
          turnAway: () => {
            signal?.removeEventListener('abort', onAbort);
            reject(call.refusal());
          },
        },
        priority,
      );
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Gives a place back. */
  leave(): void {
    this.#running--;
    this.#serve();
  }

  #hasRoom(): boolean {
    return this.#running < this.#maxConcurrent && this.#line.size === 0;
  }

  #serve(): void {
    while (this.#running < this.#maxConcurrent) {
      const next = this.#line.shift();
      if (next === undefined) return;
      this.#running++;
      next.enter();
    }
  }
}
