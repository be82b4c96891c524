import { createFakeClock } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoutingCache } from './routing-cache.ts';

/** A computation that ends when the test says so. */
function controlled<T>() {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const signals: AbortSignal[] = [];
  const compute = (signal: AbortSignal): Promise<T> => {
    signals.push(signal);
    return promise;
  };
  return { compute, resolve, reject, signals };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('RoutingCache', () => {
  it('computes a value once and serves it until its lifetime is over', async () => {
    const clock = createFakeClock();
    const cache = new RoutingCache<number>({ ttlMs: 1_000, clock });
    let count = 0;
    const ask = () => cache.getOrCompute('key', () => ++count);
    expect([await ask(), await ask()]).toEqual([1, 1]);
    await clock.advance(999);
    expect(await ask()).toBe(1);
    await clock.advance(1);
    expect(await ask()).toBe(2);
    expect(clock.pendingTimers).toBe(0);
  });

  it('makes one computation for 500 callers at the same time', async () => {
    const cache = new RoutingCache<string>();
    const work = controlled<string>();
    const callers = Array.from({ length: 500 }, () => cache.obtain('key', work.compute));
    await nextTurn();
    work.resolve('plan');
    const obtained = await Promise.all(callers);
    expect(work.signals).toHaveLength(1);
    expect(obtained.filter(({ from }) => from === 'computed')).toHaveLength(1);
    expect(obtained.filter(({ from }) => from === 'shared')).toHaveLength(499);
  });

  it('lets a caller leave without touching the others', async () => {
    const cache = new RoutingCache<string>();
    const work = controlled<string>();
    const leaver = new AbortController();
    const left = cache.getOrCompute('key', work.compute, { signal: leaver.signal });
    const stays = cache.getOrCompute('key', work.compute);
    await nextTurn();
    leaver.abort();
    await expect(left).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(work.signals[0]?.aborted).toBe(false);
    work.resolve('plan');
    await expect(stays).resolves.toBe('plan');
    expect(cache.get('key')).toBe('plan');
  });

  it('aborts the computation when the last caller leaves, and whoever comes then starts anew', async () => {
    const cache = new RoutingCache<string>();
    const abandoned = controlled<string>();
    const leavers = [new AbortController(), new AbortController()];
    const left = leavers.map(({ signal }) => cache.getOrCompute('key', abandoned.compute, { signal }));
    await nextTurn();
    for (const leaver of leavers) leaver.abort();
    await Promise.allSettled(left);
    expect(abandoned.signals[0]?.aborted).toBe(true);
    const next = cache.getOrCompute('key', () => 'new');
    abandoned.resolve('late');
    await expect(next).resolves.toBe('new');
    expect(cache.get('key')).toBe('new');
  });

  it('does not start for a caller who has left already', async () => {
    const cache = new RoutingCache<string>();
    const work = controlled<string>();
    await expect(cache.getOrCompute('key', work.compute, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(work.signals).toHaveLength(0);
  });

  it('tells a failure to all who wait and tries again for the next', async () => {
    const cache = new RoutingCache<string>();
    const work = controlled<string>();
    const callers = [1, 2, 3].map(() => cache.getOrCompute('key', work.compute));
    await nextTurn();
    work.reject(new Error('down'));
    const outcomes = await Promise.allSettled(callers);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(cache.getOrCompute('key', () => 'up')).resolves.toBe('up');
  });

  it('does not keep what was deleted while it was computed', async () => {
    const cache = new RoutingCache<string>();
    const work = controlled<string>();
    const answer = cache.getOrCompute('key', work.compute);
    await nextTurn();
    cache.deleteWhere((value) => value === 'other');
    work.resolve('plan');
    await expect(answer).resolves.toBe('plan');
    expect(cache.get('key')).toBeUndefined();
  });

  it('keeps no more than it may, dropping what was used least lately', () => {
    const cache = new RoutingCache<number>({ maxEntries: 2 });
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size]).toEqual([1, undefined, 3, 2]);
  });

  it('knows a value beyond its lifetime only as stale, and not for ever', async () => {
    const clock = createFakeClock();
    const cache = new RoutingCache<string>({ ttlMs: 1_000, staleTtlMs: 5_000, clock });
    cache.set('key', 'plan');
    await clock.advance(1_001);
    expect([cache.get('key'), cache.getStale('key')]).toEqual([undefined, 'plan']);
    await clock.advance(5_000);
    expect(cache.getStale('key')).toBeUndefined();
  });

  it('takes the lifetime that a value asks for', async () => {
    const clock = createFakeClock();
    const cache = new RoutingCache<string>({ ttlMs: 60_000, clock });
    const ttlMsOf = (value: string): number => (value === 'none' ? 0 : 100);
    await cache.getOrCompute('short', () => 'short', { ttlMsOf });
    await cache.getOrCompute('none', () => 'none', { ttlMsOf });
    expect([cache.get('short'), cache.get('none')]).toEqual(['short', undefined]);
    await clock.advance(101);
    expect(cache.get('short')).toBeUndefined();
  });
});

/** What callers, computations and time may do to a cache, in any order. */
type Move =
  | { readonly kind: 'ask'; readonly key: string }
  | { readonly kind: 'leave' | 'settle' | 'fail'; readonly pick: number }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'wait'; readonly ms: number };

