import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { GomindError, systemClock } from '@gomind/core';
import { createFakeClock } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import type { PlanStep } from '../../plan/routing-plan.ts';
import { PlanExecutor } from '../plan-executor.ts';

const shapes: readonly [string, (index: number) => number[]][] = [
  ['a chain', (index) => (index === 0 ? [] : [index - 1])],
  ['a fan', (index) => (index === 0 ? [] : [0])],
  ['a tangle', (index) => (index < 3 ? [] : [index - 1, index - 2, index - 3])],
];

describe('the work of scheduling', () => {
  it.each(shapes)('S7 grows with steps and edges only, in %s', async (_shape, dependsOn) => {
    /** Reads of any property of any step, for each step. */
    const readsPerStep = async (size: number): Promise<number> => {
      let reads = 0;
      const steps = Array.from({ length: size }, (_, index) => {
        const step: PlanStep = {
          name: `s${String(index)}`,
          kind: 'nothing',
          inputs: {},
          dependsOn: dependsOn(index).map((other) => `s${String(other)}`),
        };
        return new Proxy(step, {
          get: (target, key, receiver) => {
            reads++;
            return Reflect.get(target, key, receiver) as unknown;
          },
        });
      });
      const executor = new PlanExecutor({ handlers: [{ kind: 'nothing', run: () => Promise.resolve(null) }] });
      expect((await executor.execute({ steps })).status).toBe('completed');
      return reads / size;
    };
    const few = await readsPerStep(100);
    expect(few).toBeLessThan(60);
    expect(await readsPerStep(2_000)).toBeLessThan(few * 1.1);
  });
});

describe('a handler that does not listen to its signal', () => {
  it('does not keep its step from ending, and keeps its slot for a second at most', async () => {
    const clock = createFakeClock();
    const startedAt: number[] = [];
    const executor = new PlanExecutor({
      handlers: [
        {
          kind: 'deaf',
          run: () => {
            startedAt.push(clock.monotonicMs());
            return new Promise(() => undefined);
          },
        },
      ],
      clock,
      maxConcurrency: 1,
      stepTimeoutMs: 100,
    });
    const step = (name: string): PlanStep => ({ name, kind: 'deaf', inputs: {}, dependsOn: [] });
    const running = executor.execute({ steps: [step('a'), step('b')] });
    await clock.runAll();
    const { steps } = await running;
    expect(startedAt).toEqual([0, 1_100]);
    expect(steps).toMatchObject({ a: { error: { code: 'STEP_TIMEOUT' } }, b: { error: { code: 'STEP_TIMEOUT' } } });
    expect((steps['a']?.endedAt ?? 0) - (steps['a']?.startedAt ?? 0)).toBe(100);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('time that is asked for', () => {
  it.each([
    ['longer than the run may take', 5_000, 10_000],
    ['longer than anybody waits', undefined, 301_000],
  ])('by Retry-After and is %s fails the step at once', async (_what, timeoutMs, retryAfterMs) => {
    const clock = createFakeClock();
    const busy = new GomindError({
      code: 'RATE_LIMITED',
      message: 'busy',
      isRetryable: true,
      details: { retryAfterMs },
    });
    const executor = new PlanExecutor({ handlers: [{ kind: 'busy', run: () => Promise.reject(busy) }], clock });
    const plan = { steps: [{ name: 'a', kind: 'busy', inputs: {}, dependsOn: [], retry: { maxAttempts: 3 } }] };
    const running = executor.execute(plan, timeoutMs === undefined ? {} : { timeoutMs });
    await clock.runAll();
    expect((await running).steps['a']).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'RATE_LIMITED' },
    });
    expect(clock.monotonicMs()).toBe(0);
  });
});

describe('a run that has ended', () => {
  it('S4 leaves no timer in the process, on the real clock', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    // The runner's own timers may end meanwhile.
    const before = timers();
    const executor = new PlanExecutor({
      handlers: [
        { kind: 'quick', run: () => Promise.resolve(null) },
        { kind: 'never', run: () => new Promise(() => undefined) },
      ],
      clock: systemClock,
    });
    const abort = new AbortController();
    const step = (name: string, kind: string): PlanStep => ({ name, kind, inputs: {}, dependsOn: [] });
    await executor.execute({ steps: [step('a', 'quick'), step('b', 'quick')] }, { timeoutMs: 60_000 });
    expect(timers()).toBeLessThanOrEqual(before);
    const cancelled = executor.execute(
      { steps: [step('a', 'quick'), step('b', 'never')] },
      { signal: abort.signal, timeoutMs: 60_000 },
    );
    await new Promise(setImmediate);
    abort.abort();
    expect((await cancelled).status).toBe('cancelled');
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('S4 is held by nobody, not even by a signal that lives on', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { signal } = new AbortController();
    const outputs: WeakRef<object>[] = [];
    const executor = new PlanExecutor({
      handlers: [
        {
          kind: 'big',
          run: (_step, context) => {
            context.signal.addEventListener('abort', () => undefined);
            const output = { rows: new Array(1_000).fill(0) };
            outputs.push(new WeakRef(output));
            return Promise.resolve(output);
          },
        },
      ],
    });
    const runAndForget = async (): Promise<void> => {
      await executor.execute(
        { steps: [{ name: 'a', kind: 'big', inputs: {}, dependsOn: [] }] },
        { signal, timeoutMs: 60_000 },
      );
    };
    await runAndForget();
    const isHeld = (): boolean => outputs.some((output) => output.deref() !== undefined);
    // Code that is being compiled may hold what it was called with for a moment.
    for (let times = 0; times < 50 && (times === 0 || isHeld()); times++) {
      await new Promise(setImmediate);
      collect();
    }
    expect(outputs).toHaveLength(1);
    expect(isHeld()).toBe(false);
  });
});
