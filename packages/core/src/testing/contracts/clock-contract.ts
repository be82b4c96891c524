/**
 * What every clock promises.
 *
 * @module
 */
import assert from 'node:assert/strict';
import type { Clock } from '../../contracts/clock.ts';
import { casesFor, type Cleanup, type ContractCase } from './contract-case.ts';

/** A clock, and a way to let its time pass. */
export interface ClockSubject {
  readonly clock: Clock;
  readonly advance: (milliseconds: number) => Promise<void>;
  readonly cleanup?: Cleanup;
}

/** The cases of the clock contract. */
export function clockContract(make: () => Promise<ClockSubject> | ClockSubject): ContractCase[] {
  return casesFor(make, {
    'tells a wall-clock time in milliseconds since the epoch': async ({ clock }) => {
      await Promise.resolve();
      assert.ok(clock.now() > Date.UTC(2020, 0, 1));
    },
    'has a monotonic time that passes and never goes back': async ({ clock, advance }) => {
      const before = clock.monotonicMs();
      await advance(20);
      assert.ok(clock.monotonicMs() >= before + 15);
    },
    'fires a timer once, not before its time': async ({ clock, advance }) => {
      const firedAt: number[] = [];
      const startedAt = clock.monotonicMs();
      clock.setTimer(() => firedAt.push(clock.monotonicMs()), 30);
      await advance(10);
      assert.equal(firedAt.length, 0);
      await advance(60);
      assert.equal(firedAt.length, 1);
      assert.ok((firedAt[0] ?? 0) - startedAt >= 29);
    },
    'fires timers in the order of their times': async ({ clock, advance }) => {
      const order: string[] = [];
      clock.setTimer(() => order.push('late'), 40);
      clock.setTimer(() => order.push('early'), 5);
      await advance(100);
      assert.deepEqual(order, ['early', 'late']);
    },
    'does not fire a cancelled timer, and cancelling again is no error': async ({ clock, advance }) => {
      let isFired = false;
      const cancel = clock.setTimer(() => {
        isFired = true;
      }, 10);
      cancel();
      cancel();
      await advance(40);
      assert.equal(isFired, false);
    },
    'fires a timer of no or negative time soon': async ({ clock, advance }) => {
      let count = 0;
      clock.setTimer(() => count++, 0);
      clock.setTimer(() => count++, -5);
      await advance(20);
      assert.equal(count, 2);
    },
    'gives random numbers in [0, 1) and distinct uuids of version 4': async ({ clock }) => {
      await Promise.resolve();
      for (let count = 0; count < 100; count++) {
        const number = clock.random();
        assert.ok(number >= 0 && number < 1);
      }
      const ids = new Set(Array.from({ length: 100 }, () => clock.uuid()));
      assert.equal(ids.size, 100);
      for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    },
  });
}
