import { delay, GomindError } from '@gomind/core';
import { createFakeClock, createRecordingTelemetry, type FakeClock } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { createAdaptiveConcurrency, createCircuitBreaker, createTimeout, wrap } from '../index.ts';

/** A server with so many workers, on a fake clock. */
function serverOn(clock: FakeClock, workers: number, workMs: number) {
  const line: (() => void)[] = [];
  let busy = 0;
  return async (): Promise<string> => {
    if (busy >= workers) await new Promise<void>((resolve) => void line.push(resolve));
    else busy++;
    await delay(workMs, { clock });
    const next = line.shift();
    if (next === undefined) busy--;
    else next();
    return 'served';
  };
}

const asIs = (thrown: unknown): unknown => thrown;

describe('createAdaptiveConcurrency', () => {
  it('finds out how much a dependency takes, and refuses the rest at once', async () => {
    const clock = createFakeClock();
    const telemetry = createRecordingTelemetry();
    const policy = createAdaptiveConcurrency({
      name: 'reports',
      initialConcurrent: 100,
      probeIntervalMs: 1_000,
      telemetry,
      clock,
    });
    expect(telemetry.metrics).toMatchObject([{ name: 'gomind.concurrency.limit', value: policy.limit }]);
    const serve = serverOn(clock, 4, 50);
    let [served, refused, longestMs] = [0, 0, 0];
    const call = async (): Promise<void> => {
      const startedMs = clock.monotonicMs();
      try {
        await policy.execute(serve);
        served++;
        longestMs = Math.max(longestMs, clock.monotonicMs() - startedMs);
      } catch (error) {
        expect(error).toMatchObject({ code: 'BULKHEAD_FULL', details: { hasEffect: false } });
        refused++;
      }
    };
    for (let round = 0; round < 1_200; round++) {
      // Twice what it can do, at the end with all that the beginning has taught.
      if (round === 800) [served, refused, longestMs] = [0, 0, 0];
      void call();
      if (round % 2 === 0) for (let more = 0; more < 2; more++) void call();
      await clock.advance(12.5);
    }
    expect(policy.limit).toBeLessThan(40);
    expect(telemetry.metrics.at(-1)).toMatchObject({ name: 'gomind.concurrency.limit', value: policy.limit });
    expect(served).toBeGreaterThan(360);
    expect(refused).toBeGreaterThan(200);
    expect(longestMs).toBeLessThan(400);
    await clock.runAll();
    expect([policy.running, policy.waiting, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  it('takes timeouts and 429 as a sign, and no other failure', async () => {
    const clock = createFakeClock();
    const policy = createAdaptiveConcurrency({ name: 'reports', initialConcurrent: 50, clock });
    const fail = async (error: unknown): Promise<void> => {
      for (let count = 0; count < 300; count++) {
        const failing = policy.execute(async () => {
          await delay(10, { clock });
          throw error;
        });
        const seen = failing.catch((thrown: unknown) => thrown);
        await clock.advance(10);
        expect(await seen).toBe(error);
      }
    };
    await fail(new Error('bug'));
    await fail(new GomindError({ code: 'INPUT_ERROR', message: 'no', details: { status: 400 } }));
    expect(policy.limit).toBe(50);
    await fail(new GomindError({ code: 'RATE_LIMITED', message: 'too much', details: { status: 429 } }));
    const after = policy.limit;
    expect(after).toBeLessThan(25);
    await fail(Object.assign(new Error('busy'), { status: 503 }));
    expect(policy.limit).toBeLessThan(after);
  });

  it('lets calls wait in turn when it may', async () => {
    const clock = createFakeClock();
    const policy = createAdaptiveConcurrency({ name: 'reports', initialConcurrent: 1, maxWaiting: 2, clock });
    const serve = serverOn(clock, 1, 10);
    const calls = [policy.execute(serve), policy.execute(serve), policy.execute(serve)];
    await expect(policy.execute(serve)).rejects.toMatchObject({ code: 'BULKHEAD_FULL' });
    expect([policy.running, policy.waiting]).toEqual([1, 2]);
    await clock.runAll();
    expect(await Promise.all(calls)).toEqual(['served', 'served', 'served']);
  });

  it('throws what the call threw when isOverload itself throws, and gives the place back', async () => {
    const isOverload = (): never => {
      throw new TypeError('broken classifier');
    };
    const guard = createAdaptiveConcurrency({ name: 'reports', initialConcurrent: 1, isOverload });
    const error = new Error('mine');
    for (let count = 0; count < 3; count++)
      await expect(guard.execute(() => Promise.reject(error))).rejects.toBe(error);
    expect(guard.running).toBe(0);
  });

  it('gives what the call gave when telemetry throws', async () => {
    const clock = createFakeClock();
    const telemetry = {
      recordMetric: (): never => {
        throw new Error('observer');
      },
    };
    const policy = createAdaptiveConcurrency({ name: 'reports', initialConcurrent: 50, clock, telemetry });
    const error = Object.assign(new Error('busy'), { status: 503 });
    for (let count = 0; count < 300; count++) {
      const seen = policy.execute(() => delay(10, { clock }).then(() => Promise.reject(error))).catch(asIs);
      await clock.advance(10);
      expect(await seen).toBe(error);
    }
    expect(policy.limit).toBeLessThan(50);
    expect(policy.running).toBe(0);
  });

  it('stands where a bulkhead stands, and with a breaker around it is one', async () => {
    const clock = createFakeClock();
    const bulkhead = createAdaptiveConcurrency({ name: 'reports', initialConcurrent: 1, clock });
    const breaker = createCircuitBreaker({ name: 'reports', volumeThreshold: 2, clock });
    await using guard = wrap({ breaker, bulkhead, timeout: createTimeout({ timeoutMs: 100, clock }) });
    expect([guard.name, guard.state]).toEqual(['reports', 'closed']);
    const serve = serverOn(clock, 1, 10);
    const first = guard.execute(serve);
    // The house is full; that is no fault of the dependency.
    for (let count = 0; count < 5; count++) await expect(guard.execute(serve)).rejects.toThrow(/refused/);
    await clock.advance(10);
    expect([await first, guard.state]).toEqual(['served', 'closed']);
    for (let count = 0; count < 2; count++) {
      const late = expect(guard.execute(() => delay(1_000, { clock }))).rejects.toMatchObject({ code: 'TIMEOUT' });
      await clock.advance(1_000);
      await late;
    }
    expect(guard.state).toBe('open');
  });

  it.each([
    [{ minConcurrent: 0 }, /minConcurrent 0/],
    [{ minConcurrent: 20, maxConcurrent: 10 }, /do not fall/],
    [{ initialConcurrent: 1.5 }, /initialConcurrent 1.5/],
    [{ tolerance: 0.5 }, /tolerance is 0.5/],
    [{ probeIntervalMs: 0 }, /probeIntervalMs is 0/],
    [{ maxWaiting: -1 }, /maxWaiting is -1/],
    [{ maxWaiting: 1.5 }, /maxWaiting is 1.5/],
    [{ maxWaiting: Number.POSITIVE_INFINITY }, /maxWaiting is Infinity/],
    [{ isOverload: 'RATE_LIMITED' as never }, /isOverload must be a function/],
    [{ telemetry: {} as never }, /telemetry must be a Telemetry/],
  ])('refuses options that make no sense: %o', (options, complaint) => {
    expect(() => createAdaptiveConcurrency({ name: 'reports', ...options })).toThrow(complaint);
  });
});
