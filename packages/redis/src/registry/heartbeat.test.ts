import { createFakeClock } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { Heartbeat } from './heartbeat.ts';

function beatsOf(outcomes: (boolean | Promise<boolean>)[] = []): {
  readonly heartbeat: Heartbeat;
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly times: number[];
} {
  const clock = createFakeClock();
  const times: number[] = [];
  const beat = async (): Promise<boolean> => {
    times.push(clock.monotonicMs());
    return (await outcomes.shift()) ?? true;
  };
  return { heartbeat: new Heartbeat({ intervalMs: 1_000, beat, clock }), clock, times };
}

describe('Heartbeat', () => {
  it('beats once in each interval, at most a tenth early, never in step', async () => {
    const { heartbeat, clock, times } = beatsOf();
    heartbeat.start();
    heartbeat.start();
    await clock.advance(10_000);
    const gaps = times.map((time, index) => time - (times[index - 1] ?? 0));
    expect(times.length).toBeGreaterThanOrEqual(10);
    for (const gap of gaps) {
      expect(gap).toBeGreaterThanOrEqual(900);
      expect(gap).toBeLessThanOrEqual(1_000);
    }
    expect(new Set(gaps).size).toBeGreaterThan(5);
  });

  it('makes up for a beat that failed long before the next regular one', async () => {
    const { heartbeat, clock, times } = beatsOf([false, false, true]);
    heartbeat.start();
    await clock.advance(1_500);
    expect(times.length).toBe(3);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeLessThanOrEqual(200);
    await clock.advance(300);
    expect(times.length).toBe(3);
  });

  it('starts no second beat while one is at work', async () => {
    let finish = (_hasWorked: boolean): void => undefined;
    const slow = new Promise<boolean>((resolve) => {
      finish = resolve;
    });
    const { heartbeat, clock, times } = beatsOf([slow]);
    heartbeat.start();
    await clock.advance(3_500);
    expect(times.length).toBe(1);
    finish(true);
    await clock.advance(1_000);
    expect(times.length).toBe(2);
  });

  it('beats sooner when asked to, and never after it was stopped', async () => {
    const { heartbeat, clock, times } = beatsOf([false]);
    heartbeat.start();
    heartbeat.beatWithin(100);
    await clock.advance(100);
    expect(times.length).toBe(1);
    heartbeat.stop();
    heartbeat.beatWithin(10);
    await clock.advance(10_000);
    expect(times.length).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });
});
