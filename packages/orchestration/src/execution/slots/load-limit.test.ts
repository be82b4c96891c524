import { type Clock, delay } from '@gomind/core';
import { createFakeClock, createRecordingTelemetry } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationOf, innerPlan, isFailure } from '../../../test/simulate-plan.ts';
import { expandInto } from '../run/expand-into.ts';
import { LoadLimit } from './load-limit.ts';
import { PlanExecutor } from '../plan-executor.ts';
import { SharedConcurrency } from './shared-concurrency.ts';

const cool = (): number => 0.2;

/** A clock whose timers fire late, as on a busy event loop. */
function lateClock(lateMs: () => number): { clock: Clock; fake: ReturnType<typeof createFakeClock> } {
  const fake = createFakeClock();
  return { fake, clock: { ...fake, setTimer: (callback, delayMs) => fake.setTimer(callback, delayMs + lateMs()) } };
}

describe('SharedConcurrency', () => {
  it('tells what a run may do from its beginning on, and again when that has changed', async () => {
    let heapShare = 0.2;
    const clock = createFakeClock();
    const telemetry = createRecordingTelemetry();
    const shared = new SharedConcurrency({ maxConcurrency: 'auto', heapShare: () => heapShare, clock, telemetry });
    const guard = (work: () => void): void => {
      work();
    };
    const run = { priority: 'normal', guard } as const;
    const told = (): number[] => telemetry.metrics.map(({ value }) => value);
    const begun = shared.begin(run);
    expect(told()).toEqual([10]);
    heapShare = 0.9;
    await clock.advance(200);
    expect(told().at(-1)).toBeLessThan(10);
    const before = told();
    shared.begin(run).end();
    expect(told()).toEqual(before);
    begun.end();
  });
});

describe('LoadLimit', () => {
  it('affords less while timers fire late, and more again when they do not', async () => {
    let lateMs = 0;
    const { clock, fake } = lateClock(() => lateMs);
    const load = new LoadLimit({ clock, heapShare: cool });
    const seen: number[] = [];
    const end = load.follow((share) => seen.push(share));
    await fake.advance(1_000);
    expect([load.share, seen]).toEqual([1, []]);
    lateMs = 51;
    await fake.advance(1_000);
    expect(load.share).toBeLessThan(0.1);
    expect(seen.at(-1)).toBe(load.share);
    lateMs = 0;
    await fake.advance(10_000);
    expect(load.share).toBe(1);
    end();
    expect(fake.pendingTimers).toBe(0);
  });

  it('affords less while the heap is nearly full', async () => {
    const clock = createFakeClock();
    let heapShare = 0.9;
    const load = new LoadLimit({ clock, heapShare: () => heapShare });
    load.follow(() => undefined);
    await clock.advance(200);
    expect(load.share).toBeLessThan(0.35);
    heapShare = 0.8;
    await clock.advance(5_000);
    expect(load.share).toBe(1);
  });

  it('looks only while somebody follows, and takes a pause for recovery', async () => {
    const clock = createFakeClock();
    let looks = 0;
    const load = new LoadLimit({ clock, heapShare: () => (looks++, 0.99) });
    const ends = [load.follow(() => undefined), load.follow(() => undefined)];
    await clock.advance(100);
    const before = load.share;
    for (const end of ends) end();
    expect([looks, clock.pendingTimers]).toEqual([2, 0]);
    await clock.advance(1_000);
    load.follow(() => undefined)();
    expect(load.share).toBeCloseTo(before + 0.2);
    expect([looks, clock.pendingTimers]).toEqual([2, 0]);
  });

  it('reads the process itself when nothing else is given', async () => {
    const clock = createFakeClock();
    const load = new LoadLimit({ clock });
    load.follow(() => undefined)();
    await clock.advance(1_000);
    expect(load.share).toBe(1);
  });
});

const sketches = fc.array(
  fc.record({
    dependsOn: fc.array(fc.nat(11), { maxLength: 2 }),
    kind: fc.constantFrom('work', 'work', 'items', 'nested'),
  }),
  { minLength: 1, maxLength: 14 },
);

