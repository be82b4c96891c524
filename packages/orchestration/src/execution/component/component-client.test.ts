import type { IncomingMessage, RequestListener } from 'node:http';
import type { ComponentInfo } from '@gomind/core';
import { createFakeClock, createRecordingTelemetry } from '@gomind/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, client, closeAll, failure, instance, listen, request } from '../../../test/component-harness.ts';
import { ComponentClient, type ComponentRequest } from './component-client.ts';

afterEach(closeAll);

const json = (value: unknown): string => JSON.stringify(value);
const refusal = (code: string, message: string, more: object = {}): string =>
  json({ success: false, error: { code, message, category: 'INPUT_ERROR', retryable: false, ...more } });

async function callOnce(handle: RequestListener, more: Partial<ComponentRequest> = {}): Promise<unknown> {
  const { port } = await listen(handle);
  return client([instance(port)]).call(request(more));
}

describe('a call', () => {
  it('sends the inputs and everything that travels with them', async () => {
    let seen: IncomingMessage | undefined;
    let body = '';
    const telemetry = createRecordingTelemetry();
    const { port } = await listen((incoming, response) => {
      seen = incoming;
      incoming.on('data', (chunk) => (body += String(chunk)));
      incoming.on('end', () =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(json({ success: true, data: { id: 7 } })),
      );
    });
    const output = await telemetry.withSpan('step', {}, () =>
      client([instance(port)], { telemetry }).call(request({ step: 'zahle Löhne' })),
    );
    expect(output).toEqual({ id: 7 });
    expect(JSON.parse(body)).toEqual({ amount: 5 });
    expect(seen?.url).toBe('/api/capabilities/pay');
    expect(seen?.headers).toMatchObject({
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      'idempotency-key': 'key-1',
      'x-gomind-run-id': 'run-1',
      'x-gomind-step-id': 'zahle%20L%C3%B6hne',
      'x-gomind-deadline-ms': '2000000000000',
      traceparent: expect.stringMatching(/^00-/) as string,
    });
  });

  it.each([
    ['an envelope', json({ success: true, data: [1] }), [1]],
    ['an envelope with no data', json({ success: true, data: null }), null],
    ['bare JSON of a plain HTTP service', json({ price: 3 }), { price: 3 }],
    ['bare JSON that has a success of its own', json({ success: true, price: 3 }), { success: true, price: 3 }],
  ])('takes %s', async (_what, body, expected) => {
    await expect(callOnce(answer(200, body))).resolves.toEqual(expected);
  });

  it('uses the endpoint that the record names, on its own origin only', async () => {
    let path: string | undefined;
    const { port } = await listen((incoming, response) => {
      path = incoming.url;
      incoming.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end('1');
    });
    const capability = { name: 'pay', description: '', endpoint: '/v2/payments' };
    await client([instance(port, { capabilities: [capability] })]).call(request());
    expect(path).toBe('/v2/payments');
    const elsewhere = { ...capability, endpoint: 'http://169.254.169.254/latest/meta-data' };
    expect(await failure(client([instance(port, { capabilities: [elsewhere] })]).call(request()))).toMatchObject({
      code: 'EGRESS_DENIED',
    });
  });
});

