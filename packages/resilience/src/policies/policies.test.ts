import { GomindError, MemoryStorage, RetryBudget } from '@gomind/core';
import { createFakeClock } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createAdaptiveConcurrency,
  createBulkhead,
  createCircuitBreaker,
  createFleetCircuitBreaker,
  createHedge,
  createRetries,
  createTimeout,
  wrap,
} from '../index.ts';

const store = new MemoryStorage();

const down = (): GomindError => new GomindError({ code: 'COMPONENT_UNAVAILABLE', message: 'down', isRetryable: true });

/** Calls that settle when the test says so. */
function heldCalls<T>() {
  const calls: { resolve: (value: T) => void; reject: (error: unknown) => void; signal: AbortSignal }[] = [];
  const operation = (signal: AbortSignal): Promise<T> =>
    new Promise((resolve, reject) => void calls.push({ resolve, reject, signal }));
  return { calls, operation };
}

const refusalOf = (option: string): unknown =>
  expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(option) as unknown });

describe('createRetries', () => {
  it('tries again what a retry can help, and passes the signal of the caller on', async () => {
    const clock = createFakeClock();
    const { signal } = new AbortController();
    const seen: AbortSignal[] = [];
    const result = createRetries({ clock }).execute(
      (inner) => {
        seen.push(inner);
        return seen.length < 3 ? Promise.reject(down()) : Promise.resolve('here');
      },
      { signal },
    );
    await clock.advance(60_000);
    expect(await result).toBe('here');
    expect(seen).toEqual([signal, signal, signal]);
  });

  it('makes at most 1.1 calls for a request in the long run, however much fails', async () => {
    const clock = createFakeClock();
    const retries = createRetries({ clock, budget: new RetryBudget(), maxAttempts: 5 });
    let attempts = 0;
    for (let request = 0; request < 2_000; request++) {
      const result = retries.execute(() => Promise.reject(++attempts > 0 ? down() : down())).catch(() => undefined);
      await clock.advance(600_000);
      await result;
    }
    expect(attempts).toBe(2_050);
  });
});

describe('options that make no sense', () => {
  it.each([
    ['maxAttempts', { maxAttempts: Number.NaN }],
    ['maxAttempts', { maxAttempts: 0 }],
    ['maxAttempts', { maxAttempts: 2.5 }],
    ['initialDelayMs', { initialDelayMs: Number.NaN }],
    ['initialDelayMs', { initialDelayMs: -1 }],
    ['maxDelayMs', { maxDelayMs: Number.NaN }],
    ['backoffFactor', { backoffFactor: -1 }],
    ['backoff', { backoff: 'random' as never }],
    ['maxRetryAfterMs', { maxRetryAfterMs: Number.NaN }],
    ['deadlineMs', { deadlineMs: Number.NaN }],
    ['isRetryable', { isRetryable: true as never }],
  ])('are refused by createRetries: %s in %j', (option, options) => {
    expect(() => createRetries(options)).toThrow(refusalOf(option));
  });

  it.each([
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: -5 }],
    ['timeoutMs', {} as { timeoutMs: number }],
  ])('are refused by createTimeout: %s in %j', (option, options) => {
    expect(() => createTimeout(options)).toThrow(refusalOf(option));
  });

  it.each([
    ['delayMs', { delayMs: Number.NaN }],
    ['delayMs', { delayMs: -5 }],
    ['delayMs', { delayMs: Number.POSITIVE_INFINITY }],
    ['delayMs', {} as { delayMs: number }],
    ['maxHedges', { delayMs: 5, maxHedges: Number.NaN }],
    ['maxHedges', { delayMs: 5, maxHedges: -1 }],
    ['maxHedges', { delayMs: 5, maxHedges: Number.POSITIVE_INFINITY }],
  ])('are refused by createHedge: %s in %j', (option, options) => {
    expect(() => createHedge(options)).toThrow(refusalOf(option));
  });
});

describe('parts that are none', () => {
  it.each([
    [{ isFailure: 'always' }, /isFailure must be a function/],
    [{ onStateChange: {} }, /onStateChange must be a function/],
    [{ logger: console }, /logger .*must be a Logger/],
    [{ logger: 'stderr' }, /logger .*must be a Logger/],
    [{ telemetry: {} }, /telemetry must be a Telemetry/],
  ])('are refused by circuit breakers: %o', (part, message) => {
    const refusal: unknown = expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message) as unknown,
    });
    expect(() => createCircuitBreaker({ name: 'a', ...part } as never)).toThrow(refusal);
    expect(() => createFleetCircuitBreaker({ name: 'a', store, ...part } as never)).toThrow(refusal);
  });

  it.each([undefined, null, 'reports', []])('are refused in the place of options: %j', (options) => {
    for (const make of [createBulkhead, createAdaptiveConcurrency, createCircuitBreaker, createHedge])
      expect(() => make(options as never)).toThrow(refusalOf(`${make.name} takes its options as an object`));
  });
});

