import { describe, expect, it } from 'vitest';
import { foldRun, RunFold } from './fold-run.ts';
import type { RunEvent, RunEventBody } from './run-event.ts';

const step = (name: string, more: object = {}) => ({ name, component: 'c', inputs: {}, dependsOn: [], ...more });
const error = { code: 'STEP_FAILED', message: 'no luck', isRetryable: false };

function numbered(bodies: readonly RunEventBody[]): RunEvent[] {
  return bodies.map((body, index) => ({ ...body, runId: 'r1', seq: index + 1, time: 1_000 + index }));
}

const planned = (...steps: ReturnType<typeof step>[]): RunEventBody[] => [
  { type: 'run.started', request: 'Do it' },
  { type: 'plan.created', source: 'ai', plan: { steps } },
];
const started = (name: string, inputs = {}): RunEventBody => ({ type: 'step.started', step: name, inputs });
const completed = (name: string, output: unknown = 1): RunEventBody => ({
  type: 'step.completed',
  step: name,
  output,
  durationMs: 5,
  attempts: 1,
});
const failed = (name: string): RunEventBody => ({ type: 'step.failed', step: name, error, durationMs: 5, attempts: 2 });

describe('foldRun', () => {
  it('knows nothing before the first event', () => {
    expect(foldRun([])).toMatchObject({ status: 'pending', steps: {}, progress: { settled: 0, total: 0, running: 0 } });
  });

  it('follows a run to its end', () => {
    const events = numbered([
      ...planned(step('a'), step('b')),
      { type: 'step.scheduled', step: 'a' },
      started('a', { x: '5' }),
      { type: 'step.inputs.corrected', step: 'a', inputs: { x: 5 }, reason: 'x is a number' },
      { type: 'step.attempt.failed', step: 'a', attempt: 1, error, delayMs: 10 },
      { type: 'tokens', purpose: 'planning', model: 'm', usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } },
      { type: 'step.completed', step: 'a', output: { y: 1 }, durationMs: 4, attempts: 2 },
      { type: 'step.skipped', step: 'b', reason: 'not wanted' },
      { type: 'run.completed', response: 'all done', durationMs: 12.5 },
    ]);
    expect(foldRun(events.slice(0, 6))).toMatchObject({
      status: 'running',
      steps: { a: { status: 'running', attempts: 2, inputs: { x: 5 } } },
      progress: { settled: 0, total: 2, running: 1 },
    });
    expect(foldRun(events)).toEqual({
      runId: 'r1',
      lastSeq: 10,
      status: 'completed',
      request: 'Do it',
      plan: { steps: [step('a'), step('b')] },
      planSource: 'ai',
      steps: {
        a: { status: 'completed', attempts: 2, inputs: { x: 5 }, output: { y: 1 }, startedAt: 1_003, endedAt: 1_007 },
        b: { status: 'skipped', attempts: 0, reason: 'not wanted', endedAt: 1_008 },
      },
      errors: [],
      progress: { settled: 2, total: 2, running: 0 },
      usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
      response: 'all done',
      startedAt: 1_000,
      endedAt: 1_009,
      durationMs: 12.5,
    });
  });

  it('names causes, and forgives what the plan forgives', () => {
    const plan = planned(
      step('a'),
      step('b', { onError: 'continue' }),
      step('c', { onError: { fallback: 'd' } }),
      step('d'),
    );
    const events = [...plan, failed('a'), failed('b'), failed('c')];
    expect(foldRun(numbered(events)).errors.map((cause) => cause.step)).toEqual(['a', 'c']);
    expect(foldRun(numbered([...events, completed('d')])).errors).toEqual([
      { ...error, message: 'Step "a" failed: no luck', step: 'a', component: 'c' },
    ]);
  });

  it('counts items and nested plans as part of their step', () => {
    const events = [
      ...planned(step('each', { forEach: { items: [1, 2] } })),
      started('each'),
      started('each[0]'),
      started('each[1]/inner'),
      completed('each[0]'),
      failed('each[1]'),
    ];
    const { steps, progress, errors } = foldRun(numbered(events));
    expect(Object.keys(steps)).toEqual(['each']);
    expect(progress).toEqual({ settled: 0, total: 1, running: 1 });
    expect(errors).toEqual([]);
  });

  it('is not changed by a step named like a part of every object', () => {
    const { steps } = foldRun(numbered([...planned(step('__proto__')), started('__proto__'), completed('__proto__')]));
    expect(Object.keys(steps)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(steps)).toBe(Object.prototype);
  });

  it('hands out states that later events do not change', () => {
    const fold = new RunFold();
    const [start, plan, begin, end] = numbered([...planned(step('a')), started('a'), completed('a')]);
    for (const event of [start, plan, begin]) if (event !== undefined) fold.apply(event);
    const before = fold.state();
    if (end !== undefined) fold.apply(end);
    expect(before.steps['a']?.status).toBe('running');
    expect(fold.state().steps['a']?.status).toBe('completed');
  });
});
