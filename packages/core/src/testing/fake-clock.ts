/**
 * A clock that stands still until it is told to go on.
 *
 * @module
 */
import type { Clock } from '../contracts/clock.ts';

/** Options of {@link createFakeClock}. */
export interface FakeClockOptions {
  /** Wall-clock start in milliseconds since the epoch. Default: 2026-01-01T00:00:00Z. */
  readonly now?: number;
  /** Seed of randomness and uuids. Default: 1. */
  readonly seed?: number;
}

/** Time and randomness in the hands of a test. */
export interface FakeClock extends Clock {
  /**
   * Lets time pass: due timers fire in order, and what waits for them goes on before the next one fires.
   *
   * @param milliseconds how far; 0 only lets promises settle
   */
  advance(milliseconds: number): Promise<void>;
  /** Fires timers until none is left, at most 100,000. */
  runAll(): Promise<void>;
  /** Moves the wall clock alone, as an administrator or NTP would. */
  setWallClock(now: number): void;
  /** Timers that have neither fired nor been cancelled. */
  readonly pendingTimers: number;
}

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Enough turns of the event loop for chains of promises and streams to settle. */
const settleTurns = 4;

async function settle(): Promise<void> {
  for (let turn = 0; turn < settleTurns; turn++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

/**
 * Makes a fake clock.
 *
 * @example
 * const clock = createFakeClock();
 * const done = retry(operation, { clock });
 * await clock.advance(1_000);
 */
export function createFakeClock(options: FakeClockOptions = {}): FakeClock {
  let monotonic = 0;
  let wallOffset = options.now ?? Date.UTC(2026, 0, 1);
  let order = 0;
  let state = (options.seed ?? 1) >>> 0;
  const timers = new Set<Timer>();

  /** Mulberry32, a small public-domain generator by Tommy Ettinger. */
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  const nextDue = (limitMs: number): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      const isEarlier =
        first === undefined || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order);
      if (timer.dueMs <= limitMs && isEarlier) first = timer;
    }
    return first;
  };
  const fire = async (timer: Timer): Promise<void> => {
    timers.delete(timer);
    monotonic = Math.max(monotonic, timer.dueMs);
    timer.callback();
    await settle();
  };

  return {
    now: () => wallOffset + monotonic,
    monotonicMs: () => monotonic,
    setTimer: (callback, delayMs) => {
      const timer: Timer = { dueMs: monotonic + Math.max(0, delayMs), order: order++, callback };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    random,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    advance: async (milliseconds) => {
      const targetMs = monotonic + milliseconds;
      await settle();
      for (let due = nextDue(targetMs); due !== undefined; due = nextDue(targetMs)) await fire(due);
      monotonic = targetMs;
      await settle();
    },
    runAll: async () => {
      await settle();
      for (let count = 0; count < 100_000; count++) {
        const due = nextDue(Number.POSITIVE_INFINITY);
        if (due === undefined) return;
        await fire(due);
      }
      throw new Error('The fake clock fired 100,000 timers and there are still more.');
    },
    setWallClock: (now) => {
      wallOffset = now - monotonic;
    },
    get pendingTimers() {
      return timers.size;
    },
  };
}
