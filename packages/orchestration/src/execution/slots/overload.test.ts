/** What the caller's side does when there is not room for all: real HTTP, and components that turn calls away. */
import { defineTool, type Priority, serve, type ServedComponent, type ServeOptions } from '@gomind/core';
import { createFakeClock, createRecordingLogger } from '@gomind/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { client, closeAll, failure, instance, listen, request } from '../../../test/component-harness.ts';
import type { RunEventBody } from '../../plan/events/run-event.ts';
import { ComponentClient } from '../component/component-client.ts';
import { createComponentStepHandler } from '../component/component-step.ts';
import { PlanExecutor } from '../plan-executor.ts';

const atWork: { end: (value: unknown) => void; priority: Priority }[] = [];
const ledger = defineTool({
  name: 'ledger',
  description: 'Books amounts',
  capabilities: {
    book: {
      description: 'Book an amount',
      effect: 'irreversible',
      input: z.object({}),
      handler: (_input, { priority }) => new Promise((resolve) => atWork.push({ end: resolve, priority })),
    },
  },
});

const open: ServedComponent[] = [];
afterEach(async () => {
  for (const { end } of atWork.splice(0)) end('over');
  await Promise.all(open.splice(0).map((served) => served.close()));
  await closeAll();
});

async function start(options: ServeOptions): Promise<ServedComponent> {
  const logger = createRecordingLogger();
  const served = await serve(ledger, { handleSignals: false, drainTimeoutMs: 200, logger, ...options });
  open.push(served);
  return served;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a component that turns a call away', () => {
  it('is called again when the time that it asked for has passed, even where the effect must not happen twice', async () => {
    const { info } = await start({ maxConcurrentCalls: 1, maxWaitingCalls: 0 });
    const clock = createFakeClock();
    await using caller = new ComponentClient({ resolve: () => [info] });
    const executor = new PlanExecutor({
      handlers: [createComponentStepHandler({ caller, resolve: () => [info], clock })],
      clock,
      // The component has a clock of its own.
      stepTimeoutMs: Number.POSITIVE_INFINITY,
    });
    const book = (name: string) => ({ name, component: 'ledger', action: 'book', inputs: {}, dependsOn: [] });
    const first = executor.execute({ steps: [book('first')] });
    await until(() => atWork.length === 1);
    const events: RunEventBody[] = [];
    const second = executor.execute({ steps: [book('second')] }, { emit: (event) => events.push(event) });
    await until(() => events.some(({ type }) => type === 'step.attempt.failed'));
    expect(events.at(-1)).toMatchObject({ delayMs: 1_000, attempt: 1, error: { code: 'RATE_LIMITED' } });
    atWork[0]?.end('one');
    expect((await first).status).toBe('completed');
    await clock.advance(999);
    expect(atWork).toHaveLength(1);
    await clock.advance(1);
    await until(() => atWork.length === 2);
    atWork[1]?.end('two');
    expect((await second).steps['second']).toMatchObject({ status: 'completed', output: 'two', attempts: 2 });
  });
});

describe('the priority of a call', () => {
  it('decides who gets a connection, and who loses the place in a full line', async () => {
    const waiting: { path: string; answer: () => void }[] = [];
    const { port } = await listen((incoming, response) => {
      incoming.resume();
      waiting.push({
        path: String(incoming.headers['x-gomind-step-id']),
        answer: () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true,"data":1}'),
      });
    });
    const caller = client([instance(port)], { maxConnections: 1, maxWaiting: 2 });
    const call = (step: string, priority: Priority) => caller.call(request({ step, priority }));
    const first = call('first', 'low');
    await until(() => waiting.length === 1);
    const dropped = failure(call('dropped', 'low'));
    const normal = call('normal', 'normal');
    const high = call('high', 'high');
    expect(await dropped).toMatchObject({ code: 'LIMIT_EXCEEDED', isRetryable: true });
    for (const [index, result] of [first, high, normal].entries()) {
      await until(() => waiting.length === index + 1);
      waiting[index]?.answer();
      await result;
    }
    expect(waiting.map(({ path }) => path)).toEqual(['first', 'high', 'normal']);
  });
});
