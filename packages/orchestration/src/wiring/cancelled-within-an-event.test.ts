import { GomindError } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { expect, it } from 'vitest';
import type { RunEvent } from '../plan/events/run-event.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { createWorkflowEngine } from './create-workflow-engine.ts';

const inner = `
name: inner
max_concurrency: 2
steps: [{name: list, for_each: [1, 2, 3], timeout: 1m, parallel: [{name: x, tool: t, action: work}]}]
finally: [{name: tidy, tool: t, action: tidy}]
`;

const outer = `
name: outer
steps:
  - name: g
    for_each: {items: [1, 2, 3], max_parallel: 2}
    retry: {max_attempts: 2, initial_wait: 1ms, jitter: false}
    timeout: 1m
    parallel:
      - {name: a, tool: t, action: flaky, effect: pure, retry: {max_attempts: 2, initial_wait: 1ms, jitter: false}}
      - {name: b, tool: t, action: flaky, effect: pure, depends_on: [a], for_each: [1, 2, 3]}
      - {name: s, workflow: inner, effect: pure, depends_on: [a]}
  - {name: each, tool: t, action: bad, for_each: [1, 2], on_error: continue}
  - {name: z, tool: t, action: work, depends_on: [g]}
finally: [{name: end, tool: t, action: tidy}]
`;

/** Runs it, and cancels it within one of its events. */
async function cancelWithin(place: number) {
  const abort = new AbortController();
  const events: RunEvent[] = [];
  const late: string[] = [];
  let calls = 0;
  const engine = createWorkflowEngine(
    {
      logger: createRecordingLogger(),
      call: ({ action, step }) => {
        if (action === 'tidy') return Promise.resolve({});
        if (abort.signal.aborted) late.push(step);
        const isBad = action === 'bad' || (action === 'flaky' && ++calls % 4 === 1);
        return isBad
          ? Promise.reject(new GomindError({ code: 'FLAKY', message: 'Once more.', isRetryable: true }))
          : Promise.resolve({});
      },
    },
    { maxConcurrency: 3 },
  );
  engine.registry.register(parseWorkflow(inner).workflow ?? expect.fail());
  const run = await engine.execute(
    parseWorkflow(outer).workflow ?? expect.fail(),
    {},
    {
      signal: abort.signal,
      onEvent: (event) => {
        events.push(event);
        if (events.length === place) abort.abort();
      },
    },
  );
  await engine.close();
  return { run, events, late };
}

const ends = new Set(['step.completed', 'step.failed', 'step.cancelled', 'step.skipped']);

it('a run that is cancelled within any of its events calls nothing more, and ends each step once', async () => {
  const whole = await cancelWithin(0);
  expect(whole.run.status).not.toBe('cancelled');
  for (let place = 1; place < whole.events.length; place++) {
    const { events, late } = await cancelWithin(place);
    expect({ place, late }).toEqual({ place, late: [] });
    expect([place, events.at(-1)?.type]).toEqual([
      place,
      expect.stringMatching(/^run\.(?:cancelled|completed|failed)$/),
    ]);
    const ended = events.filter(({ type }) => ends.has(type)).map((event) => ('step' in event ? event.step : ''));
    expect([place, ended.filter((name, at) => ended.indexOf(name) !== at)]).toEqual([place, []]);
    const begun = events.flatMap((event) => (event.type === 'step.started' ? [event.step] : []));
    expect([place, begun.filter((name) => !ended.includes(name))]).toEqual([place, []]);
  }
});
