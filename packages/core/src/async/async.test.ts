import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GomindError } from '../errors/gomind-error.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { backoffDelayMs } from './backoff.ts';
import { delay } from './delay.ts';
import { linkedAbort } from './linked-abort.ts';
import { retry } from './retry.ts';
import { RetryBudget } from './retry-budget.ts';
import { withTimeout } from './timeout.ts';

const busy = (details: Record<string, unknown> = {}): GomindError =>
  new GomindError({ code: 'RATE_LIMITED', message: 'Too many calls', isRetryable: true, details });
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('delay', () => {
  it('resolves when its time has come, not before', async () => {
    const clock = createFakeClock();
    let isOver = false;
    const waiting = delay(100, { clock }).then(() => {
      isOver = true;
    });
    await clock.advance(99);
    expect(isOver).toBe(false);
    await clock.advance(1);
    await waiting;
    expect(isOver).toBe(true);
  });

  it('rejects at once when cancelled, and leaves nothing behind', async () => {
    const clock = createFakeClock();
    const abort = new AbortController();
    const waiting = delay(100, { clock, signal: abort.signal });
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(clock.pendingTimers).toBe(0);
    await expect(delay(1, { clock, signal: abort.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('leaves no listener on a signal that lives on', async () => {
    const clock = createFakeClock();
    const { signal } = new AbortController();
    const waiting = delay(10, { clock, signal });
    await clock.advance(10);
    await waiting;
    expect(listeners(signal)).toBe(0);
  });
});

describe('backoffDelayMs', () => {
  it('grows as it is told', () => {
    const waits = (backoff: 'fixed' | 'linear' | 'exponential') =>
      [1, 2, 3, 4].map((attempt) => backoffDelayMs(attempt, { backoff, initialDelayMs: 100, jitter: false }, 0));
    expect(waits('fixed')).toEqual([100, 100, 100, 100]);
    expect(waits('linear')).toEqual([100, 200, 300, 400]);
    expect(waits('exponential')).toEqual([100, 200, 400, 800]);
  });

  it('stays between nothing and its longest wait, however often it failed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.constantFrom('fixed' as const, 'linear' as const, 'exponential' as const),
        fc.boolean(),
        (attempt, random, backoff, jitter) => {
          const waitMs = backoffDelayMs(attempt, { backoff, jitter, maxDelayMs: 5_000 }, random);
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThanOrEqual(5_000);
        },
      ),
    );
  });
});

describe('retry', () => {
  it('stops with the first success', async () => {
    const clock = createFakeClock();
    const attempts: number[] = [];
    const result = retry(
      (attempt) => {
        attempts.push(attempt);
        return attempt < 3 ? Promise.reject(busy()) : Promise.resolve('done');
      },
      { clock, maxAttempts: 5 },
    );
    await clock.runAll();
    await expect(result).resolves.toBe('done');
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('throws the last error itself when attempts run out', async () => {
    const clock = createFakeClock();
    const errors: GomindError[] = [];
    const result = retry(
      () => {
        const error = busy();
        errors.push(error);
        return Promise.reject(error);
      },
      { clock, maxAttempts: 3 },
    ).catch((error: unknown) => error);
    await clock.runAll();
    expect(await result).toBe(errors[2]);
    expect(errors).toHaveLength(3);
  });

  it('does not repeat what a repetition cannot help', async () => {
    let calls = 0;
    const fail = (error: Error) =>
      retry(() => {
        calls++;
        return Promise.reject(error);
      });
    await expect(fail(new Error('a bug'))).rejects.toThrow('a bug');
    await expect(fail(new GomindError({ code: 'INPUT_ERROR', message: 'bad' }))).rejects.toThrow('bad');
    expect(calls).toBe(2);
  });

  it('waits exactly as long as it is told to', async () => {
    const clock = createFakeClock();
    const waits: number[] = [];
    const result = retry(
      (attempt) => (attempt === 1 ? Promise.reject(busy({ retryAfterMs: 7_000 })) : Promise.resolve(1)),
      {
        clock,
        onRetry: ({ delayMs }) => waits.push(delayMs),
      },
    );
    await clock.advance(6_999);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    await result;
    expect(waits).toEqual([7_000]);
  });

  it('fails at once when the wait would pass its deadline', async () => {
    const clock = createFakeClock();
    const result = retry(() => Promise.reject(busy({ retryAfterMs: 60_000 })), { clock, deadlineMs: 10_000 });
    await expect(result).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['maxAttempts', { maxAttempts: Number.NaN }],
    ['initialDelayMs', { initialDelayMs: Number.NaN }],
    ['backoffFactor', { backoffFactor: Number.NaN }],
    ['deadlineMs', { deadlineMs: Number.NaN }],
  ])('refuses the option %s in %j, which would have it go on without an end', async (option, options) => {
    let calls = 0;
    const work = retry(() => Promise.resolve(calls++), options);
    await expect(work).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(option) as unknown,
    });
    expect(calls).toBe(0);
  });

  it('stops when it is cancelled while waiting', async () => {
    const clock = createFakeClock();
    const abort = new AbortController();
    let calls = 0;
    const result = retry(
      () => {
        calls++;
        return Promise.reject(busy());
      },
      { clock, signal: abort.signal, jitter: false },
    ).catch((error: unknown) => error);
    await clock.advance(10);
    abort.abort();
    expect(await result).toMatchObject({ code: 'CANCELLED' });
    expect(calls).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('withTimeout', () => {
  it('returns what came in time and leaves no timer', async () => {
    const clock = createFakeClock();
    await expect(withTimeout(() => Promise.resolve(1), { timeoutMs: 50, clock })).resolves.toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects and aborts what is late, whether or not it listens', async () => {
    const clock = createFakeClock();
    let signal: AbortSignal | undefined;
    const result = withTimeout(
      (given) => {
        signal = given;
        return new Promise(() => undefined);
      },
      { timeoutMs: 50, code: 'STEP_TIMEOUT', what: 'Step "a"', details: { step: 'a' }, clock },
    ).catch((error: unknown) => error);
    await clock.advance(50);
    expect(await result).toMatchObject({
      code: 'STEP_TIMEOUT',
      isRetryable: true,
      details: { step: 'a', timeoutMs: 50 },
    });
    expect(((await result) as Error).message).toContain('Step "a" took longer than 50 ms');
    expect(signal?.aborted).toBe(true);
  });

  it("passes a cancellation on and lets go of the caller's signal", async () => {
    const parent = new AbortController();
    let inner: AbortSignal | undefined;
    const result = withTimeout(
      (signal) => {
        inner = signal;
        return new Promise(() => undefined);
      },
      { timeoutMs: undefined, signal: parent.signal },
    );
    parent.abort();
    await expect(result).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(inner?.aborted).toBe(true);
    expect(listeners(parent.signal)).toBe(0);
  });

  it('does not start what is cancelled already', async () => {
    let calls = 0;
    const result = withTimeout(() => Promise.resolve(calls++), { timeoutMs: 10, signal: AbortSignal.abort() });
    await expect(result).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(calls).toBe(0);
  });
});

describe('withTimeout', () => {
  it('refuses a deadline that is no number, in place of waiting without one', async () => {
    let calls = 0;
    const work = withTimeout(() => Promise.resolve(calls++), { timeoutMs: Number.NaN });
    await expect(work).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(calls).toBe(0);
  });
});

describe('linkedAbort', () => {
  it('follows its parent until unlinked, and never the other way', () => {
    const parent = new AbortController();
    const first = linkedAbort(parent.signal);
    const second = linkedAbort(parent.signal);
    second.unlink();
    const third = linkedAbort(parent.signal);
    third.abort('own');
    expect(parent.signal.aborted).toBe(false);
    parent.abort('parent');
    expect(first.signal.reason).toBe('parent');
    expect(second.signal.aborted).toBe(false);
    expect(third.signal.reason).toBe('own');
    expect(linkedAbort(parent.signal).signal.aborted).toBe(true);
  });

  it('follows another signal until it lets go of that one alone', () => {
    const parent = new AbortController();
    const other = new AbortController();
    const letGo = linkedAbort(parent.signal);
    letGo.follow(other.signal)();
    const following = linkedAbort(parent.signal);
    following.follow(other.signal);
    other.abort('other');
    expect(following.signal.reason).toBe('other');
    expect(letGo.signal.aborted).toBe(false);
    parent.abort('parent');
    expect(letGo.signal.reason).toBe('parent');
  });
});

describe('a retry budget', () => {
  /** Calls made for each request when a share of the calls fails, after the free retries are used up. */
  async function amplification(failingShare: number): Promise<number> {
    const clock = createFakeClock({ seed: 7 });
    const budget = new RetryBudget();
    let calls = 0;
    const request = (): Promise<void> =>
      retry(
        () => {
          calls++;
          return clock.random() < failingShare ? Promise.reject(busy({ retryAfterMs: 0 })) : Promise.resolve();
        },
        { budget, clock, maxAttempts: 3 },
      ).catch(() => undefined);
    const many = async (requests: number): Promise<void> => {
      const all = Array.from({ length: requests }, request);
      await clock.runAll();
      await Promise.all(all);
    };
    await many(1_000);
    calls = 0;
    await many(2_000);
    return calls / 2_000;
  }

  it('lets a blip be retried', async () => {
    expect(await amplification(0.05)).toBeGreaterThan(1.04);
  });

  it.each([0.05, 0.2, 0.5, 0.9, 1])('keeps calls below 1.1 for a request when a share of %s fails', async (share) => {
    expect(await amplification(share)).toBeLessThanOrEqual(1.1);
  });
});