describe('an answer that says no', () => {
  const tooDeep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  it.each<readonly [number, string, boolean, boolean, string]>([
    [400, 'INPUT_ERROR', false, false, refusal('INPUT_INVALID', 'amount: must be a number')],
    [422, 'INPUT_ERROR', false, false, refusal('INPUT_ERROR', 'amount must be greater than 0')],
    [401, 'NOT_AUTHORIZED', false, false, ''],
    [403, 'NOT_AUTHORIZED', false, false, ''],
    [404, 'NOT_FOUND', false, false, ''],
    [409, 'CONFLICT', false, false, ''],
    [413, 'LIMIT_EXCEEDED', false, false, ''],
    [418, 'INPUT_ERROR', false, false, ''],
    [429, 'RATE_LIMITED', true, false, ''],
    [500, 'COMPONENT_FAILED', false, true, ''],
    [502, 'COMPONENT_UNAVAILABLE', true, true, '<html>Bad gateway</html>'],
    [503, 'COMPONENT_UNAVAILABLE', true, true, ''],
    [504, 'TIMEOUT', true, true, ''],
    [200, 'INPUT_ERROR', false, false, refusal('X', 'no luck')],
    [200, 'COMPONENT_FAILED', false, true, json({ success: false, error: 'down', category: 1 })],
    [307, 'COMPONENT_BAD_RESPONSE', false, true, ''],
    [200, 'COMPONENT_BAD_RESPONSE', false, true, '<h1>Log in</h1>'],
    [200, 'COMPONENT_BAD_RESPONSE', true, true, '{"success":true,"da'],
    [200, 'COMPONENT_BAD_RESPONSE', false, true, ''],
    [200, 'COMPONENT_BAD_RESPONSE', false, true, tooDeep],
  ])('%i is %s', async (status, code, isRetryable, mayHaveHadEffect, body) => {
    const error = await failure(
      callOnce(answer(status, body, status === 307 ? { location: 'http://127.0.0.1:1/' } : {})),
    );
    expect(error).toMatchObject({ code, isRetryable });
    expect(error.message).toContain('bank-tool.pay');
    expect(error.details['hasEffect'] !== false).toBe(mayHaveHadEffect);
  });

  it("is told in the tool's own words", async () => {
    const error = await failure(callOnce(answer(422, refusal('INPUT_ERROR', 'amount must be greater than 0'))));
    expect(error.message).toBe('bank-tool.pay refused the inputs (422): amount must be greater than 0');
    expect(error.details).toMatchObject({ status: 422, componentCode: 'INPUT_ERROR' });
  });

  it.each([
    ['seconds', { 'retry-after': '2' }, '', 2_000],
    ['the envelope', {}, refusal('RATE_LIMIT', 'busy', { details: { retryAfterMs: 150 } }), 150],
    ['a date', { 'retry-after': new Date(Date.now() + 90_000).toUTCString() }, '', 'about 90 s'],
    ['a date that has passed', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, '', 0],
    ['no time at all', { 'retry-after': '0' }, '', 0],
    ['nonsense', { 'retry-after': 'later' }, '', undefined],
    ['a negative number', { 'retry-after': '-5' }, '', undefined],
    ['a year', { 'retry-after': '31536000' }, '', 3_600_000],
  ])('may say when to come back, in %s', async (_what, headers, body, retryAfterMs) => {
    for (const status of [429, 503]) {
      const told = (await failure(callOnce(answer(status, body, headers)))).details['retryAfterMs'];
      if (retryAfterMs !== 'about 90 s') expect(told).toBe(retryAfterMs);
      else expect(Math.abs(Number(told) - 90_000)).toBeLessThan(60_000);
    }
  });
});

