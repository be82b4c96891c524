import { getEventListeners } from 'node:events';
import { GomindError } from '@gomind/core';
import { createFakeClock } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import type { ExecutionResult } from '../../plan/execution-result.ts';
import type { RunEvent } from '../../plan/events/run-event.ts';
import { EventSignals } from './event-signals.ts';
import { type ComponentCall, executePlan, type ExecutePlanOptions } from '../execute-plan.ts';

const call = (name: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  name,
  component: 'tool',
  action: name,
  ...more,
});

interface Ran {
  readonly result: ExecutionResult;
  readonly events: readonly RunEvent[];
}

async function run(
  steps: readonly unknown[],
  options: Partial<ExecutePlanOptions> & { readonly whileRunning?: () => Promise<void> } = {},
): Promise<Ran> {
  const clock = createFakeClock();
  const events: RunEvent[] = [];
  const { whileRunning, ...rest } = options;
  const running = executePlan(
    { steps },
    {
      clock,
      call: ({ action }) => Promise.resolve({ said: action }),
      onEvent: (event) => events.push(event),
      ...rest,
    },
  );
  await whileRunning?.();
  await clock.runAll();
  return { result: await running, events };
}

const namesOf = (events: readonly RunEvent[], type: string): string[] =>
  events.flatMap((event) => (event.type === type && 'step' in event ? [event.step] : []));

describe('a join step', () => {
  it('maps each child of its group to its output, and leaves out those that did not run', async () => {
    const { result } = await run([
      call('before'),
      call('a', { depends_on: ['before'] }),
      call('b', { depends_on: ['before'] }),
      call('c', { when: 'false' }),
      { name: 'group', kind: 'join', depends_on: ['before', 'a', 'b', 'c'], config: { children: ['a', 'b', 'c'] } },
      call('after', { inputs: { text: '${steps.group.output.a.said}' }, depends_on: ['group'] }),
    ]);
    expect(result.steps['group']?.output).toEqual({ a: { said: 'a' }, b: { said: 'b' } });
    expect(result.steps['after']?.inputs).toEqual({ text: 'a' });
  });

  it('is skipped when a child failed that may not', async () => {
    const fails = ({ action }: ComponentCall): Promise<unknown> =>
      action === 'a' ? Promise.reject(new Error('no')) : Promise.resolve(1);
    const steps = (onError: unknown) => [
      call('a', { on_error: onError }),
      call('b'),
      { name: 'group', kind: 'join', depends_on: ['a', 'b'] },
    ];
    expect((await run(steps('fail'), { call: fails })).result.steps['group']).toMatchObject({ status: 'skipped' });
    expect((await run(steps('continue'), { call: fails })).result.steps['group']).toMatchObject({ output: { b: 1 } });
  });
});

