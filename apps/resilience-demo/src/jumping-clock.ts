/**
 * The machine's clock, which can jump ahead: nobody wants to watch a circuit sleep for half a minute.
 *
 * @module
 */
import { type Clock, systemClock } from '@gomind/core';

/** A clock for those who look at it only when something happens; timers run as they always do. */
export interface JumpingClock extends Clock {
  /**
   * Goes ahead.
   *
   * @param milliseconds how far
   */
  jump(milliseconds: number): void;
}

/** Makes a clock that has not jumped yet. */
export function createJumpingClock(): JumpingClock {
  let aheadMs = 0;
  return {
    ...systemClock,
    now: () => systemClock.now() + aheadMs,
    monotonicMs: () => systemClock.monotonicMs() + aheadMs,
    jump: (milliseconds) => {
      aheadMs += milliseconds;
    },
  };
}
