/** stopgap */
import type { Clock } from '@gomind/core';
export interface FakeClock extends Clock {
  advance(ms: number): Promise<void>;
  readonly pendingTimers: number;
}
export function createFakeClock(): FakeClock {
  let t = 0;
  let seq = 0;
  let timers: { at: number; seq: number; cb: () => void }[] = [];
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return {
    now: () => 1_700_000_000_000 + t,
    monotonicMs: () => t,
    random: () => 0.5,
    uuid: () => '00000000-0000-4000-8000-000000000001',
    setTimer: (cb, ms) => {
      const x = { at: t + ms, seq: seq++, cb };
      timers.push(x);
      return () => {
        timers = timers.filter((y) => y !== x);
      };
    },
    get pendingTimers() {
      return timers.length;
    },
    advance: async (ms) => {
      const end = t + ms;
      await settle();
      for (;;) {
        const next = timers.filter((x) => x.at <= end).sort((a, b) => a.at - b.at || a.seq - b.seq)[0];
        if (!next) break;
        timers = timers.filter((x) => x !== next);
        t = Math.max(t, next.at);
        next.cb();
        await settle();
      }
      t = end;
      await settle();
    },
  };
}