const key = fc.constantFrom('a', 'b');
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('leave', 'settle', 'fail' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 500, 1_000) }) },
);

describe('a RoutingCache under any order of events', () => {
  it('has at most one computation of a key at work, answers every caller, and aborts what nobody waits for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 40 }), async (moves) => {
        const clock = createFakeClock();
        const cache = new RoutingCache<string>({ ttlMs: 1_000, clock });
        const working = new Map<
          string,
          { signal: AbortSignal; resolve(value: string): void; reject(error: Error): void }
        >();
        const callers: {
          readonly abort: AbortController;
          readonly outcome: Promise<unknown>;
          key: string;
          isDone: boolean;
        }[] = [];
        let made = 0;

        const ask = (wanted: string): void => {
          const abort = new AbortController();
          const compute = (signal: AbortSignal): Promise<string> => {
            const { promise, resolve, reject } = Promise.withResolvers<string>();
            const other = working.get(wanted);
            expect(other === undefined || other.signal.aborted).toBe(true);
            working.set(wanted, { signal, resolve, reject });
            return promise;
          };
          const caller = { abort, key: wanted, isDone: false, outcome: Promise.resolve<unknown>(undefined) };
          caller.outcome = cache.getOrCompute(wanted, compute, { signal: abort.signal }).then(
            (value) => {
              caller.isDone = true;
              expect(value.startsWith(wanted)).toBe(true);
            },
            () => {
              caller.isDone = true;
            },
          );
          callers.push(caller);
        };
        const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)];

        for (const one of moves) {
          if (one.kind === 'ask') ask(one.key);
          else if (one.kind === 'delete') cache.delete(one.key);
          else if (one.kind === 'wait') await clock.advance(one.ms);
          else if (one.kind === 'leave')
            pick(
              callers.filter(({ isDone }) => !isDone),
              one.pick,
            )?.abort.abort();
          else {
            const [name, work] = pick([...working], one.pick) ?? [];
            if (name === undefined || work === undefined) continue;
            working.delete(name);
            if (one.kind === 'settle') work.resolve(`${name}${String(made++)}`);
            else work.reject(new Error('down'));
          }
          await nextTurn();
          for (const [name, { signal }] of working) {
            const isAwaited = callers.some((caller) => caller.key === name && !caller.isDone);
            expect(signal.aborted).toBe(!isAwaited);
          }
        }
        for (const [name, work] of working) work.resolve(`${name}!`);
        await Promise.all(callers.map(({ outcome }) => outcome));
        expect(callers.every(({ isDone }) => isDone)).toBe(true);
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});