describe('bounds', () => {
  it('stop an answer without end', async () => {
    const { port } = await listen((incoming, response) => {
      incoming.resume();
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(more));
      };
      more();
    });
    expect(await failure(client([instance(port)], { maxAnswerBytes: 500_000 }).call(request()))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
  });

  it('keep to ten connections, and use them again', async () => {
    let connections = 0;
    const { port, server } = await listen((incoming, response) => {
      incoming.resume();
      setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end('1'), 2);
    });
    server.on('connection', () => connections++);
    const caller = client([instance(port)]);
    await Promise.all(Array.from({ length: 200 }, () => caller.call(request({ isRepeatable: true }))));
    expect(connections).toBeLessThanOrEqual(10);
  });

  it('hold for all instances together, whatever kind of call it is', async () => {
    let most = 0;
    const sockets = new Set<object>();
    const instances = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const { port, server } = await listen((incoming, response) => {
          setTimeout(() => {
            answer(200, '1')(incoming, response);
          }, 2);
        });
        server.on('connection', (socket) => {
          sockets.add(socket);
          most = Math.max(most, sockets.size);
          socket.on('close', () => sockets.delete(socket));
        });
        return instance(port);
      }),
    );
    const caller = client(instances, { maxConnections: 4 });
    await Promise.all(
      Array.from({ length: 60 }, (_, count) => caller.call(request({ isRepeatable: count % 2 === 0 }))),
    );
    // A connection that is closed to make room may be seen a moment longer on the other side.
    expect(most).toBeLessThanOrEqual(8);
    await expect.poll(() => sockets.size).toBeLessThanOrEqual(4);
  });

  it('let only so many calls wait, and those that give up make room', async () => {
    const held: (() => void)[] = [];
    const { port } = await listen((incoming, response) => {
      held.push(() => {
        answer(200, '1')(incoming, response);
      });
    });
    const caller = client([instance(port)], { maxConnections: 1, maxWaiting: 2 });
    const abort = new AbortController();
    const atWork = caller.call(request());
    await expect.poll(() => held.length).toBe(1);
    const waiting = caller.call(request());
    const impatient = failure(caller.call(request({ signal: abort.signal })));
    const refused = await failure(caller.call(request()));
    expect(refused).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      isRetryable: true,
      details: { limit: 2, hasEffect: false },
    });
    expect(refused.message).toContain('bank-tool');
    abort.abort();
    expect(await impatient).toMatchObject({ code: 'CANCELLED' });
    const late = caller.call(request());
    for (const work of [atWork, waiting, late]) {
      await expect.poll(() => held.length).toBe(1);
      held.pop()?.();
      await expect(work).resolves.toBe(1);
    }
  });

  it('reach a component that never answers', async () => {
    let isClosed = false;
    const { port } = await listen((incoming) => {
      incoming.on('close', () => {
        isClosed = true;
      });
    });
    const abort = new AbortController();
    const work = failure(client([instance(port)]).call(request({ signal: abort.signal })));
    setTimeout(() => {
      abort.abort();
    }, 50);
    expect(await work).toMatchObject({ code: 'CANCELLED' });
    await expect.poll(() => isClosed).toBe(true);
  });
});

describe('several instances', () => {
  const dead = instance(1, { id: 'dead' });

  it('fail over when one cannot be reached, and that one is asked last for a while', async () => {
    let calls = 0;
    const { port } = await listen((incoming, response) => {
      calls++;
      incoming.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end('1');
    });
    const caller = client([dead, instance(port)]);
    for (let count = 0; count < 5; count++) await expect(caller.call(request())).resolves.toBe(1);
    expect(calls).toBe(5);
  });

  it('share the work', async () => {
    const counts = [0, 0, 0];
    const ports = await Promise.all(
      counts.map(async (_count, index) => {
        const { port } = await listen((incoming, response) => {
          counts[index] = (counts[index] ?? 0) + 1;
          incoming.resume();
          response.writeHead(200, { 'content-type': 'application/json' }).end('1');
        });
        return port;
      }),
    );
    const caller = client(ports.map((port) => instance(port)));
    for (let count = 0; count < 30; count++) await caller.call(request());
    expect(counts).toEqual([10, 10, 10]);
  });

  it('are none: the call says that nobody is there, or that nobody answers', async () => {
    expect(await failure(client([]).call(request()))).toMatchObject({
      code: 'COMPONENT_UNAVAILABLE',
      isRetryable: true,
      details: { hasEffect: false },
    });
    const error = await failure(client([dead]).call(request()));
    expect(error).toMatchObject({ code: 'COMPONENT_UNAVAILABLE', isRetryable: true, details: { hasEffect: false } });
    expect(error.message).toContain('127.0.0.1:1');
  });

  it('are looked for anew when one cannot be reached', async () => {
    const { port } = await listen(answer(200, '1'));
    let known = [dead];
    const caller = client([], {
      resolve: () => known,
      onUnreachable: () => {
        known = [instance(port)];
      },
    });
    // The record that was just found is used within the same call.
    await expect(caller.call(request())).resolves.toBe(1);
  });

  it('take over a call that may be repeated when a connection breaks', async () => {
    const calls: string[] = [];
    const broken = await listen((incoming) => {
      calls.push('broken');
      incoming.socket.destroy();
    });
    const well = await listen((incoming, response) => {
      calls.push('well');
      answer(200, '1')(incoming, response);
    });
    const caller = client([instance(broken.port), instance(well.port)]);
    await expect(caller.call(request({ isRepeatable: true }))).resolves.toBe(1);
    await expect(caller.call(request())).resolves.toBe(1);
    expect(calls).toEqual(['broken', 'broken', 'well', 'well']);
  });

  it('do not get a call that may have had its effect a second time', async () => {
    let calls = 0;
    const breakOff: RequestListener = (incoming) => {
      calls++;
      incoming.socket.destroy();
    };
    const first = await listen(breakOff);
    const second = await listen(breakOff);
    const error = await failure(client([instance(first.port), instance(second.port)]).call(request()));
    expect(error).toMatchObject({ code: 'COMPONENT_UNAVAILABLE', isRetryable: true, details: { hasEffect: true } });
    expect(calls).toBe(1);
  });
});

