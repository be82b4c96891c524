/** Holds the executor to its invariants with random plans, and to what a simulation foretells of them. */
import { getEventListeners } from 'node:events';
import { delay, GomindError } from '@gomind/core';
import { createFakeClock, type FakeClock } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventSequence } from '../plan/events/event-sequence.ts';
import type { ExecutionResult, StepResult } from '../plan/execution-result.ts';
import { foldRun, type StepState } from '../plan/events/fold-run.ts';
import type { OnError, PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import { durationOf, innerPlan, isFailure, simulate, type World } from '../../test/simulate-plan.ts';
import { expandInto } from './run/expand-into.ts';
import { PlanExecutor } from './plan-executor.ts';
import type { StepHandler } from './step-handler.ts';

interface Sketch {
  readonly dependsOn: readonly number[];
  readonly kind: string;
  readonly maxAttempts: number;
  readonly when: string | undefined;
  readonly onError: 'continue' | 'fallback' | undefined;
  readonly items: number;
  readonly maxParallel: number | undefined;
}

const sketch: fc.Arbitrary<Sketch> = fc.record({
  dependsOn: fc.array(fc.nat(11), { maxLength: 3 }),
  kind: fc.constantFrom('work', 'work', 'work', 'items', 'nested', 'pause'),
  maxAttempts: fc.constantFrom(1, 1, 2, 3),
  when: fc.constantFrom(undefined, undefined, undefined, 'false', 'failed()', 'always()', 'succeeded()'),
  onError: fc.constantFrom(undefined, undefined, 'continue' as const, 'fallback' as const),
  items: fc.nat(4),
  maxParallel: fc.constantFrom(undefined, 1, 2),
});
const sketches: fc.Arbitrary<Sketch[]> = fc.array(sketch, { minLength: 1, maxLength: 10 });
const worlds = fc.record({ seed: fc.nat(), failurePercent: fc.constantFrom(0, 20, 60) });

/** Dependencies point backwards, and each fallback is a step of its own at the end: every sketch is a valid plan. */
function planOf(all: readonly Sketch[]): RoutingPlan {
  const fallbacks: PlanStep[] = [];
  const steps = all.map(({ kind, when, items, maxParallel, maxAttempts, ...more }, index): PlanStep => {
    const name = `s${String(index)}`;
    if (more.onError === 'fallback') fallbacks.push({ name: `f${name}`, kind: 'work', inputs: {}, dependsOn: [] });
    const onError: OnError | undefined = more.onError === 'fallback' ? { fallback: `f${name}` } : more.onError;
    return {
      name,
      kind: kind === 'items' ? 'work' : kind,
      inputs: {},
      dependsOn: [...new Set(more.dependsOn)].filter((other) => other < index).map((other) => `s${String(other)}`),
      retry: {
        maxAttempts,
        backoff: 'fixed',
        initialWaitMs: durationOf({ seed: 0, failurePercent: 0 }, name, 0),
        maxWaitMs: Number.POSITIVE_INFINITY,
        jitter: false,
      },
      ...(when === undefined ? {} : { when }),
      ...(onError === undefined ? {} : { onError }),
      ...(kind === 'items'
        ? { forEach: { items: Array.from({ length: items }), ...(maxParallel === undefined ? {} : { maxParallel }) } }
        : {}),
    };
  });
  return { steps: [...steps, ...fallbacks] };
}

interface Ran {
  readonly result: ExecutionResult;
  readonly events: readonly RunEventBody[];
  readonly clock: FakeClock;
  readonly running: { now: number; peak: number };
  readonly signals: readonly AbortSignal[];
  readonly signal: AbortSignal;
}

async function execute(
  plan: RoutingPlan,
  options: {
    readonly world: World;
    readonly limit: number;
    readonly cancelAfterMs?: number;
    readonly timeoutMs?: number;
  },
): Promise<Ran> {
  const { world, limit, cancelAfterMs, timeoutMs } = options;
  const clock = createFakeClock();
  const running = { now: 0, peak: 0 };
  const signals: AbortSignal[] = [];
  const handler = (kind: string, takesSlot: boolean, run: StepHandler['run']): StepHandler => ({
    kind,
    takesSlot,
    run,
  });
  const work: StepHandler['run'] = async (_step, { stepName, attempt, signal }) => {
    signals.push(signal);
    running.peak = Math.max(running.peak, ++running.now);
    try {
      await delay(durationOf(world, stepName, attempt), { clock, signal });
      if (isFailure(world, stepName, attempt))
        throw new GomindError({ code: 'NO_LUCK', message: 'no luck', isRetryable: true });
      return stepName;
    } finally {
      running.now--;
    }
  };
  const executor = new PlanExecutor({
    handlers: [
      handler('work', true, work),
      handler('pause', false, (_step, { stepName, signal }) =>
        delay(durationOf(world, stepName, 1), { clock, signal }),
      ),
      handler('nested', false, () => Promise.resolve(expandInto(innerPlan))),
    ],
    clock,
    maxConcurrency: limit,
    stepTimeoutMs: Number.POSITIVE_INFINITY,
  });
  const events: RunEventBody[] = [];
  const abort = new AbortController();
  if (cancelAfterMs !== undefined) {
    clock.setTimer(() => {
      abort.abort();
    }, cancelAfterMs);
  }
  const ended = executor.execute(plan, {
    signal: abort.signal,
    emit: (event) => events.push(event),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  await clock.runAll();
  return { result: await ended, events, clock, running, signals, signal: abort.signal };
}

const terminal: ReadonlySet<string> = new Set(['step.completed', 'step.failed', 'step.skipped', 'step.cancelled']);
const namesOf = (events: readonly RunEventBody[], isWanted: (type: string) => boolean): string[] =>
  events.flatMap((event) => ('step' in event && isWanted(event.type) ? [event.step] : []));

describe('the executor, on random plans with failures, retries, conditions, fallbacks, items, pauses and nested plans', () => {
  it('S1, S2, S3 does what the simulation foretells, to the moment', async () => {
    await fc.assert(
      fc.asyncProperty(sketches, worlds, fc.integer({ min: 1, max: 12 }), async (all, world, limit) => {
        const plan = planOf(all);
        const { result, running } = await execute(plan, { world, limit });
        const expected = simulate(plan, world, limit);
        for (const { name } of plan.steps) {
          const { status, attempts, startedAt, endedAt } = result.steps[name] ?? { status: 'none' };
          const relative = (time: number | undefined): number | undefined =>
            time === undefined ? undefined : time - result.startedAt;
          const end = expected.get(name);
          expect([name, status, attempts, relative(startedAt), relative(endedAt)]).toEqual([
            name,
            end?.status,
            end?.attempts,
            end?.startedAt,
            end?.endedAt,
          ]);
        }
        expect(running.peak).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 150 },
    );
  });

  it('S2, S6 settles each step, item and nested step once, and lists causes only', async () => {
    await fc.assert(
      fc.asyncProperty(sketches, worlds, fc.integer({ min: 1, max: 4 }), async (all, world, limit) => {
        const plan = planOf(all);
        const { result, events } = await execute(plan, { world, limit });
        const ends = namesOf(events, (type) => terminal.has(type));
        expect(new Set(ends).size).toBe(ends.length);
        expect(ends).toEqual(expect.arrayContaining(plan.steps.map(({ name }) => name)));
        expect(ends).toEqual(expect.arrayContaining(namesOf(events, (type) => type === 'step.started')));
        const unforgiven = plan.steps.filter(({ name, onError }) => {
          if (result.steps[name]?.status !== 'failed' || onError === 'continue') return false;
          return typeof onError !== 'object' || result.steps[onError.fallback]?.status !== 'completed';
        });
        expect(result.errors.map(({ step }) => step).sort()).toEqual(unforgiven.map(({ name }) => name).sort());
        expect(result.status).toBe(unforgiven.length > 0 ? 'failed' : 'completed');
      }),
      { numRuns: 60 },
    );
  });

  it('S5 says in its events all that its result says', async () => {
    await fc.assert(
      fc.asyncProperty(sketches, worlds, fc.option(fc.nat(4_000_000_000)), async (all, world, afterMs) => {
        const plan = planOf(all);
        const when = afterMs === null ? {} : { cancelAfterMs: afterMs };
        const { result, events } = await execute(plan, { world, limit: 3, ...when });
        const sequence = new EventSequence(result.runId, createFakeClock());
        const bodies: readonly RunEventBody[] = [
          { type: 'run.started' },
          { type: 'plan.created', plan, source: 'caller' },
          ...events,
        ];
        const folded = foldRun(bodies.map((body) => sequence.next(body)));
        const shown = ({ status, output, error, reason, attempts }: StepState | StepResult): unknown[] => [
          status,
          output,
          error,
          reason,
          attempts,
        ];
        for (const { name } of plan.steps) {
          const [told, kept] = [folded.steps[name], result.steps[name]];
          if (told === undefined || kept === undefined) throw new Error(`nothing is known of ${name}`);
          expect([name, ...shown(told)]).toEqual([name, ...shown(kept)]);
        }
        const causes = result.errors.filter(({ step }) => step !== undefined);
        expect(folded.errors.map(({ step, code }) => [step, code])).toEqual(
          causes.map(({ step, code }) => [step, code]),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('S4 leaves nothing behind when it is cancelled or out of time, at whatever moment', async () => {
    await fc.assert(
      fc.asyncProperty(
        sketches,
        worlds,
        fc.integer({ min: 1, max: 4 }),
        fc.record({ by: fc.constantFrom('signal', 'timeout'), afterMs: fc.nat(4_000_000_000) }),
        async (all, world, limit, { by, afterMs }) => {
          const plan = planOf(all);
          const when = by === 'signal' ? { cancelAfterMs: afterMs } : { timeoutMs: afterMs };
          const { result, events, clock, running, signals, signal } = await execute(plan, { world, limit, ...when });
          expect(running.now).toBe(0);
          expect(clock.pendingTimers).toBe(0);
          expect(getEventListeners(signal, 'abort')).toHaveLength(0);
          for (const own of signals) expect(getEventListeners(own, 'abort')).toHaveLength(0);
          for (const { name } of plan.steps) expect(result.steps[name]?.status).toBeTypeOf('string');
          const ends = namesOf(events, (type) => terminal.has(type));
          expect(new Set(ends).size).toBe(ends.length);
          expect(ends).toEqual(expect.arrayContaining(namesOf(events, (type) => type === 'step.started')));
          const wasCancelled = Object.values(result.steps).some(({ status }) => status === 'cancelled');
          if (wasCancelled) expect(result.status).toBe(by === 'signal' ? 'cancelled' : 'failed');
          const codes = result.errors.map(({ code }) => code);
          expect(codes.includes(by === 'signal' ? 'CANCELLED' : 'RUN_TIMEOUT')).toBe(wasCancelled);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('the executor, on random graphs of any size', () => {
  it('S7 looks at a step a bounded number of times, and once more for each of its edges', async () => {
    const graph = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(graph, async (edges) => {
        let looks = 0;
        const counted = <Value extends object>(value: Value): Value =>
          new Proxy(value, {
            get: (target, key, receiver) => {
              looks++;
              return Reflect.get(target, key, receiver) as unknown;
            },
          });
        const steps = edges.map((before, index): PlanStep => {
          const others = index === 0 ? [] : before.map((at) => `s${String(at % index)}`);
          const dependsOn = counted([...new Set(others)]);
          return counted({ name: `s${String(index)}`, kind: 'nothing', inputs: {}, dependsOn });
        });
        const size = steps.length + edges.reduce((sum, { length }) => sum + length, 0);
        const executor = new PlanExecutor({ handlers: [{ kind: 'nothing', run: () => Promise.resolve(null) }] });
        const result = await executor.execute({ steps: counted(steps) });
        expect(result.status).toBe('completed');
        expect(looks).toBeLessThan(60 * size + 100);
      }),
      { numRuns: 30 },
    );
  });
});
