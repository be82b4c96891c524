import { delay, GomindError } from '@gomind/core';
import { createFakeClock, type FakeClock } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExecutionResult } from '../plan/execution-result.ts';
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import { StepGraph } from '../plan/step-graph.ts';
import { PlanExecutor } from './plan-executor.ts';
import type { StepHandler } from './step-handler.ts';

/** A step with its time and its fate. */
interface Sketch {
  readonly durationMs: number;
  readonly fails: boolean;
  readonly dependsOn: readonly number[];
}

const sketches = (options: { readonly mayFail: boolean }): fc.Arbitrary<Sketch[]> =>
  fc.array(
    fc.record({
      durationMs: fc.integer({ min: 1, max: 40 }),
      fails: options.mayFail ? fc.boolean() : fc.constant(false),
      dependsOn: fc.array(fc.nat(11), { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 12 },
  );

/** Dependencies point backwards only, so every sketch is a valid plan. */
function planOf(sketch: readonly Sketch[]): RoutingPlan {
  return {
    steps: sketch.map(({ durationMs, fails, dependsOn }, index): PlanStep => ({
      name: `s${String(index)}`,
      kind: 'work',
      inputs: { durationMs, fails },
      dependsOn: [...new Set(dependsOn)].filter((other) => other < index).map((other) => `s${String(other)}`),
    })),
  };
}

interface Watched {
  readonly handler: StepHandler;
  readonly running: { now: number; peak: number };
  readonly signals: AbortSignal[];
}

function worker(clock: FakeClock): Watched {
  const running = { now: 0, peak: 0 };
  const signals: AbortSignal[] = [];
  const handler: StepHandler = {
    kind: 'work',
    run: async (_step, { inputs, signal }) => {
      signals.push(signal);
      running.peak = Math.max(running.peak, ++running.now);
      try {
        await delay(Number(inputs['durationMs']), { clock, signal });
        if (inputs['fails'] === true) throw new GomindError({ code: 'NO_LUCK', message: 'no luck' });
        return { ok: true };
      } finally {
        running.now--;
      }
    },
  };
  return { handler, running, signals };
}

async function execute(
  plan: RoutingPlan,
  options: { readonly maxConcurrency?: number; readonly cancelAfterMs?: number } = {},
): Promise<{
  result: ExecutionResult;
  events: RunEventBody[];
  watched: Watched;
  clock: FakeClock;
  signal: AbortSignal;
}> {
  const clock = createFakeClock();
  const watched = worker(clock);
  const events: RunEventBody[] = [];
  const abort = new AbortController();
  const executor = new PlanExecutor({
    handlers: [watched.handler],
    clock,
    maxConcurrency: options.maxConcurrency ?? 1_000,
  });
  const running = executor.execute(plan, { signal: abort.signal, emit: (event) => events.push(event) });
  if (options.cancelAfterMs !== undefined) {
    await clock.advance(options.cancelAfterMs);
    abort.abort();
  }
  await clock.runAll();
  return { result: await running, events, watched, clock, signal: abort.signal };
}

describe('the executor', () => {
  it('S1 starts a step exactly when its last dependency settles, so a run takes as long as its critical path', async () => {
    await fc.assert(
      fc.asyncProperty(sketches({ mayFail: false }), async (sketch) => {
        const plan = planOf(sketch);
        const { result } = await execute(plan);
        for (const step of plan.steps) {
          const ends = step.dependsOn.map((name) => result.steps[name]?.endedAt ?? 0);
          expect(result.steps[step.name]?.startedAt).toBe(Math.max(result.startedAt, ...ends));
        }
        const critical = new StepGraph(plan.steps).criticalPath(
          (name) => sketch[Number(name.slice(1))]?.durationMs ?? 0,
        );
        expect(result.endedAt - result.startedAt).toBe(critical);
      }),
      { numRuns: 60 },
    );
  });

  it('S3 counts nested plans in, and does not lock itself out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (maxConcurrency, outer, inner) => {
          const clock = createFakeClock();
          const watched = worker(clock);
          const nested: StepHandler = {
            kind: 'nested',
            run: async (_step, context) => {
              const plan = planOf(
                Array.from({ length: inner }, () => ({ durationMs: 5, fails: false, dependsOn: [] })),
              );
              return (await context.executePlan(plan)).status;
            },
          };
          const executor = new PlanExecutor({ handlers: [watched.handler, nested], clock, maxConcurrency });
          const steps = Array.from({ length: outer }, (_, index): PlanStep => ({
            name: `n${String(index)}`,
            kind: 'nested',
            inputs: {},
            dependsOn: [],
          }));
          const running = executor.execute({ steps });
          await clock.runAll();
          const result = await running;
          expect(Object.values(result.steps).map(({ output }) => output)).toEqual(steps.map(() => 'completed'));
          expect(watched.running.peak).toBeLessThanOrEqual(maxConcurrency);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    ['a chain', (index: number) => (index === 0 ? [] : [`s${String(index - 1)}`])],
    ['a fan', (index: number) => (index === 0 ? [] : ['s0'])],
    ['nothing but roots', () => []],
  ])('S7 runs 10,000 steps in %s', async (_shape, dependsOn) => {
    const steps = Array.from({ length: 10_000 }, (_, index): PlanStep => ({
      name: `s${String(index)}`,
      kind: 'quick',
      inputs: {},
      dependsOn: dependsOn(index),
    }));
    const executor = new PlanExecutor({ handlers: [{ kind: 'quick', run: () => Promise.resolve(1) }] });
    const result = await executor.execute({ steps });
    expect(result.status).toBe('completed');
    expect(Object.keys(result.steps)).toHaveLength(10_000);
  });

  it('skips 10,000 dependants of a failure without growing the stack', async () => {
    const steps = Array.from({ length: 10_000 }, (_, index): PlanStep => ({
      name: `s${String(index)}`,
      kind: 'fail',
      inputs: {},
      dependsOn: index === 0 ? [] : [`s${String(index - 1)}`],
    }));
    const executor = new PlanExecutor({ handlers: [{ kind: 'fail', run: () => Promise.reject(new Error('no')) }] });
    const result = await executor.execute({ steps });
    expect(result.errors).toHaveLength(1);
    expect(result.steps['s9999']).toMatchObject({ status: 'skipped', reason: expect.stringContaining('s0') as string });
  });
});

describe('a run', () => {
  const step = (name: string, more: Partial<PlanStep> = {}): PlanStep => ({
    name,
    kind: 'work',
    inputs: { durationMs: 1 },
    dependsOn: [],
    ...more,
  });

  it('ends at its deadline, with the steps that were at work cancelled', async () => {
    const clock = createFakeClock();
    const executor = new PlanExecutor({ handlers: [worker(clock).handler], clock });
    const running = executor.execute(
      { steps: [step('slow', { inputs: { durationMs: 100 } }), step('next', { dependsOn: ['slow'] })] },
      { timeoutMs: 50 },
    );
    await clock.runAll();
    await expect(running).resolves.toMatchObject({
      status: 'failed',
      errors: [{ code: 'RUN_TIMEOUT' }],
      steps: { slow: { status: 'cancelled' }, next: { status: 'cancelled', attempts: 0 } },
    });
  });

  it('goes on after a failure that may be, and uses a fallback', async () => {
    const { result } = await execute({
      steps: [
        step('optional', { inputs: { durationMs: 1, fails: true }, onError: 'continue' }),
        step('after', { dependsOn: ['optional'] }),
        step('first', { inputs: { durationMs: 1, fails: true }, onError: { fallback: 'second' } }),
        step('second'),
        step('reader', { dependsOn: ['first'], inputs: { durationMs: 1, ok: '${steps.first.output.ok}' } }),
        step('unneeded'),
        step('fine', { onError: { fallback: 'unneeded' } }),
      ],
    });
    expect(result).toMatchObject({
      status: 'completed',
      errors: [],
      steps: {
        optional: { status: 'failed' },
        after: { status: 'completed' },
        first: { status: 'failed' },
        second: { status: 'completed' },
        reader: { status: 'completed', inputs: { ok: true } },
        unneeded: { status: 'skipped' },
        fine: { status: 'completed' },
      },
    });
  });

  it('runs conditions, also on failures', async () => {
    const { result } = await execute({
      steps: [
        step('broken', { inputs: { durationMs: 1, fails: true } }),
        step('mend', { dependsOn: ['broken'], when: 'failed()' }),
        step('cheer', { dependsOn: ['broken'], when: 'succeeded()' }),
        step('always', { dependsOn: ['broken'], when: 'always()' }),
        step('no', { when: '1 > 2' }),
        step('behind-no', { dependsOn: ['no'] }),
      ],
    });
    const statuses = Object.fromEntries(Object.entries(result.steps).map(([name, { status }]) => [name, status]));
    expect(statuses).toEqual({
      broken: 'failed',
      mend: 'completed',
      cheer: 'skipped',
      always: 'completed',
      no: 'skipped',
      'behind-no': 'completed',
    });
  });

  it('retries as its plan says, with one idempotency key', async () => {
    const clock = createFakeClock();
    const keys: string[] = [];
    const flaky: StepHandler = {
      kind: 'flaky',
      run: (_step, { attempt, idempotencyKey }) => {
        keys.push(idempotencyKey);
        return attempt < 3
          ? Promise.reject(new GomindError({ code: 'BUSY', message: 'busy', isRetryable: true }))
          : Promise.resolve(attempt);
      },
    };
    const events: RunEventBody[] = [];
    const executor = new PlanExecutor({ handlers: [flaky], clock });
    const running = executor.execute(
      {
        steps: [
          step('a', { kind: 'flaky', retry: { maxAttempts: 3, backoff: 'fixed', initialWaitMs: 10, jitter: false } }),
        ],
      },
      { emit: (event) => events.push(event) },
    );
    await clock.runAll();
    expect((await running).steps['a']).toMatchObject({ status: 'completed', output: 3, attempts: 3 });
    expect(new Set(keys).size).toBe(1);
    expect(events.filter(({ type }) => type === 'step.attempt.failed')).toMatchObject([
      { attempt: 1, delayMs: 10 },
      { attempt: 2, delayMs: 10 },
    ]);
  });

  it('runs a step for each item, bounded and in order', async () => {
    const clock = createFakeClock();
    let now = 0;
    let peak = 0;
    const each: StepHandler = {
      kind: 'each',
      run: async (_step, { inputs }) => {
        peak = Math.max(peak, ++now);
        await delay(100 - Number(inputs['value']), { clock });
        now--;
        return Number(inputs['value']) * 10 + Number(inputs['at']);
      },
    };
    const executor = new PlanExecutor({ handlers: [each], clock });
    const running = executor.execute(
      {
        steps: [
          step('each', {
            kind: 'each',
            forEach: { items: '${inputs.list}', maxParallel: 2 },
            inputs: { value: '${item}', at: '${index}' },
          }),
        ],
      },
      { inputs: { list: [3, 1, 2] } },
    );
    await clock.runAll();
    expect((await running).steps['each']?.output).toEqual([30, 11, 22]);
    expect(peak).toBe(2);
  });

  it('ends with what an event listener throws, and nothing keeps running', async () => {
    const clock = createFakeClock();
    const watched = worker(clock);
    const executor = new PlanExecutor({ handlers: [watched.handler], clock });
    const running = executor.execute(
      { steps: [step('a', { inputs: { durationMs: 100 } }), step('b')] },
      {
        emit: (event) => {
          if (event.type === 'step.completed') throw new Error('the disk is full');
        },
      },
    );
    const outcome = expect(running).rejects.toThrow('the disk is full');
    await clock.runAll();
    await outcome;
    expect(watched.signals.every((signal) => signal.aborted || watched.running.now === 0)).toBe(true);
  });

  it('keeps names such as __proto__ and constructor as ordinary names', async () => {
    const { result } = await execute({ steps: [step('__proto__'), step('constructor', { dependsOn: ['__proto__'] })] });
    expect(Object.keys(result.steps)).toEqual(['__proto__', 'constructor']);
    expect(result.status).toBe('completed');
  });

  it('says which kind of step nobody runs', async () => {
    const { result } = await execute({ steps: [step('odd', { kind: 'dance' })] });
    expect(result.errors).toMatchObject([
      { step: 'odd', code: 'BAD_STEP_KIND', message: expect.stringContaining('"dance"') as string },
    ]);
  });

  it('reports a missing field with the step and the path', async () => {
    const { result } = await execute({
      steps: [step('a'), step('b', { dependsOn: ['a'], inputs: { x: '${steps.a.output.price}' } })],
    });
    expect(result.errors[0]).toMatchObject({ step: 'b', message: expect.stringMatching(/Step "b".*price/s) as string });
  });

  it.each([
    ['a circle', [step('a', { dependsOn: ['b'] }), step('b', { dependsOn: ['a'] })]],
    ['an unknown dependency', [step('a', { dependsOn: ['zz'] })]],
    ['two steps of one name', [step('a'), step('a')]],
  ])('refuses %s', async (_what, steps) => {
    await expect(new PlanExecutor({ handlers: [] }).execute({ steps })).rejects.toMatchObject({
      code: 'PLAN_REJECTED',
    });
  });
});

describe('secrets', () => {
  it('reach the call, and nothing that is recorded', async () => {
    const seen: unknown[] = [];
    const events: RunEventBody[] = [];
    const handler: StepHandler = {
      kind: 'work',
      run: (_step, { inputs }) => {
        seen.push(inputs);
        return Promise.resolve({ ok: true });
      },
    };
    const { steps } = await new PlanExecutor({ handlers: [handler] }).execute(
      {
        steps: [
          {
            name: 'a',
            kind: 'work',
            dependsOn: [],
            inputs: { header: 'Bearer ${secrets.token}', deep: ['${secrets.bank.pin}'], sum: '${secrets.number + 1}' },
          },
        ],
      },
      {
        scope: { secrets: { token: 'hush-1', bank: { pin: 'hush-2' }, number: -778 } },
        emit: (event) => events.push(event),
      },
    );
    expect(seen).toEqual([{ header: 'Bearer hush-1', deep: ['hush-2'], sum: -777 }]);
    expect(JSON.stringify([steps, events])).not.toMatch(/hush|-777/);
    expect(JSON.stringify(events)).toContain('${secrets.number + 1}');
  });
});
