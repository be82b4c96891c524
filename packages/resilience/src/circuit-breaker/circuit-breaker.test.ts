import { GomindError, type Logger, noopLogger, noopTelemetry, type Telemetry } from '@gomind/core';
import { createFakeClock, type FakeClock } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { breakerCases } from '../../test/breaker-cases.ts';
import { call, fail, type HarnessOptions, hold, settle, stateOf, succeed, trip } from '../../test/breaker-harness.ts';
import {
  type CircuitBreakerOptions,
  type CircuitStateChange,
  createCircuitBreaker,
  type OperableCircuitBreaker,
} from '../index.ts';

interface OwnHarness {
  readonly breaker: OperableCircuitBreaker;
  readonly clock: FakeClock;
  advance(ms: number): Promise<void>;
}

function make(options: HarnessOptions & Partial<CircuitBreakerOptions> = {}): OwnHarness {
  const clock = createFakeClock();
  const breaker = createCircuitBreaker({ name: 'payments', clock, ...options });
  return { breaker, clock, advance: (ms) => clock.advance(ms) };
}

function recordedChanges(): {
  readonly changes: string[];
  readonly onStateChange: (change: CircuitStateChange) => void;
} {
  const changes: string[] = [];
  return {
    changes,
    onStateChange: ({ from, to, reason }) => {
      changes.push(`${from} -> ${to}: ${reason}`);
    },
  };
}