describe('a connection', () => {
  it('is used again by calls that must not be repeated once the server is known to keep it', async () => {
    const clock = createFakeClock();
    let connections = 0;
    const { port, server } = await listen(answer(200, '1'));
    server.on('connection', () => connections++);
    const caller = client([instance(port)], { clock });
    const callAfter = async (pauseMs: number): Promise<number> => {
      await clock.advance(pauseMs);
      await caller.call(request());
      return connections;
    };
    // Nothing is known, then too little, then that an idle connection lived for 300 ms.
    expect([await callAfter(0), await callAfter(0), await callAfter(300)]).toEqual([1, 2, 3]);
    for (let count = 0; count < 20; count++) expect(await callAfter(10)).toBe(3);
    expect(await callAfter(3_000)).toBe(4);
  });
});

describe('a server that closes idle connections', () => {
  it('costs no call, whether or not it may be repeated', async () => {
    const { port, server } = await listen((incoming, response) => {
      const { socket } = incoming.resume();
      // Idle is a connection whose answer is out; a slow machine may need longer than that for a call.
      socket.setTimeout(0);
      response.on('finish', () => socket.setTimeout(3));
      response.writeHead(200, { 'content-type': 'application/json' }).end('1');
    });
    server.on('connection', (socket) => socket.on('timeout', () => socket.destroy()));
    const caller = client([instance(port)]);
    for (let count = 0; count < 150; count++) {
      await caller.call(request({ isRepeatable: count % 2 === 0 }));
      if (count % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 3));
    }
  });
});

describe('close', () => {
  it('refuses later calls', async () => {
    const caller = client([]);
    await caller.close();
    await caller.close();
    expect(await failure(caller.call(request()))).toMatchObject({ code: 'CLOSED' });
  });

  it('breaks off what is at work, and leaves no connection', async () => {
    const sockets = new Set<object>();
    const { port, server } = await listen((incoming) => incoming.resume());
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    const caller = client([instance(port)], { maxConnections: 2 });
    const work = Promise.all([1, 2, 3].map(() => failure(caller.call(request({ isRepeatable: true })))));
    await expect.poll(() => sockets.size).toBe(2);
    await caller.close();
    expect((await work).map(({ code }) => code)).toEqual(['CLOSED', 'CLOSED', 'CLOSED']);
    await expect.poll(() => sockets.size).toBe(0);
  });
});

describe('instances that come and go', () => {
  it('leave no connection behind', async () => {
    const sockets = new Set<object>();
    let current: ComponentInfo[] = [];
    const caller = new ComponentClient({ resolve: () => current });
    for (let generation = 0; generation < 20; generation++) {
      const { port, server } = await listen(answer(200, '1'));
      server.on('connection', (socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
      });
      current = [instance(port)];
      await Promise.all([1, 2, 3].map(() => caller.call(request({ isRepeatable: true }))));
      server.close();
      server.closeAllConnections();
    }
    await expect.poll(() => sockets.size).toBe(0);
    expect(caller.connections).toBe(0);
    await caller.close();
  });
});