describe('names that are mistyped', () => {
  it.each([
    ['createCircuitBreaker', () => createCircuitBreaker({ name: 'a', volumeTreshold: 5 } as never), 'volumeThreshold'],
    ['createFleetCircuitBreaker', () => createFleetCircuitBreaker({ name: 'a', store, syncMS: 5 } as never), 'syncMs'],
    ['createRetries', () => createRetries({ maxAttempt: 5 } as never), 'maxAttempts'],
    ['createTimeout', () => createTimeout({ timeoutMs: 5, clok: 5 } as never), 'clock'],
    ['createBulkhead', () => createBulkhead({ name: 'a', maxConcurent: 5 } as never), 'maxConcurrent'],
    ['createAdaptiveConcurrency', () => createAdaptiveConcurrency({ name: 'a', maxWating: 5 } as never), 'maxWaiting'],
    ['createHedge', () => createHedge({ delayMs: 5, maxHedge: 2 } as never), 'maxHedges'],
  ])('are told by %s', (maker, make, meant) => {
    const message = expect.stringMatching(new RegExp(`${maker}.*did you mean "${meant}"`)) as unknown;
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message }));
  });
});

describe('createTimeout', () => {
  it('answers and aborts when a call takes too long', async () => {
    const clock = createFakeClock();
    const { calls, operation } = heldCalls<string>();
    const result = createTimeout({ timeoutMs: 100, clock }).execute(operation);
    const failure = expect(result).rejects.toMatchObject({ code: 'TIMEOUT' });
    await clock.advance(100);
    await failure;
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('createBulkhead', () => {
  it('refuses what does not fit, and takes it again when there is room', async () => {
    const bulkhead = createBulkhead({ name: 'rates', maxConcurrent: 2 });
    const { calls, operation } = heldCalls<string>();
    const first = bulkhead.execute(operation);
    void bulkhead.execute(operation);
    await expect(bulkhead.execute(operation)).rejects.toMatchObject({ code: 'BULKHEAD_FULL', isRetryable: true });
    calls[0]?.resolve('done');
    expect(await first).toBe('done');
    void bulkhead.execute(operation);
    expect(bulkhead.running).toBe(2);
  });

  it('lets those who wait in by their turn; who is cancelled leaves the line', async () => {
    const bulkhead = createBulkhead({ name: 'rates', maxConcurrent: 1, maxWaiting: 3 });
    const { calls, operation } = heldCalls<string>();
    const controller = new AbortController();
    const first = bulkhead.execute(operation);
    const leaving = bulkhead.execute(operation, { signal: controller.signal });
    const last = bulkhead.execute(operation);
    const left = expect(leaving).rejects.toMatchObject({ code: 'CANCELLED' });
    controller.abort();
    await left;
    expect(bulkhead.waiting).toBe(1);
    calls[0]?.resolve('first');
    await first;
    await Promise.resolve();
    calls[1]?.resolve('last');
    expect(await last).toBe('last');
    expect([bulkhead.running, bulkhead.waiting]).toEqual([0, 0]);
  });

  it('never lets more in than there is room, and loses no place, whatever comes and goes', async () => {
    const step = fc.constantFrom('call', 'resolve', 'reject', 'cancel');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 60 }), async (room, steps) => {
        const bulkhead = createBulkhead({ name: 'rates', maxConcurrent: room, maxWaiting: 4 });
        const { calls, operation } = heldCalls<number>();
        const controllers: AbortController[] = [];
        let [settled, atWork] = [0, 0];
        for (const kind of steps) {
          if (kind === 'call') {
            const controller = new AbortController();
            controllers.push(controller);
            void bulkhead
              .execute(
                async (signal) => {
                  expect(++atWork).toBeLessThanOrEqual(room);
                  return operation(signal).finally(() => {
                    atWork--;
                  });
                },
                { signal: controller.signal },
              )
              .catch(() => undefined);
          } else if (kind === 'cancel') controllers.shift()?.abort();
          else if (kind === 'resolve') calls[settled++]?.resolve(1);
          else calls[settled++]?.reject(new Error('down'));
          settled = Math.min(settled, calls.length);
          for (let turn = 0; turn < 10; turn++) await Promise.resolve();
          expect(bulkhead.running).toBe(atWork);
          expect(bulkhead.waiting === 0 || bulkhead.running === room).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('refuses options that make no sense', () => {
    expect(() => createBulkhead({ name: 'rates', maxConcurrent: 0 })).toThrow(/maxConcurrent is 0/);
    expect(() => createBulkhead({ name: 'rates', maxWaiting: -1 })).toThrow(/maxWaiting is -1/);
  });
});

describe('createHedge', () => {
  it('asks again when the first answer is late, takes the faster one and aborts the other', async () => {
    const clock = createFakeClock();
    const { calls, operation } = heldCalls<string>();
    const result = createHedge({ delayMs: 50, clock }).execute(operation);
    await clock.advance(49);
    expect(calls).toHaveLength(1);
    await clock.advance(1);
    expect(calls).toHaveLength(2);
    calls[1]?.resolve('second');
    expect(await result).toBe('second');
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not ask again when the answer is there in time, nor because of a failure', async () => {
    const clock = createFakeClock();
    const hedge = createHedge({ delayMs: 50, clock });
    const { calls, operation } = heldCalls<string>();
    const failing = expect(hedge.execute(operation)).rejects.toThrow('down');
    await clock.advance(10);
    calls[0]?.reject(new Error('down'));
    await failing;
    await clock.advance(1_000);
    expect(calls).toHaveLength(1);
  });

  it('fails with the first failure when all have failed', async () => {
    const clock = createFakeClock();
    const { calls, operation } = heldCalls<string>();
    const failing = expect(createHedge({ delayMs: 50, clock }).execute(operation)).rejects.toThrow('first');
    await clock.advance(50);
    calls[0]?.reject(new Error('first'));
    await clock.advance(0);
    calls[1]?.reject(new Error('second'));
    await failing;
  });

  it('asks again only while the budget pays for it', async () => {
    const clock = createFakeClock();
    const budget = new RetryBudget();
    while (budget.spend());
    const { calls, operation } = heldCalls<string>();
    void createHedge({ delayMs: 50, clock, budget }).execute(operation);
    await clock.advance(50);
    expect(calls).toHaveLength(1);
  });
});

describe('wrap', () => {
  it('counts a call with all its retries as one call of the breaker', async () => {
    const clock = createFakeClock();
    const breaker = createCircuitBreaker({ name: 'rates', volumeThreshold: 2, clock });
    const policy = wrap({
      timeout: createTimeout({ timeoutMs: 100, clock }),
      retries: createRetries({ clock }),
      breaker,
    });
    let attempts = 0;
    for (const expected of ['closed', 'open']) {
      const result = policy.execute(() => Promise.reject(++attempts > 0 ? down() : down())).catch(() => undefined);
      await clock.advance(60_000);
      await result;
      if (expected === 'closed') expect(breaker.state).toBe('closed');
    }
    expect(attempts).toBe(6);
  });

  it('does not retry what the breaker refuses', async () => {
    const clock = createFakeClock();
    const breaker = createCircuitBreaker({ name: 'rates', clock });
    breaker.forceOpen();
    const result = wrap({ retries: createRetries({ clock }), breaker }).execute(() => Promise.resolve(1));
    await expect(result).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('holds no place of the bulkhead while it waits for a retry, and one for each hedge', async () => {
    const clock = createFakeClock();
    const bulkhead = createBulkhead({ name: 'rates', maxConcurrent: 5 });
    const policy = wrap({ bulkhead, retries: createRetries({ clock }), hedge: createHedge({ delayMs: 50, clock }) });
    const { calls, operation } = heldCalls<string>();
    const result = policy.execute(operation);
    await clock.advance(50);
    expect(bulkhead.running).toBe(2);
    for (const { reject } of calls) reject(down());
    await clock.advance(0);
    expect(bulkhead.running).toBe(0);
    for (let turn = 0; turn < 5 && calls.length < 3; turn++) await clock.advance(500);
    calls[2]?.resolve('here');
    expect(await result).toBe('here');
  });

  it('is the bare call without policies', async () => {
    expect(await wrap({}).execute(() => Promise.resolve(1))).toBe(1);
  });
});
