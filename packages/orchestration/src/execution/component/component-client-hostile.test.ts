import { gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
import { cancellationError, GomindError } from '@gomind/core';
import { afterEach, describe, expect, it } from 'vitest';
import {
  answer,
  client,
  closeAll,
  failure,
  instance,
  listen,
  listenRaw,
  request,
} from '../../../test/component-harness.ts';
import type { ComponentClientOptions } from './component-client.ts';

afterEach(closeAll);

const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** What a repeatable call of a server that answers in this way ends with, and how often the server was asked. */
async function callRaw(
  script: (socket: Socket) => void,
  options: Partial<ComponentClientOptions> = {},
): Promise<{ readonly error: GomindError; readonly requests: number }> {
  let requests = 0;
  const { port } = await listenRaw((socket) => {
    requests++;
    script(socket);
  });
  const error = await failure(client([instance(port)], options).call(request({ isRepeatable: true })));
  return { error, requests };
}

describe('an answer that breaks off', () => {
  it.each([
    ['before its end', `${head}content-length: 500\r\n\r\n{"success":true,"da`],
    ['between chunks', `${head}transfer-encoding: chunked\r\n\r\n8\r\n{"succes\r\n`],
    ['within its headers', head],
  ])('%s is no answer, and may be had again where that is harmless', async (_where, text) => {
    const { error } = await callRaw((socket) => socket.end(text));
    expect(error).toMatchObject({ isRetryable: true });
    expect(error.details['hasEffect']).not.toBe(false);
  });

  it.each([
    ['longer', `${head}content-length: 2\r\n\r\n{"success":true}`],
    ['shorter', `${head}content-length: 5\r\nconnection: close\r\n\r\n12`],
  ])('or is %s than it says never passes for a whole one', async (_how, text) => {
    const { error } = await callRaw((socket) => socket.end(text));
    expect(error.code).toBe('COMPONENT_BAD_RESPONSE');
  });

  it('before it began is asked for once more on a new connection', async () => {
    const { error, requests } = await callRaw((socket) => socket.destroy());
    expect(error).toMatchObject({ code: 'COMPONENT_UNAVAILABLE', isRetryable: true, details: { hasEffect: true } });
    expect(requests).toBe(2);
  });
});

describe('what is no answer', () => {
  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['headers without end', `HTTP/1.1 200 OK\r\n${`x-filler: ${'y'.repeat(1_000)}\r\n`.repeat(200)}\r\n`],
    ['a switch to another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
  ])('is told as such: %s', async (_what, text) => {
    const { error } = await callRaw((socket) => socket.write(text));
    expect(['COMPONENT_BAD_RESPONSE', 'COMPONENT_UNAVAILABLE']).toContain(error.code);
  });

  it('is packed content, however small: it is never unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const { port } = await listen((incoming, response) => {
      incoming.resume();
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
    });
    const error = await failure(client([instance(port)]).call(request()));
    expect(error).toMatchObject({ code: 'COMPONENT_BAD_RESPONSE', isRetryable: false });
    expect(error.message).toContain('gzip');
  });

  it('is text that is no UTF-8', async () => {
    const body = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
    const { error } = await callRaw((socket) => {
      socket.write(`${head}content-length: ${String(body.length)}\r\n\r\n`);
      socket.write(body);
    });
    expect(error).toMatchObject({ code: 'COMPONENT_BAD_RESPONSE' });
    expect(error.message).toContain('UTF-8');
  });

  it('is a redirect, which is not followed', async () => {
    let isFollowed = false;
    const elsewhere = await listen((incoming, response) => {
      isFollowed = true;
      incoming.resume();
      response.end();
    });
    const { port } = await listen(answer(307, '', { location: `http://127.0.0.1:${String(elsewhere.port)}/` }));
    expect(await failure(client([instance(port)]).call(request()))).toMatchObject({ code: 'COMPONENT_BAD_RESPONSE' });
    expect(isFollowed).toBe(false);
  });

  it('is not a 204: that says that there is nothing to say', async () => {
    const { port } = await listen((incoming, response) => {
      incoming.resume();
      response.writeHead(204).end();
    });
    await expect(client([instance(port)]).call(request())).resolves.toBeNull();
  });

  it('does not hide the real answer behind informational ones', async () => {
    const { port } = await listenRaw((socket) => {
      socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${head}content-length: 1\r\n\r\n7`);
    });
    await expect(client([instance(port)]).call(request())).resolves.toBe(7);
  });
});

describe('an answer past its bound', () => {
  it('is refused by what it announces, before it comes', async () => {
    const { error } = await callRaw((socket) => socket.write(`${head}content-length: 1000000000\r\n\r\n{`), {
      maxAnswerBytes: 1_000,
    });
    expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', details: { limit: 1_000 } });
    expect(error.message).toContain('1000 bytes');
  });
});

describe('a component that stalls', () => {
  const timeout = new GomindError({ code: 'STEP_TIMEOUT', message: 'took too long', isRetryable: true });

  it.each([
    ['after the request', (socket: Socket) => void socket.resume()],
    ['after its headers', (socket: Socket) => void socket.write(`${head}content-length: 10\r\n\r\n`)],
    [
      'again and again, a byte at a time',
      (socket: Socket) => {
        socket.write(`${head}content-length: 100000\r\n\r\n`);
        const timer = setInterval(() => socket.write('1'), 1);
        socket.on('close', () => {
          clearInterval(timer);
        });
      },
    ],
  ])('%s, ends with the step, and its connection too', async (_when, script) => {
    const asked = Promise.withResolvers<undefined>();
    const { port, sockets } = await listenRaw((socket) => {
      script(socket);
      asked.resolve(undefined);
    });
    const abort = new AbortController();
    const work = failure(client([instance(port)]).call(request({ signal: abort.signal })));
    await asked.promise;
    abort.abort(timeout);
    expect(await work).toBe(cancellationError(abort.signal, ''));
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('is asked after the other instances from then on', async () => {
    const counts = { hanging: 0, well: 0 };
    const hanging = await listenRaw(() => {
      counts.hanging++;
    });
    const well = await listen((incoming, response) => {
      counts.well++;
      answer(200, '1')(incoming, response);
    });
    const caller = client([instance(hanging.port), instance(well.port)]);
    const abort = new AbortController();
    const first = failure(caller.call(request({ signal: abort.signal })));
    await expect.poll(() => counts.hanging).toBe(1);
    abort.abort(timeout);
    await first;
    for (let count = 0; count < 5; count++) await caller.call(request());
    expect(counts).toEqual({ hanging: 1, well: 5 });
  });

  it('takes its idle connections with it: they may be as dead', async () => {
    let isDead = false;
    const { port, sockets } = await listenRaw((socket) => {
      if (!isDead) socket.write(`${head}content-length: 1\r\n\r\n1`);
    });
    const caller = client([instance(port)]);
    const call = (signal?: AbortSignal): Promise<unknown> =>
      caller.call(request({ isRepeatable: true, ...(signal === undefined ? {} : { signal }) }));
    await Promise.all([call(), call(), call()]);
    expect(sockets.size).toBe(3);
    isDead = true;
    const abort = new AbortController();
    const hung = failure(call(abort.signal));
    await new Promise((resolve) => setTimeout(resolve, 20));
    abort.abort(timeout);
    await hung;
    await expect.poll(() => sockets.size).toBe(0);
  });
});

describe('connecting', () => {
  it.each(['localhost', '::1', '[::1]'])('reaches a server by the address %s', async (address) => {
    const { port } = await listen(answer(200, '1'), address === 'localhost' ? '127.0.0.1' : '::1');
    await expect(client([instance(port, { address })]).call(request())).resolves.toBe(1);
  });

  it('to a name that nobody knows did surely nothing', async () => {
    const error = await failure(client([instance(80, { address: `${'x'.repeat(64)}.invalid` })]).call(request()));
    expect(error).toMatchObject({ code: 'COMPONENT_UNAVAILABLE', isRetryable: true, details: { hasEffect: false } });
  });

  it.each(['not a host', 'ftp://files.example.com', ''])('to what is no address (%s) says so', async (address) => {
    const error = await failure(client([instance(80, { address })]).call(request()));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', isRetryable: false, details: { hasEffect: false } });
  });
});
