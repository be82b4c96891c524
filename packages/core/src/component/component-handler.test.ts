import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GomindError } from '../errors/gomind-error.ts';
import { LocalDiscovery } from '../local/local-discovery.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createRecordingLogger, createRecordingTelemetry } from '../testing/recorders.ts';
import { type ComponentHandler, createComponentHandler } from './component-handler.ts';
import { defineAgent, defineTool } from './define-component.ts';
import type { ToolContext } from './component-definition.ts';

let calls = 0;
let lastContext: ToolContext | undefined;
let act: (signal: AbortSignal) => unknown = () => undefined;

const tool = defineTool({
  name: 'bank-tool',
  description: 'Moves money',
  version: '2.1.0',
  capabilities: {
    transfer: {
      description: 'Transfer an amount',
      effect: 'irreversible',
      tags: ['money'],
      input: z.object({ amount: z.number(), to: z.object({ iban: z.string() }) }),
      output: z.object({ id: z.string() }),
      handler: ({ amount }, context) => {
        calls++;
        lastContext = context;
        if (amount <= 0) throw new GomindError({ code: 'INPUT_ERROR', message: 'amount must be greater than 0' });
        return { id: `t${String(calls)}` };
      },
    },
    act: { description: 'Do as the test says', input: z.object({}), handler: (_input, { signal }) => act(signal) },
    secret: { description: 'Not for planners', internal: true, input: z.object({}), handler: () => 'hidden' },
  },
});

const order = { amount: 5, to: { iban: 'DE1' } };
let clock: FakeClock;
let handler: ComponentHandler;
const logger = createRecordingLogger();

beforeEach(() => {
  calls = 0;
  clock = createFakeClock();
  handler = createComponentHandler(tool, { clock, logger });
});