describe('a plan step', () => {
  const inner = {
    steps: [call('x', { inputs: { value: '${inputs.value}' } })],
    outputs: { y: '${steps.x.output.said}' },
  };

  it('runs its plan with its inputs; the outputs of the plan are its output', async () => {
    const { result, events } = await run([
      call('first'),
      {
        name: 'outer',
        kind: 'plan',
        inputs: { value: '${steps.first.output.said}' },
        config: { plan: inner },
        depends_on: ['first'],
      },
      call('last', { inputs: { y: '${steps.outer.output.y}' }, depends_on: ['outer'] }),
    ]);
    expect(result).toMatchObject({ status: 'completed', steps: { outer: { output: { y: 'x' }, attempts: 1 } } });
    expect(result.steps['last']?.inputs).toEqual({ y: 'x' });
    expect(namesOf(events, 'step.completed')).toEqual(['first', 'outer/x', 'outer', 'last']);
    expect(events.find((event) => event.type === 'step.started' && event.step === 'outer/x')).toMatchObject({
      inputs: { value: 'first' },
    });
  });

  it('gives the outputs of all its steps when the plan names none', async () => {
    const { result } = await run([
      { name: 'outer', kind: 'plan', config: { plan: { steps: [call('x'), call('y')] } } },
    ]);
    expect(result.steps['outer']?.output).toEqual({ x: { said: 'x' }, y: { said: 'y' } });
  });

  it('fails with the cause inside it, which its full name tells', async () => {
    const { result } = await run([{ name: 'outer', kind: 'plan', config: { plan: inner }, inputs: { value: 1 } }], {
      call: () => Promise.reject(new GomindError({ code: 'BOOM', message: 'boom' })),
    });
    expect(result.errors).toMatchObject([
      {
        step: 'outer',
        code: 'BOOM',
        message: 'Step "outer" failed: Step "outer/x" failed: boom',
        details: { step: 'outer/x' },
      },
    ]);
  });

  it('has a name of its own for each item and each further attempt', async () => {
    let calls = 0;
    const { result, events } = await run(
      [
        {
          name: 'each',
          kind: 'plan',
          for_each: '${inputs.list}',
          inputs: { value: '${item}' },
          config: { plan: inner },
        },
      ],
      { inputs: { list: [1, 2] }, call: () => Promise.resolve({ said: ++calls }) },
    );
    expect(result.steps['each']?.output).toEqual([{ y: 1 }, { y: 2 }]);
    expect(namesOf(events, 'step.completed')).toEqual(['each[0]/x', 'each[1]/x', 'each[0]', 'each[1]', 'each']);
  });

  it('is refused with its own mistakes, and deeper than 10 plans', async () => {
    const refused = (steps: unknown): Promise<unknown> => executePlan({ steps }, { call: () => Promise.resolve(1) });
    const broken = [{ name: 'outer', kind: 'plan', config: { plan: { steps: [{ name: 'x' }] } } }];
    await expect(refused(broken)).rejects.toMatchObject({
      code: 'PLAN_REJECTED',
      details: {
        diagnostics: [{ step: 'outer/x', path: 'steps.0.config.plan.steps.0.component' }, { step: 'outer/x' }],
      },
    });
    let plan: Record<string, unknown> = { steps: [call('x')] };
    for (let depth = 0; depth < 10; depth++) plan = { steps: [{ name: 'p', kind: 'plan', config: { plan } }] };
    expect((await run(plan['steps'] as unknown[])).result.status).toBe('completed');
    await expect(refused([{ name: 'p', kind: 'plan', config: { plan } }])).rejects.toMatchObject({
      details: { diagnostics: [{ code: 'PLAN_TOO_LARGE', step: 'p/p/p/p/p/p/p/p/p/p/p' }] },
    });
  });

  it('is not bound by the time for one call, but by a timeout of its own', async () => {
    const slow = [call('x', { timeout: '1h' }), call('y', { timeout: '1h', depends_on: ['x'] })];
    const steps = (timeout?: string) => [
      { name: 'outer', kind: 'plan', config: { plan: { steps: slow } }, ...(timeout === undefined ? {} : { timeout }) },
    ];
    const clock = createFakeClock();
    const wait = (): Promise<void> =>
      new Promise((resolve) => {
        clock.setTimer(resolve, 40_000);
      });
    const both = Promise.all([
      executePlan({ steps: steps() }, { clock, call: wait }),
      executePlan({ steps: steps('50s') }, { clock, call: wait }),
    ]);
    await clock.runAll();
    const [unbound, bound] = await both;
    expect(unbound.status).toBe('completed');
    expect(bound.errors).toMatchObject([{ step: 'outer', code: 'STEP_TIMEOUT' }]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a wait step', () => {
  it('waits for a duration or until a time, and holds no slot', async () => {
    const start = Date.UTC(2026, 0, 1);
    const { result, events } = await run(
      [
        { name: 'pause', kind: 'wait', config: { duration: '${inputs.pause}' } },
        { name: 'alarm', kind: 'wait', config: { until: new Date(start + 7_000).toISOString() } },
        { name: 'past', kind: 'wait', config: { until: '2001-01-01' } },
        call('meanwhile'),
      ],
      { maxConcurrency: 1, inputs: { pause: '5s' } },
    );
    const durations = Object.fromEntries(
      Object.entries(result.steps).map(([name, step]) => [name, step.endedAt - (step.startedAt ?? 0)]),
    );
    expect(durations).toEqual({ pause: 5_000, alarm: 7_000, past: 0, meanwhile: 0 });
    expect(result.steps['pause']?.output).toEqual({ waitedMs: 5_000 });
    expect(namesOf(events, 'step.waiting')).toEqual(['pause', 'alarm', 'past']);
  });

  it('is not cut off by the default timeout of a step', async () => {
    const { result } = await run([{ name: 'long', kind: 'wait', config: { duration: '2h' } }]);
    expect(result.status).toBe('completed');
  });

  it('waits for an event, and gives what comes with it', async () => {
    const signals = new EventSignals();
    const { result } = await run([{ name: 'paid', kind: 'wait', config: { event: 'paid-${inputs.order}' } }], {
      signals,
      inputs: { order: 7 },
      whileRunning: async () => {
        await new Promise(setImmediate);
        expect(signals.send('paid-8')).toBe(0);
        expect(signals.send('paid-7', { by: 'card' })).toBe(1);
      },
    });
    expect(result.steps['paid']).toMatchObject({ status: 'completed', output: { by: 'card' } });
  });

  it('stops waiting for an event when it is cancelled, and leaves no listener', async () => {
    const signals = new EventSignals();
    const abort = new AbortController();
    const { result } = await run([{ name: 'paid', kind: 'wait', config: { event: 'paid' } }], {
      signals,
      signal: abort.signal,
      whileRunning: async () => {
        await new Promise(setImmediate);
        abort.abort();
      },
    });
    expect(result.status).toBe('cancelled');
    expect(signals.send('paid')).toBe(0);
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
  });

  it.each([
    [{}, /duration, until or event/],
    [{ duration: 'soon' }, /"5s"/],
    [{ until: 'tomorrow' }, /date and time/],
    [{ event: 'x' }, /no signals/],
  ])('says why it cannot wait: %j', async (config, message) => {
    const { result } = await run([{ name: 'w', kind: 'wait', config }]);
    expect(result.errors).toMatchObject([{ code: 'BAD_STEP_KIND', message: expect.stringMatching(message) as string }]);
  });
});

describe('a step for each item', () => {
  const each = (more: Record<string, unknown>): Record<string, unknown> =>
    call('each', { inputs: { value: '${item}' }, ...more });
  const odd = ({ inputs }: ComponentCall): Promise<unknown> =>
    Number(inputs['value']) % 2 === 1
      ? Promise.reject(new GomindError({ code: 'ODD', message: 'odd' }))
      : Promise.resolve(Number(inputs['value']) * 10);

  it('ends with the first failed item, which it names', async () => {
    const { result, events } = await run([each({ for_each: { items: [2, 3, 4, 6], max_parallel: 1 } })], { call: odd });
    expect(result.steps['each']).toMatchObject({ status: 'failed', attempts: 2, error: { code: 'ODD' } });
    expect(namesOf(events, 'step.started')).toEqual(['each', 'each[0]', 'each[1]']);
    expect(namesOf(events, 'step.failed')).toEqual(['each[1]', 'each']);
  });

  it('goes on after failed items when it may, and says which failed', async () => {
    for (const more of [
      { for_each: { items: [1, 2, 3, 4], on_error: 'continue' } },
      { for_each: [1, 2, 3, 4], on_error: 'continue' },
    ]) {
      const { result } = await run([each(more)], { call: odd });
      expect(result).toMatchObject({ status: 'completed', errors: [] });
      expect(result.steps['each']).toMatchObject({
        output: [null, 20, null, 40],
        itemErrors: [
          { index: 0, error: { code: 'ODD' } },
          { index: 2, error: { code: 'ODD' } },
        ],
      });
    }
  });

  it('takes an empty list, and refuses what is none or too long', async () => {
    expect((await run([each({ for_each: [] })])).result.steps['each']).toMatchObject({
      status: 'completed',
      output: [],
    });
    const list = (value: unknown) => run([each({ for_each: '${inputs.list}' })], { inputs: { list: value } });
    expect((await list('abc')).result.errors).toMatchObject([{ code: 'BAD_STEP_KIND' }]);
    expect((await list(new Array(10_001).fill(0))).result.errors).toMatchObject([{ code: 'LIMIT_EXCEEDED' }]);
  });

  it('retries each item by itself', async () => {
    const seen = new Map<unknown, number>();
    const { result } = await run([each({ for_each: [1, 2], retry: { max_attempts: 2 } })], {
      call: ({ inputs }) => {
        const count = (seen.get(inputs['value']) ?? 0) + 1;
        seen.set(inputs['value'], count);
        return count === 1 ? Promise.reject(new Error('first')) : Promise.resolve(inputs['value']);
      },
    });
    expect(result.steps['each']).toMatchObject({ output: [1, 2], attempts: 4 });
  });

  it('starts 10,000 items that fail at once without growing the stack', async () => {
    const { result } = await run(
      [each({ for_each: { items: '${inputs.list}', on_error: 'continue' }, inputs: { x: '${item.missing}' } })],
      { inputs: { list: new Array(10_000).fill(1) } },
    );
    expect(result.steps['each']?.itemErrors).toHaveLength(10_000);
  });
});
