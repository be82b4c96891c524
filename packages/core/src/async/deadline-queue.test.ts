import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { DeadlineQueue } from './deadline-queue.ts';

describe('a deadline queue', () => {
  it('calls back what is due, in order of time and then of arrival, and nothing that was cancelled', async () => {
    const action = fc.record({ delayMs: fc.nat(50), cancelAfterMs: fc.option(fc.nat(60), { nil: undefined }) });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 200 }), async (actions) => {
        const clock = createFakeClock();
        const queue = new DeadlineQueue(clock);
        const fired: number[] = [];
        const firedAt: number[] = [];
        for (const [id, { delayMs, cancelAfterMs }] of actions.entries()) {
          const deadline = queue.add(delayMs, () => {
            fired.push(id);
            firedAt.push(clock.monotonicMs());
          });
          if (cancelAfterMs === 0) queue.cancel(deadline);
          else if (cancelAfterMs !== undefined) {
            clock.setTimer(() => {
              queue.cancel(deadline);
              queue.cancel(deadline);
            }, cancelAfterMs);
          }
        }
        await clock.advance(100);
        const expected = actions
          .map(({ delayMs, cancelAfterMs }, id) => ({ id, delayMs, cancelAfterMs }))
          .filter(({ delayMs, cancelAfterMs }) => cancelAfterMs === undefined || delayMs < cancelAfterMs)
          .sort((left, right) => left.delayMs - right.delayMs || left.id - right.id);
        // A deadline and its cancellation at the same moment may come in either order.
        const isTie = (id: number): boolean => actions[id]?.cancelAfterMs === actions[id]?.delayMs;
        expect(fired.filter((id) => !isTie(id))).toEqual(expected.map(({ id }) => id));
        for (const [at, id] of fired.entries()) expect(firedAt[at]).toBe(actions[id]?.delayMs);
        expect(queue.size).toBe(0);
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps one timer of the clock, however many deadlines there are', () => {
    const clock = createFakeClock();
    const queue = new DeadlineQueue(clock);
    const deadlines = Array.from({ length: 1_000 }, (_, index) => queue.add(30_000 - (index % 7), () => undefined));
    expect(clock.pendingTimers).toBe(1);
    for (const deadline of deadlines) queue.cancel(deadline);
    expect(queue.size).toBe(0);
    queue.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('calls nobody after it was closed, and may be used again', async () => {
    const clock = createFakeClock();
    const queue = new DeadlineQueue(clock);
    const fired: string[] = [];
    const old = queue.add(10, () => fired.push('old'));
    queue.close();
    queue.cancel(old);
    queue.add(20, () => fired.push('new'));
    await clock.advance(30);
    expect(fired).toEqual(['new']);
    expect(queue.size).toBe(0);
  });

  it('takes deadlines that a callback adds', async () => {
    const clock = createFakeClock();
    const queue = new DeadlineQueue(clock);
    const firedAt: number[] = [];
    queue.add(10, () => {
      queue.add(5, () => firedAt.push(clock.monotonicMs()));
      queue.add(0, () => firedAt.push(clock.monotonicMs()));
    });
    queue.add(12, () => firedAt.push(clock.monotonicMs()));
    await clock.advance(20);
    expect(firedAt).toEqual([10, 12, 15]);
  });
});
