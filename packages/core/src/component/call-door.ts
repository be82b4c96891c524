/**
 * The door of a component: a bounded number of calls at work, a bounded line before it, and for the rest an answer at once,
 * 429 with `Retry-After` (RFC 6585, section 4). Calls that matter less are turned away first.
 *
 * @module
 */
import { CallGate } from '../async/call-gate.ts';
import type { Clock } from '../contracts/clock.ts';
import { isPriority, type Priority, priorityHeader } from '../contracts/priority.ts';
import type { Telemetry } from '../contracts/telemetry.ts';
import { GomindError } from '../errors/gomind-error.ts';

/** Bounds of a component's door. */
export interface CallDoorOptions {
  /** Name of the component, for messages. */
  readonly component: string;
  /** Calls at work at once. */
  readonly maxConcurrent: number;
  /** Calls that may wait for their turn. */
  readonly maxWaiting: number;
  readonly clock: Clock;
  /** Receives `gomind.component.calls.refused`. */
  readonly telemetry: Telemetry;
}

/** A call that is at work. */
export interface DoorPlace {
  /** Its work has ended. */
  leave(): void;
  /** It was answered; if its work goes on all the same, its place is not held for it for ever. */
  answered(): void;
}

/** Milliseconds that a handler which goes on after its call was answered keeps its place; the executor gives its own as long. */
const graceMs = 1_000;
const minRetryAfterMs = 1_000;
const maxRetryAfterMs = 30_000;
/** Weight of the newest call in the mean duration. */
const newest = 0.1;

/** Lets calls in, and turns away what is too much. */
export class CallDoor {
  readonly #options: CallDoorOptions;
  readonly #gate: CallGate;
  /** Of calls at work; undefined before the first has ended. */
  #meanMs: number | undefined;

  constructor(options: CallDoorOptions) {
    const { maxConcurrent, maxWaiting } = options;
    this.#options = options;
    this.#gate = new CallGate({ maxConcurrent, maxWaiting });
  }

  /**
   * Turns a call away before anything was done for it, where it could not even wait.
   *
   * @throws GomindError `OVERLOADED`
   */
  refuseWhenFull(priority: Priority): void {
    if (!this.#gate.isOpenTo(priority)) throw this.#refusal();
  }

  /**
   * Waits for a place.
   *
   * @throws GomindError `OVERLOADED` when there is not even one to wait at; the signal's reason when it aborts
   */
  async enter(priority: Priority, signal: AbortSignal): Promise<DoorPlace> {
    const what = `The wait for a place in "${this.#options.component}"`;
    if (!this.#gate.tryEnter()) {
      await this.#gate.enter({ priority, signal, what, refusal: () => this.#refusal() });
    }
    return this.#place();
  }

  #place(): DoorPlace {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    let isTaken = true;
    let cancelTimer = (): void => undefined;
    const leave = (): void => {
      if (!isTaken) return;
      isTaken = false;
      cancelTimer();
      const tookMs = clock.monotonicMs() - startedMs;
      this.#meanMs = this.#meanMs === undefined ? tookMs : this.#meanMs + (tookMs - this.#meanMs) * newest;
      this.#gate.leave();
    };
    return {
      leave,
      answered: () => {
        if (isTaken) cancelTimer = clock.setTimer(leave, graceMs, { background: true });
      },
    };
  }

  /** Asks the caller to come back when those who are here now will be through. */
  #refusal(): GomindError {
    const { component, maxConcurrent, telemetry } = this.#options;
    telemetry.recordMetric(
      'gomind.component.calls.refused',
      1,
      { 'gomind.component.name': component },
      { kind: 'counter', unit: '{call}' },
    );
    const { running, waiting } = this.#gate;
    const throughMs = Math.ceil(((this.#meanMs ?? 0) * (running + waiting)) / maxConcurrent);
    const retryAfterMs = Math.min(maxRetryAfterMs, Math.max(minRetryAfterMs, throughMs));
    return new GomindError({
      code: 'OVERLOADED',
      message:
        `"${component}" has no room for this call: ${String(running)} are at work and ${String(waiting)} wait. ` +
        'Try again later, or start more instances.',
      isRetryable: true,
      details: { retryAfterMs, running, waiting },
    });
  }
}

/** The priority that came with a call. */
export function priorityOf(headers: Readonly<Record<string, string>>): Priority {
  const given = headers[priorityHeader]?.trim().toLowerCase();
  return isPriority(given) ? given : 'normal';
}
