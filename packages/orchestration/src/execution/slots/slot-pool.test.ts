import { CallGate } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import { SlotPool, type SlotWaiter } from './slot-pool.ts';

const everyone = (): CallGate => new CallGate({ maxConcurrent: 1, maxWaiting: Number.POSITIVE_INFINITY });

const poolIn = (total: CallGate): SlotPool =>
  new SlotPool(10, {
    total,
    priority: 'normal',
    guard: (work) => {
      work();
    },
  });

const waiter = (): SlotWaiter & { served: number } => ({
  isWaiting: true,
  served: 0,
  onSlot() {
    this.served++;
  },
});

describe('a pool of slots in a limit that all runs share', () => {
  it('leaves nothing in the line of all when its run is over', async () => {
    const total = everyone();
    total.tryEnter();
    const pool = poolIn(total);
    const late = Array.from({ length: 5 }, waiter);
    for (const one of late) pool.request(one);
    expect(total.waiting).toBe(5);

    pool.close();

    expect(total.waiting).toBe(0);
    total.leave();
    await Promise.resolve();
    expect(late.map(({ served }) => served)).toEqual([0, 0, 0, 0, 0]);
    expect(total.running).toBe(0);
  });

  it('gives a place back that came in the moment its run ended', async () => {
    const total = everyone();
    total.tryEnter();
    const pool = poolIn(total);
    const late = waiter();
    pool.request(late);

    total.leave();
    pool.close();
    Object.assign(late, { isWaiting: false });
    await new Promise(setImmediate);

    expect(late.served).toBe(0);
    expect(total.running).toBe(0);
  });
});
