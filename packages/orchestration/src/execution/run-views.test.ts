import { GomindError } from '@gomind/core';
import { createFakeClock, createRecordingLogger } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldRun, type RunProgress } from '../plan/events/fold-run.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEvent } from '../plan/events/run-event.ts';
import { executePlan } from './execute-plan.ts';

const diamond: RoutingPlan = {
  steps: ['a', 'b', 'c', 'd'].map((name) => ({
    name,
    component: 'tool',
    action: 'act',
    inputs: { name },
    dependsOn: { a: [], b: ['a'], c: ['a'], d: ['b', 'c'] }[name] ?? [],
  })),
};

describe('views of a run', () => {
  it('tell each step that ended with the time it took, and how far the run is', async () => {
    const clock = createFakeClock();
    const ends: [string, number][] = [];
    const progress: RunProgress[] = [];
    const running = executePlan(diamond, {
      clock,
      call: async ({ step }) => {
        await new Promise<void>((resolve) => clock.setTimer(resolve, step === 'b' ? 20 : 10));
        if (step === 'c') throw new GomindError({ code: 'INPUT_ERROR', message: 'no' });
        return step;
      },
      onStepComplete: (step, durationMs) => ends.push([step, durationMs]),
      onProgress: (now) => progress.push(now),
    });
    await clock.runAll();
    await running;
    expect(ends).toEqual([
      ['a', 10],
      ['c', 10],
      ['b', 20],
    ]);
    expect(progress[0]).toEqual({ settled: 0, total: 4, running: 0 });
    expect(progress).toContainEqual({ settled: 1, total: 4, running: 2 });
    expect(progress.at(-1)).toEqual({ settled: 4, total: 4, running: 0 });
  });

  it('number events as a journal does', async () => {
    const events: RunEvent[] = [];
    await executePlan(diamond, { call: () => Promise.resolve(1), onEvent: (event) => events.push(event) });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
    expect(new Set(events.map(({ runId }) => runId)).size).toBe(1);
  });

  it('are logged when they are async and reject, and the run goes on', async () => {
    const logger = createRecordingLogger();
    const views = { onEvent: () => Promise.reject(new Error('the database is gone')) };
    const result = await executePlan(diamond, { call: () => Promise.resolve(1), logger, ...views });
    expect(result.status).toBe('completed');
    const told = { level: 'warn', message: 'A view of the run rejected' };
    await expect.poll(() => logger.records).toContainEqual(expect.objectContaining(told));
  });

  it('end the run with what they throw when a plan is run bare', async () => {
    const run = executePlan(diamond, {
      call: () => Promise.resolve(1),
      onStepComplete: () => {
        throw new Error('a bad view');
      },
    });
    await expect(run).rejects.toThrow('a bad view');
  });
});

type Outcome = 'ok' | 'fails' | 'retries';

const plans = fc.array(
  fc.record({
    dependsOn: fc.array(fc.nat(20), { maxLength: 3 }),
    outcome: fc.constantFrom<Outcome>('ok', 'ok', 'ok', 'fails', 'retries'),
    onError: fc.constantFrom(undefined, undefined, 'continue' as const),
    when: fc.constantFrom(undefined, undefined, undefined, '1 > 2'),
    durationMs: fc.integer({ min: 1, max: 50 }),
    items: fc.constantFrom(undefined, undefined, undefined, [1, 2, 3]),
  }),
  { minLength: 1, maxLength: 12 },
);

describe('the state of a run', () => {
  it('folded from its events is the result that the executor returns, cancelled runs included', async () => {
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.option(fc.integer({ min: 1, max: 120 }), { nil: undefined }),
        async (specs, cancelMs) => {
          const clock = createFakeClock();
          const abort = new AbortController();
          const tries = new Map<string, number>();
          const plan: RoutingPlan = {
            steps: specs.map((spec, index) => ({
              name: `s${String(index)}`,
              component: 'tool',
              action: 'act',
              inputs: { index },
              dependsOn: [...new Set(spec.dependsOn.filter((on) => on < index))].map((on) => `s${String(on)}`),
              retry: { maxAttempts: 3, initialWaitMs: 5, jitter: false },
              ...(spec.onError === undefined ? {} : { onError: spec.onError }),
              ...(spec.when === undefined ? {} : { when: spec.when }),
              ...(spec.items === undefined ? {} : { forEach: { items: spec.items } }),
            })),
          };
          const events: RunEvent[] = [];
          const running = executePlan(plan, {
            clock,
            signal: abort.signal,
            maxConcurrency: 3,
            onEvent: (event) => events.push(event),
            call: async ({ step }) => {
              const spec = specs[Number(step.slice(1))];
              await new Promise<void>((resolve) => clock.setTimer(resolve, spec?.durationMs ?? 1));
              const count = (tries.get(step) ?? 0) + 1;
              tries.set(step, count);
              if (spec?.outcome === 'ok' || (spec?.outcome === 'retries' && count > 1)) return { step };
              throw new GomindError({ code: 'NO', message: 'no', isRetryable: spec?.outcome === 'retries' });
            },
          });
          if (cancelMs !== undefined)
            clock.setTimer(() => {
              abort.abort();
            }, cancelMs);
          await clock.runAll();
          const result = await running;
          const state = foldRun(events);
          expect(state.steps).toEqual(result.steps);
          expect(state.status).toBe(result.status);
          expect(state.progress).toEqual({ settled: plan.steps.length, total: plan.steps.length, running: 0 });
          if (result.status !== 'cancelled') expect(state.errors).toEqual(result.errors);
          expect(state.result).toBe(result);
        },
      ),
      { numRuns: 60 },
    );
  });
});