const get = (path: string) => handler.fetch(new Request(`http://tool${path}`));
async function post(
  capability: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const request = new Request(`http://tool/api/capabilities/${capability}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const response = await handler.fetch(request);
  return { status: response.status, body: await response.json(), headers: response.headers };
}

describe('calls', () => {
  it('answer with the envelope', async () => {
    expect(await post('transfer', order)).toMatchObject({ status: 200, body: { success: true, data: { id: 't1' } } });
  });

  it('hand on ids, key and deadline of the caller', async () => {
    await post('transfer', order, {
      'x-gomind-run-id': 'run-1',
      'x-gomind-step-id': 'pay',
      'idempotency-key': 'k1',
      'x-gomind-deadline-ms': String(clock.now() + 5_000),
    });
    expect(lastContext).toMatchObject({
      runId: 'run-1',
      stepId: 'pay',
      idempotencyKey: 'k1',
      deadlineMs: clock.now() + 5_000,
    });
  });

  it.each([
    ['a missing field', { amount: 5 }, ['/to']],
    ['a wrong type deep inside', { amount: '5', to: { iban: 7 } }, ['/amount', '/to/iban']],
    ['a list', [], ['']],
    ['null', null, ['']],
  ])('refuse %s with 400 and the path, before the handler runs', async (_what, input, pointers) => {
    const { status, body } = await post('transfer', input);
    expect(status).toBe(400);
    expect(body).toMatchObject({ success: false, error: { category: 'INPUT_ERROR', retryable: false } });
    const issues = (body as { error: { details: { issues: { pointer: string }[] } } }).error.details.issues;
    expect(issues.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(pointers));
    expect(calls).toBe(0);
  });

  it("say 422 with the tool's own words when it refuses the values", async () => {
    expect(await post('transfer', { ...order, amount: 0 })).toMatchObject({
      status: 422,
      body: {
        success: false,
        error: { code: 'INPUT_ERROR', message: 'amount must be greater than 0', category: 'INPUT_ERROR' },
      },
    });
  });

  it.each([
    ['AUTH_ERROR', 401],
    ['NOT_AUTHORIZED', 403],
    ['NOT_FOUND', 404],
    ['CONFLICT', 409],
    ['RATE_LIMIT', 429],
    ['SERVICE_ERROR', 503],
    ['TIMEOUT', 504],
    ['ANYTHING_ELSE', 500],
  ])('answer a thrown %s with %i', async (code, status) => {
    act = () => Promise.reject(new GomindError({ code, message: 'as told', details: { retryAfterMs: 1_500 } }));
    const answer = await post('act', {});
    expect(answer).toMatchObject({ status, body: { success: false, error: { code, message: 'as told' } } });
    expect(answer.headers.get('retry-after')).toBe('2');
  });

  it('keep an unexpected error inside: logged here, unknown there', async () => {
    act = () => {
      throw new Error('password is hunter2');
    };
    const answer = await post('act', {});
    expect(answer).toMatchObject({ status: 500, body: { error: { code: 'INTERNAL_ERROR' } } });
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
    expect(logger.records.at(-1)).toMatchObject({ level: 'error', fields: { capability: 'act' } });
  });

  it("refuse output that breaks the tool's own schema", async () => {
    const broken = defineTool({
      name: 'broken',
      description: 'Breaks its word',
      capabilities: {
        go: {
          description: 'Go',
          input: z.object({}),
          output: z.object({ n: z.number() }),
          handler: () => ({ n: 'x' as never }),
        },
      },
    });
    handler = createComponentHandler(broken, { logger });
    expect(await post('go', {})).toMatchObject({ status: 500, body: { error: { code: 'OUTPUT_INVALID' } } });
  });

  it('refuses output that JSON leaves out without a word', async () => {
    const broken = defineTool({
      name: 'broken',
      description: 'Returns what is no data',
      capabilities: { go: { description: 'Go', input: z.object({}), handler: () => () => 1 } },
    });
    handler = createComponentHandler(broken, { logger });
    expect(await post('go', {})).toMatchObject({ status: 500, body: { error: { code: 'OUTPUT_INVALID' } } });
  });

  it.each([
    ['no JSON', '{"amount": ', {}, 400, 'INVALID_JSON'],
    [
      'another media type',
      'a=1',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['too many levels', `${'['.repeat(100)}${']'.repeat(100)}`, {}, 400, 'BODY_TOO_DEEP'],
    ['more than 1 MiB', `"${'x'.repeat(1_100_000)}"`, {}, 413, 'BODY_TOO_LARGE'],
    ['more than 1 MiB by its own account', '{}', { 'content-length': '1100000' }, 413, 'BODY_TOO_LARGE'],
    [
      'more than 1 MiB whatever it says',
      `"${'x'.repeat(1_100_000)}"`,
      { 'content-length': '2' },
      413,
      'BODY_TOO_LARGE',
    ],
  ])('refuse %s', async (_what, body, headers, status, code) => {
    expect(await post('transfer', body, headers)).toMatchObject({ status, body: { success: false, error: { code } } });
    expect(calls).toBe(0);
  });

  it('refuse bytes that are no UTF-8', async () => {
    const request = new Request('http://tool/api/capabilities/act', {
      method: 'POST',
      body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    });
    const response = await handler.fetch(request);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'INVALID_JSON' } });
  });

  it('refuse a body that breaks off', async () => {
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode('{"amo'));
        controller.error(new Error('hung up'));
      },
    });
    const response = await handler.fetch(
      new Request('http://tool/api/capabilities/act', { method: 'POST', body, duplex: 'half' }),
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'BODY_INCOMPLETE' } });
  });

  it('cannot pollute a prototype', async () => {
    await post(
      'transfer',
      '{"__proto__": {"polluted": true}, "amount": 1, "to": {"iban": "x", "__proto__": {"polluted": true}}}',
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it("end with the caller's deadline", async () => {
    let isAborted = false;
    act = (signal) => {
      signal.addEventListener('abort', () => {
        isAborted = true;
      });
      return new Promise(() => undefined);
    };
    const answer = post('act', {}, { 'x-gomind-deadline-ms': String(clock.now() + 100) });
    await clock.advance(100);
    expect(await answer).toMatchObject({ status: 504, body: { error: { category: 'TIMEOUT', retryable: true } } });
    expect(isAborted).toBe(true);
    expect(handler.activeCalls).toBe(0);
    // The place of a handler that does not listen is held for a second.
    await clock.advance(1_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it("end with the caller's deadline, also when it is told as the time that is left", async () => {
    act = () => new Promise(() => undefined);
    const answer = post('act', {}, { 'x-gomind-deadline-ms': '250' });
    await clock.advance(250);
    expect(await answer).toMatchObject({ status: 504 });
  });

  it('do not start after their deadline', async () => {
    const passed = String(clock.now() - 1);
    expect(await post('transfer', order, { 'x-gomind-deadline-ms': passed })).toMatchObject({
      status: 504,
      body: { error: { category: 'TIMEOUT', retryable: true } },
    });
    expect(calls).toBe(0);
  });

  it('take a deadline that is no number for none', async () => {
    for (const deadline of ['soon', 'Infinity', '-5', '']) {
      expect(await post('transfer', order, { 'x-gomind-deadline-ms': deadline })).toMatchObject({ status: 200 });
      expect(lastContext?.deadlineMs).toBeUndefined();
    }
  });

  it('belong to the trace of their caller', async () => {
    const telemetry = createRecordingTelemetry();
    handler = createComponentHandler(tool, { telemetry });
    const traceId = 'a'.repeat(32);
    await post('transfer', order, { traceparent: `00-${traceId}-${'b'.repeat(16)}-01` });
    expect(telemetry.spans).toMatchObject([{ traceId, parentSpanId: 'b'.repeat(16), kind: 'server' }]);
  });
});

describe('repeated calls', () => {
  it('with one idempotency key have one effect and one answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post('transfer', order, { 'idempotency-key': 'k' })),
    );
    expect(calls).toBe(1);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect((await post('transfer', order, { 'idempotency-key': 'k' })).headers.get('idempotency-replayed')).toBe(
      'true',
    );
    await post('transfer', order, { 'idempotency-key': 'other' });
    expect(calls).toBe(2);
  });

  it('with other inputs under one key are a conflict', async () => {
    await post('transfer', order, { 'idempotency-key': 'k' });
    expect(await post('transfer', { ...order, amount: 6 }, { 'idempotency-key': 'k' })).toMatchObject({
      status: 409,
      body: { error: { code: 'IDEMPOTENCY_CONFLICT' } },
    });
    expect(calls).toBe(1);
  });

  it('run again after a failure that may pass', async () => {
    let attempt = 0;
    act = () => {
      if (++attempt === 1) throw new GomindError({ code: 'SERVICE_ERROR', message: 'down' });
      return 'up';
    };
    expect((await post('act', {}, { 'idempotency-key': 'k' })).status).toBe(503);
    expect(await post('act', {}, { 'idempotency-key': 'k' })).toMatchObject({ status: 200, body: { data: 'up' } });
  });

  it('with the same input in another order are the same', async () => {
    await post('transfer', order, { 'idempotency-key': 'k' });
    const again = await post('transfer', { to: order.to, amount: order.amount }, { 'idempotency-key': 'k' });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(calls).toBe(1);
  });

  it('get the answer of a call that went on after its caller was told that it took too long', async () => {
    const work = Promise.withResolvers<string>();
    let starts = 0;
    act = () => {
      starts++;
      return work.promise;
    };
    const key = { 'idempotency-key': 'k' };
    const first = post('act', {}, { ...key, 'x-gomind-deadline-ms': '100' });
    await clock.advance(100);
    expect((await first).status).toBe(504);
    const impatient = post('act', {}, { ...key, 'x-gomind-deadline-ms': '50' });
    const patient = post('act', {}, key);
    await clock.advance(50);
    expect((await impatient).status).toBe(504);
    work.resolve('paid');
    expect(await patient).toMatchObject({ status: 200, body: { data: 'paid' } });
    expect(await post('act', {}, key)).toMatchObject({ status: 200, body: { data: 'paid' } });
    expect(starts).toBe(1);
  });

  it('run again when the first was aborted and gave up', async () => {
    let starts = 0;
    act = (signal) =>
      ++starts > 1
        ? 'paid'
        : new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reject(new Error('gave up'));
            });
          });
    const key = { 'idempotency-key': 'k' };
    const first = post('act', {}, { ...key, 'x-gomind-deadline-ms': '100' });
    await clock.advance(100);
    expect((await first).status).toBe(504);
    expect(await post('act', {}, key)).toMatchObject({ status: 200, body: { data: 'paid' } });
  });

  it('do not run again after a failure that may have come after the effect', async () => {
    let starts = 0;
    act = () => {
      starts++;
      throw new Error('the receipt could not be printed');
    };
    expect((await post('act', {}, { 'idempotency-key': 'k' })).status).toBe(500);
    expect((await post('act', {}, { 'idempotency-key': 'k' })).status).toBe(500);
    expect(starts).toBe(1);
  });

  it('are remembered for a day', async () => {
    await post('transfer', order, { 'idempotency-key': 'k' });
    await clock.advance(86_400_001);
    await post('transfer', order, { 'idempotency-key': 'k' });
    expect(calls).toBe(2);
  });
});

describe('what can be asked about a component', () => {
  it('is its health, always, and its readiness', async () => {
    expect(await (await get('/health')).json()).toMatchObject({ status: 'healthy', checks: {}, reasons: [] });
    expect((await get('/ready')).status).toBe(503);
    handler.setReady(true);
    expect((await get('/ready')).status).toBe(200);
    handler.setDegraded('The registry is away.');
    const health = await get('/health');
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: 'degraded', reasons: ['The registry is away.'] });
    expect((await get('/ready')).status).toBe(200);
  });

  it('is its capabilities, without the internal ones, and their schemas', async () => {
    const list = (await (await get('/api/capabilities')).json()) as { name: string }[];
    expect(list.map(({ name }) => name)).toEqual(['transfer', 'act']);
    expect(list[0]).toMatchObject({ endpoint: '/api/capabilities/transfer', effect: 'irreversible', tags: ['money'] });
    expect(await (await get('/api/capabilities/transfer/schema')).json()).toMatchObject({
      input: { type: 'object', required: ['amount', 'to'] },
      output: { type: 'object' },
    });
    expect(await post('secret', {})).toMatchObject({ status: 200, body: { data: 'hidden' } });
  });

  it.each([
    ['/nothing', 'GET', 404],
    ['/api/capabilities/unknown', 'POST', 404],
    ['/api/capabilities/transfer', 'GET', 405],
    ['/health', 'DELETE', 405],
    ['/api/capabilities/%E0%A4%A', 'POST', 404],
    ['/api/capabilities/..%2F..%2Fhealth', 'POST', 404],
    ['/api/capabilities/../../nothing', 'POST', 404],
    ['/api/capabilities/__proto__', 'POST', 404],
    ['/api/capabilities/transfer/schema', 'POST', 405],
    ['/api/capabilities/transfer', 'OPTIONS', 405],
    ['//', 'GET', 404],
    [`/${'/'.repeat(60_000)}x`, 'GET', 404],
  ])('at %s with %s is %i', async (path, method, status) => {
    const response = await handler.fetch(new Request(`http://tool${path}`, { method }));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ success: false });
  });
});

describe('agents', () => {
  const agent = defineAgent({
    name: 'guide',
    description: 'Finds others',
    capabilities: {
      count: {
        description: 'Count components',
        input: z.object({}),
        handler: async (_input, { discovery }) => (await discovery.discover()).length,
      },
    },
  });

  it('need a discovery and use it', async () => {
    expect(() => createComponentHandler(agent)).toThrow(/discovery/);
    handler = createComponentHandler(agent, { discovery: new LocalDiscovery() });
    expect(await post('count', {})).toMatchObject({ body: { data: 0 } });
  });
});
