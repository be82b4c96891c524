import { Agent, request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createRecordingLogger, createRecordingTelemetry } from '../testing/recorders.ts';
import { createComponentHandler } from './component-handler.ts';
import { defineTool } from './define-component.ts';
import type { ToolContext } from './component-definition.ts';
import { serve, type ServedComponent, type ServeOptions } from './serve.ts';

const atWork: { end: (value: unknown) => void; context: ToolContext }[] = [];
const tool = defineTool({
  name: 'busy-tool',
  description: 'Works until the test says so',
  capabilities: {
    work: {
      description: 'Work until the test says so',
      effect: 'pure',
      input: z.object({}),
      handler: (_input, context) => new Promise((resolve) => atWork.push({ end: resolve, context })),
    },
  },
});

const open: ServedComponent[] = [];
afterEach(async () => {
  for (const { end } of atWork.splice(0)) end('over');
  await Promise.all(open.splice(0).map((served) => served.close()));
});

async function start(options: ServeOptions): Promise<ServedComponent> {
  const logger = createRecordingLogger();
  const served = await serve(tool, { handleSignals: false, drainTimeoutMs: 200, logger, ...options });
  open.push(served);
  return served;
}

const call = (served: ServedComponent, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${served.url}/api/capabilities/work`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{}',
  });

/** Lets real requests come in until a condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe("a component's door", () => {
  it('answers what is too much at once: 429, Retry-After, and an envelope that says so', async () => {
    const telemetry = createRecordingTelemetry();
    const served = await start({ maxConcurrentCalls: 1, maxWaitingCalls: 0, telemetry });
    const first = call(served);
    await until(() => atWork.length === 1);
    const refused = await call(served);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({
      success: false,
      error: { code: 'OVERLOADED', category: 'RATE_LIMIT', retryable: true, details: { running: 1, waiting: 0 } },
    });
    expect(telemetry.metrics).toContainEqual(
      expect.objectContaining({ name: 'gomind.component.calls.refused', value: 1 }),
    );
    atWork[0]?.end('done');
    expect(await (await first).json()).toEqual({ success: true, data: 'done' });
    const next = call(served);
    await until(() => atWork.length === 2);
    atWork[1]?.end('next');
    expect((await next).status).toBe(200);
  });

  it('leaves the connection usable, although the body of a refused call is not read', async () => {
    const served = await start({ maxConcurrentCalls: 1, maxWaitingCalls: 0 });
    void call(served);
    await until(() => atWork.length === 1);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (characters: number): Promise<readonly [status: number | undefined, port: number | undefined]> =>
      new Promise((resolve, reject) => {
        const path = `${served.url}/api/capabilities/work`;
        const headers = { 'content-type': 'application/json' };
        const sending = request(path, { method: 'POST', agent, headers }, (answer) => {
          const port = answer.socket.localPort;
          answer.resume().on('end', () => {
            resolve([answer.statusCode, port]);
          });
        });
        sending.on('error', reject);
        sending.end(JSON.stringify({ text: 'x'.repeat(characters) }));
      });
    const answers = [await send(10), await send(900_000), await send(10)];
    agent.destroy();
    expect(answers.map(([status]) => status)).toEqual([429, 429, 429]);
    expect(new Set(answers.map(([, port]) => port)).size).toBe(1);
  });

  it('never turns away who asks for health, readiness or capabilities', async () => {
    const served = await start({ maxConcurrentCalls: 1, maxWaitingCalls: 0 });
    void call(served);
    await until(() => atWork.length === 1);
    const paths = ['/health', '/ready', '/api/capabilities', '/api/capabilities/work/schema'];
    const answers = await Promise.all(paths.map((path) => fetch(served.url + path)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await call(served)).status).toBe(429);
  });

  it('lets high priority in first and turns low priority away first', async () => {
    const handler = createComponentHandler(tool, { maxConcurrentCalls: 1, maxWaitingCalls: 2 });
    const answers: string[] = [];
    const send = async (priority: string, active: number): Promise<void> => {
      const request = new Request('http://tool/api/capabilities/work', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-gomind-priority': priority },
        body: '{}',
      });
      void handler.fetch(request).then(({ status }) => answers.push(`${priority} ${String(status)}`));
      await until(() => handler.activeCalls === active || answers.length > 0);
    };
    await send('normal', 1);
    await send('low', 2);
    await send('unheard-of', 3);
    await send('high', 4);
    await until(() => answers.length === 1);
    expect(answers).toEqual(['low 429']);
    await send('low', 4);
    await until(() => answers.length === 2);
    expect(answers).toEqual(['low 429', 'low 429']);
    for (const [index, priority] of ['normal', 'high', 'normal'].entries()) {
      await until(() => atWork.length === index + 1);
      expect(atWork[index]?.context.priority).toBe(priority);
      atWork[index]?.end('done');
    }
    await until(() => answers.length === 5);
    expect(answers.slice(2)).toEqual(['normal 200', 'high 200', 'unheard-of 200']);
  });

  it('gives the place of one who gave up waiting to the next', async () => {
    const served = await start({ maxConcurrentCalls: 1, maxWaitingCalls: 1 });
    void call(served);
    await until(() => atWork.length === 1);
    const late = await call(served, { 'x-gomind-deadline-ms': '30' });
    expect(late.status).toBe(504);
    const next = call(served);
    atWork[0]?.end(1);
    await until(() => atWork.length === 2);
    atWork[1]?.end(2);
    expect((await next).status).toBe(200);
  });

  it('holds the place of a handler that ignores its signal, but not for ever', async () => {
    const clock = createFakeClock();
    const served = await start({ maxConcurrentCalls: 1, maxWaitingCalls: 0, callTimeoutMs: 100, clock });
    const stuck = call(served);
    await until(() => atWork.length === 1);
    await clock.advance(100);
    expect((await stuck).status).toBe(504);
    expect((await call(served)).status).toBe(429);
    await clock.advance(1_000);
    const next = call(served);
    await until(() => atWork.length === 2);
    atWork[0]?.end('much later');
    expect((await call(served)).status).toBe(429);
    atWork[1]?.end('done');
    expect((await next).status).toBe(200);
    expect(clock.pendingTimers).toBe(0);
  });

  it('asks callers to stay away for as long as those who are here will take', async () => {
    const clock = createFakeClock();
    const served = await start({ maxConcurrentCalls: 1, maxWaitingCalls: 0, clock });
    const first = call(served);
    await until(() => atWork.length === 1);
    await clock.advance(7_300);
    atWork[0]?.end(1);
    await first;
    void call(served);
    await until(() => atWork.length === 2);
    expect((await call(served)).headers.get('retry-after')).toBe('8');
  });

  it('refuses bounds that make no sense', async () => {
    await expect(start({ maxConcurrentCalls: 0 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(start({ maxWaitingCalls: -1 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