describe('createCircuitBreaker', () => {
  for (const breakerCase of breakerCases) it(breakerCase.name, () => breakerCase.run(make));

  it('B2 opens when a success completes the volume', async () => {
    const harness = make({ volumeThreshold: 10 });
    await trip(harness, 9);
    await succeed(harness);
    expect(stateOf(harness)).toBe('open');
  });

  it('B2 with a threshold of 1 opens only when all calls failed', async () => {
    const mixed = make({ errorThreshold: 1 });
    await succeed(mixed);
    await trip(mixed, 100);
    expect(stateOf(mixed)).toBe('closed');
    const failing = make({ errorThreshold: 1 });
    await trip(failing);
    expect(stateOf(failing)).toBe('open');
  });

  it('B2 with a threshold of 0 opens at the first failure once the volume is there', async () => {
    const harness = make({ errorThreshold: 0 });
    for (let count = 0; count < 9; count++) await succeed(harness);
    expect(stateOf(harness)).toBe('closed');
    await fail(harness);
    expect(stateOf(harness)).toBe('open');
  });

  it('B4 admits exactly halfOpenMax probes under 1,000 concurrent calls', async () => {
    const harness = make({ halfOpenMax: 3, sleepWindowMs: 1_000 });
    await trip(harness);
    await harness.advance(1_000);
    const held = Array.from({ length: 1_000 }, () => hold(harness));
    await settle(harness);
    expect(held.filter(({ signal }) => signal !== undefined)).toHaveLength(3);
    const refused = await held[3]?.result;
    expect(refused).toMatchObject({
      kind: 'refused',
      error: { details: { state: 'half-open', retryAfterMs: 30_000 } },
    });
  });

  it('B6 of several probes the first to end decides, the others change nothing', async () => {
    const { changes, onStateChange } = recordedChanges();
    const harness = make({ halfOpenMax: 3, sleepWindowMs: 1_000, onStateChange });
    await trip(harness);
    await harness.advance(1_000);
    const [first, second, third] = [hold(harness), hold(harness), hold(harness)];
    first.resolve();
    await first.result;
    second.reject(new Error('late'));
    await second.result;
    third.resolve();
    await third.result;
    expect(changes).toEqual([
      'closed -> open: failure-rate',
      'open -> half-open: sleep-over',
      'half-open -> closed: probe-succeeded',
    ]);
  });

  it('B7 a probe has the deadline of all calls, or one of its own', async () => {
    for (const [options, deadlineMs] of [
      [{ timeoutMs: 200 }, 200],
      [{ timeoutMs: 200, probeTimeoutMs: 50 }, 50],
    ] as const) {
      const harness = make({ sleepWindowMs: 1_000, ...options });
      await trip(harness);
      await harness.advance(1_000);
      const probe = hold(harness);
      await harness.advance(deadlineMs - 1);
      expect(stateOf(harness)).toBe('half-open');
      await harness.advance(1);
      expect(stateOf(harness)).toBe('open');
      expect(probe.signal?.aborted).toBe(true);
    }
  });

  it('B8 cancelling a call counts neither way, whatever its operation throws then', async () => {
    const harness = make({ volumeThreshold: 1 });
    const controller = new AbortController();
    const held = hold(harness, controller.signal);
    controller.abort();
    const result = await held.result;
    expect(result.kind === 'failed' && GomindError.isInstance(result.error, 'CANCELLED')).toBe(true);
    expect(held.signal?.aborted).toBe(true);
    expect(stateOf(harness)).toBe('closed');
    held.reject(new Error('too late'));
    await settle(harness);
    expect(stateOf(harness)).toBe('closed');
  });

  it('B8 the deadline of the caller is not held against the service', async () => {
    const harness = make({ volumeThreshold: 1, isFailure: () => true });
    const controller = new AbortController();
    const held = hold(harness, controller.signal);
    const deadline = new GomindError({ code: 'RUN_TIMEOUT', message: 'the run took too long', isRetryable: true });
    controller.abort(deadline);
    expect(await held.result).toEqual({ kind: 'failed', error: deadline });
    expect(stateOf(harness)).toBe('closed');
  });

  it('does not run an operation whose caller has already gone', async () => {
    const harness = make();
    let runs = 0;
    const result = await call(harness, () => Promise.resolve(++runs), AbortSignal.abort());
    expect(result.kind === 'failed' && GomindError.isInstance(result.error, 'CANCELLED')).toBe(true);
    expect(runs).toBe(0);
  });

  it('lets go of the caller signal when the call has ended', async () => {
    const harness = make({ timeoutMs: 100 });
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...parameters: Parameters<typeof add>) => {
      listeners++;
      add(...parameters);
    };
    signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
      listeners--;
      remove(...parameters);
    };
    await call(harness, () => Promise.resolve('value'), signal);
    expect(listeners).toBe(0);
  });

  it('B9 takes the judgement of the isFailure option', async () => {
    const harness = make({ isFailure: (error) => error instanceof RangeError });
    await trip(harness, 20);
    expect(stateOf(harness)).toBe('closed');
    for (let count = 0; count < 10; count++) await fail(harness, new RangeError('mine'));
    expect(stateOf(harness)).toBe('open');
  });

  it('counts a failure and throws the error of the operation when isFailure itself throws', async () => {
    const harness = make({
      volumeThreshold: 1,
      isFailure: () => {
        throw new TypeError('broken classifier');
      },
    });
    const error = new Error('mine');
    expect(await fail(harness, error)).toEqual({ kind: 'failed', error });
    expect(stateOf(harness)).toBe('open');
  });

  it('B14 holds no timer, neither when idle nor when open nor after close', async () => {
    const harness = make({ timeoutMs: 100, sleepWindowMs: 1_000 });
    expect(harness.clock.pendingTimers).toBe(0);
    await trip(harness);
    expect(stateOf(harness)).toBe('open');
    expect(harness.clock.pendingTimers).toBe(0);
    await harness.breaker.close();
    expect(harness.clock.pendingTimers).toBe(0);
  });

  it('B14 starts no timer of the machine either', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const timersBefore = timers();
    const breakers = Array.from({ length: 100 }, () => createCircuitBreaker({ name: 'many', volumeThreshold: 1 }));
    for (const breaker of breakers) await fail({ breaker, advance: () => Promise.resolve() });
    expect(breakers.every(({ state }) => state === 'open')).toBe(true);
    expect(timers() - timersBefore).toBeLessThan(100);
  });

  it('after close runs every call unguarded', async () => {
    const harness = make({ timeoutMs: 100 });
    await trip(harness);
    await using breaker = harness.breaker;
    await breaker.close();
    await trip(harness, 20);
    expect(stateOf(harness)).toBe('closed');
    harness.breaker.forceOpen();
    harness.breaker.forceClose();
    expect(await succeed(harness)).toEqual({ kind: 'succeeded', value: 'value' });
  });

  it('a call in flight at close ends as it likes', async () => {
    const harness = make({ volumeThreshold: 1 });
    const held = hold(harness);
    await harness.breaker.close();
    held.reject(new Error('late'));
    expect((await held.result).kind).toBe('failed');
    expect(stateOf(harness)).toBe('closed');
  });

  it('B15 opened by hand stays open whatever time passes', async () => {
    const harness = make({ sleepWindowMs: 1_000 });
    harness.breaker.forceOpen();
    await harness.advance(10_000_000);
    expect(stateOf(harness)).toBe('open');
    expect(await succeed(harness)).toMatchObject({ kind: 'refused', error: { details: { retryAfterMs: 1_000 } } });
    harness.breaker.reset();
    expect(await succeed(harness)).toEqual({ kind: 'succeeded', value: 'value' });
    await trip(harness);
    expect(stateOf(harness)).toBe('open');
  });

  it('B15 opened by hand while a probe runs, the probe does not close it', async () => {
    const harness = make({ sleepWindowMs: 1_000 });
    await trip(harness);
    await harness.advance(1_000);
    const probe = hold(harness);
    harness.breaker.forceOpen();
    probe.resolve();
    await probe.result;
    expect(stateOf(harness)).toBe('open');
  });

  it('B15 closed by hand stays closed whatever fails, until it is reset', async () => {
    const harness = make();
    harness.breaker.forceClose();
    await trip(harness, 100);
    expect(stateOf(harness)).toBe('closed');
    harness.breaker.reset();
    await trip(harness);
    expect(stateOf(harness)).toBe('open');
  });

  it('B15 a reset forgets the failures before', async () => {
    const harness = make();
    await trip(harness, 9);
    harness.breaker.reset();
    await trip(harness, 9);
    expect(stateOf(harness)).toBe('closed');
  });

  it('opens when too many calls are slow, though they succeed', async () => {
    const { changes, onStateChange } = recordedChanges();
    const harness = make({ slowCallMs: 100, slowCallThreshold: 0.5, onStateChange });
    const succeedAfter = async (ms: number): Promise<void> => {
      const held = hold(harness);
      await harness.advance(ms);
      held.resolve();
      await held.result;
    };
    for (let count = 0; count < 5; count++) await succeedAfter(100);
    for (let count = 0; count < 5; count++) await succeedAfter(101);
    expect(stateOf(harness)).toBe('closed');
    await succeedAfter(101);
    await harness.advance(30_000);
    await succeedAfter(101);
    await harness.advance(30_000);
    await succeedAfter(100);
    expect(changes).toEqual([
      'closed -> open: slow-call-rate',
      'open -> half-open: sleep-over',
      'half-open -> open: probe-slow',
      'open -> half-open: sleep-over',
      'half-open -> closed: probe-succeeded',
    ]);
  });

  it('judges the last calls, however long ago they were, when the window counts calls', async () => {
    const harness = make({ windowCalls: 10, volumeThreshold: 10 });
    await trip(harness, 5);
    await harness.advance(10_000_000);
    for (let count = 0; count < 5; count++) await succeed(harness);
    expect(stateOf(harness)).toBe('closed');
    for (let count = 0; count < 5; count++) await succeed(harness);
    await trip(harness, 5);
    expect(stateOf(harness)).toBe('closed');
    await fail(harness);
    expect(stateOf(harness)).toBe('open');
  });

  it('B16 does not look at the wall clock', async () => {
    const harness = make({ sleepWindowMs: 1_000 });
    const wallClockMs = harness.clock.now();
    await trip(harness);
    harness.clock.setWallClock(wallClockMs - 3_600_000);
    await harness.advance(999);
    expect((await succeed(harness)).kind).toBe('refused');
    harness.clock.setWallClock(wallClockMs + 3_600_000);
    expect((await succeed(harness)).kind).toBe('refused');
    await harness.advance(1);
    expect((await succeed(harness)).kind).toBe('succeeded');
  });

  it('B18 tells each change once and in order, also those that the listener causes', async () => {
    const changes: string[] = [];
    let depth = 0;
    const harness = make({
      onStateChange: ({ from, to }) => {
        depth++;
        expect(depth).toBe(1);
        changes.push(`${from} -> ${to}`);
        if (changes.length === 1) harness.breaker.forceClose();
        depth--;
      },
    });
    await trip(harness);
    await succeed(harness);
    harness.breaker.forceOpen();
    harness.breaker.forceOpen();
    harness.breaker.forceClose();
    harness.breaker.forceClose();
    expect(changes).toEqual(['closed -> open', 'open -> closed', 'closed -> open', 'open -> closed']);
  });

  it('B18 a listener that throws or rejects harms no call', async () => {
    const listeners: ((change: CircuitStateChange) => unknown)[] = [
      () => {
        throw new Error('listener');
      },
      () => Promise.reject(new Error('listener')),
    ];
    for (const listener of listeners) {
      const harness = make({ onStateChange: (change) => listener(change) });
      await trip(harness);
      expect(stateOf(harness)).toBe('open');
      expect((await succeed(harness)).kind).toBe('refused');
    }
  });

  it('B18 a logger or telemetry that throws harms no call', async () => {
    const broken = (): never => {
      throw new Error('observer');
    };
    const logger: Logger = { debug: broken, info: broken, warn: broken, error: broken, child: broken };
    const telemetry: Telemetry = { ...noopTelemetry, recordMetric: broken };
    const harness = make({ logger, telemetry, sleepWindowMs: 1_000, isFailure: broken, onStateChange: broken });
    const error = new Error('mine');
    for (let count = 0; count < 10; count++) expect(await fail(harness, error)).toEqual({ kind: 'failed', error });
    expect((await succeed(harness)).kind).toBe('refused');
    await harness.advance(1_000);
    expect(await succeed(harness)).toEqual({ kind: 'succeeded', value: 'value' });
    expect(stateOf(harness)).toBe('closed');
  });

  it('logs its changes and measures changes and refusals', async () => {
    const lines: string[] = [];
    const measured: string[] = [];
    const logger: Logger = {
      ...noopLogger,
      warn: (message) => void lines.push(`warn ${message}`),
      info: (message) => void lines.push(`info ${message}`),
    };
    const telemetry: Telemetry = {
      ...noopTelemetry,
      recordMetric: (name, value, attributes) =>
        void measured.push(`${name} ${String(value)} ${String(attributes?.['to'])}`),
    };
    const harness = make({ logger, telemetry });
    await trip(harness);
    await succeed(harness);
    harness.breaker.forceClose();
    expect(lines).toEqual(['warn A circuit breaker opened', 'info A circuit breaker changed its state']);
    expect(measured).toEqual([
      'gomind.circuit_breaker.state_changes 1 open',
      'gomind.breaker.state 2 undefined',
      'gomind.circuit_breaker.rejections 1 undefined',
      'gomind.circuit_breaker.state_changes 1 closed',
      'gomind.breaker.state 0 undefined',
    ]);
  });

  it('spreads the sleep by the jitter and no further', async () => {
    const sleepsMs = new Set<number>();
    for (let seed = 1; seed <= 20; seed++) {
      const harness = make({ sleepWindowMs: 1_000, sleepJitter: 0.5, clock: createFakeClock({ seed }) });
      await trip(harness);
      const refused = await succeed(harness);
      sleepsMs.add(refused.kind === 'refused' ? Number(refused.error.details['retryAfterMs']) : Number.NaN);
    }
    expect(Math.min(...sleepsMs)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...sleepsMs)).toBeLessThanOrEqual(1_500);
    expect(sleepsMs.size).toBeGreaterThan(10);
  });

  it.each([
    ['name', { name: ' ' }],
    ['errorThreshold', { errorThreshold: 1.1 }],
    ['errorThreshold', { errorThreshold: Number.NaN }],
    ['volumeThreshold', { volumeThreshold: 0 }],
    ['volumeThreshold', { volumeThreshold: 2.5 }],
    ['windowMs', { windowMs: 0 }],
    ['sleepWindowMs', { sleepWindowMs: Number.POSITIVE_INFINITY }],
    ['sleepJitter', { sleepJitter: -1 }],
    ['windowCalls', { windowCalls: 9 }],
    ['windowCalls', { windowCalls: 10_001 }],
    ['slowCallMs', { slowCallMs: 0 }],
    ['slowCallThreshold', { slowCallThreshold: 2 }],
    ['halfOpenMax', { halfOpenMax: 0 }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['probeTimeoutMs', { probeTimeoutMs: Number.NaN }],
  ])('refuses the option %s in %j', (option, options) => {
    expect(() => createCircuitBreaker({ name: 'payments', ...options })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', details: expect.objectContaining({ option }) as unknown }),
    );
  });
});