describe('S3 while the limit follows the load', () => {
  it('starts nothing above the limit of the moment, in nested plans and items neither, and finishes everything', async () => {
    const heats = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(sketches, heats, fc.option(fc.integer({ min: 1, max: 8 })), async (all, heats, total) => {
        const clock = createFakeClock();
        let looks = 0;
        // What the limit has to be by now, worked out a second time.
        let share = 1;
        const limit = (): number => Math.min(Math.max(1, Math.floor(10 * share)), total ?? 10);
        const concurrency = new SharedConcurrency({
          maxConcurrency: 'auto',
          maxTotalConcurrency: total ?? undefined,
          clock,
          heapShare: () => {
            const isHot = heats[looks++ % heats.length] === true;
            share = isHot ? Math.max(0.01, share * 0.7) : Math.min(1, share + 0.01);
            return isHot ? 0.9 : 0.1;
          },
        });
        let running = 0;
        const executor = new PlanExecutor({
          handlers: [
            {
              kind: 'work',
              run: async (_step, { stepName }) => {
                running++;
                expect(running).toBeLessThanOrEqual(limit());
                await delay(durationOf({ seed: 1, failurePercent: 0 }, stepName, 1) % 300, { clock });
                running--;
                return isFailure({ seed: 1, failurePercent: 0 }, stepName, 1);
              },
            },
            { kind: 'nested', takesSlot: false, run: () => Promise.resolve(expandInto(innerPlan)) },
            { kind: 'pause', takesSlot: false, run: () => Promise.resolve(1) },
          ],
          clock,
          concurrency,
          stepTimeoutMs: Number.POSITIVE_INFINITY,
        });
        const steps = all.map(({ dependsOn, kind }, index) => ({
          name: `s${String(index)}`,
          kind: kind === 'items' ? 'work' : kind,
          inputs: {},
          dependsOn: [...new Set(dependsOn)].filter((other) => other < index).map((other) => `s${String(other)}`),
          ...(kind === 'items' ? { forEach: { items: [1, 2, 3, 4, 5] } } : {}),
        }));
        const ended = executor.execute({ steps });
        await clock.runAll();
        const result = await ended;
        expect(result.status).toBe('completed');
        expect([running, clock.pendingTimers]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('runs that share a limit', () => {
  const busy = (clock: Clock, started: string[]) =>
    new PlanExecutor({
      handlers: [
        {
          kind: 'work',
          run: async (_step, { priority }) => {
            started.push(priority);
            await delay(10, { clock });
          },
        },
      ],
      clock,
      maxTotalConcurrency: 2,
    });
  const plan = {
    steps: Array.from({ length: 42 }, (_, index) => ({
      name: `s${String(index)}`,
      kind: 'work',
      inputs: {},
      dependsOn: [],
    })),
  };

  it('keep it together; high priority comes first, and low priority comes too', async () => {
    const clock = createFakeClock();
    const started: string[] = [];
    const executor = busy(clock, started);
    const runs = (['low', 'normal', 'high'] as const).map((priority) => executor.execute(plan, { priority }));
    await clock.advance(9);
    expect(started).toHaveLength(2);
    await clock.runAll();
    for (const run of runs) expect((await run).status).toBe('completed');
    const place = (priority: string): number =>
      started.reduce((sum, one, index) => sum + (one === priority ? index : 0), 0) / 42;
    expect(place('high')).toBeLessThan(place('normal'));
    expect(place('normal')).toBeLessThan(place('low'));
    expect(started.slice(2, 44)).toContain('low');
  });

  it('get the place of a run that was cancelled while it waited', async () => {
    const clock = createFakeClock();
    const started: string[] = [];
    const executor = busy(clock, started);
    const first = executor.execute(plan, { priority: 'high' });
    const controller = new AbortController();
    const second = executor.execute(plan, { priority: 'normal', signal: controller.signal });
    await clock.advance(15);
    controller.abort();
    expect((await second).status).toBe('cancelled');
    await clock.runAll();
    expect((await first).status).toBe('completed');
    const third = executor.execute(plan, { priority: 'low' });
    await clock.runAll();
    expect((await third).status).toBe('completed');
    expect(clock.pendingTimers).toBe(0);
  });
});
