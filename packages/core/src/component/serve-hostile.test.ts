import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRecordingLogger } from '../testing/recorders.ts';
import { defineTool } from './define-component.ts';
import { serve, type ServedComponent, type ServeOptions } from './serve.ts';

let starts = 0;
let gate = Promise.withResolvers<string>();
let lastSignal: AbortSignal | undefined;
const tool = defineTool({
  name: 'bank-tool',
  description: 'Moves money',
  capabilities: {
    pay: {
      description: 'Pay',
      effect: 'irreversible',
      input: z.object({}),
      handler: (_input, { signal }) => {
        starts++;
        lastSignal = signal;
        return gate.promise;
      },
    },
  },
});

const open: ServedComponent[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  gate.resolve('paid');
  gate = Promise.withResolvers<string>();
  starts = 0;
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((served) => served.close()));
});

async function start(options: ServeOptions = {}): Promise<ServedComponent> {
  const served = await serve(tool, { handleSignals: false, logger: createRecordingLogger(), ...options });
  open.push(served);
  return served;
}

/** A connection on which a test speaks HTTP by hand. */
async function dial({ port }: ServedComponent): Promise<{
  readonly socket: Socket;
  readonly received: () => string;
  readonly closed: Promise<unknown>;
}> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString('latin1'))).on('error', () => undefined);
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  return { socket, received: () => received, closed };
}

const post = (body: string, headers = ''): string =>
  `POST /api/capabilities/pay HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}content-length: ${String(body.length)}\r\n\r\n${body}`;

const call = (served: ServedComponent, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${served.url}/api/capabilities/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{}',
  });

describe('a slow caller', () => {
  it.each([
    ['headers', 'GET /health HTTP/1.1\r\nhost: x\r\n'],
    ['a body', post('{}').replace('content-length: 2', 'content-length: 200')],
  ])('that never ends its request (%s) is cut off', { timeout: 60_000 }, async (_what, text) => {
    const served = await start({ headersTimeoutMs: 40, requestTimeoutMs: 80 });
    const { socket, closed } = await dial(served);
    socket.write(text);
    await closed;
    expect(starts).toBe(0);
    // A busy machine makes this caller a slow one too, which is cut off with right.
    const status = (): Promise<number> =>
      fetch(`${served.url}/health`).then(
        (response) => response.status,
        () => 0,
      );
    await expect.poll(status, { timeout: 50_000 }).toBe(200);
  });
});

describe('a large request', () => {
  it.each(['content-length: 300000000', 'transfer-encoding: chunked'])(
    'is answered with 413 before all of it came (%s)',
    async (length) => {
      const served = await start();
      const { socket, received } = await dial(served);
      socket.write(
        `POST /api/capabilities/pay HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${length}\r\n\r\n`,
      );
      const chunk = 'x'.repeat(65_536);
      const more = (): void => {
        if (socket.destroyed || received() !== '') return;
        socket.write(length.startsWith('content') ? chunk : `10000\r\n${chunk}\r\n`, () => setImmediate(more));
      };
      more();
      await expect.poll(received).toMatch(/^HTTP\/1\.1 413 /);
      expect(starts).toBe(0);
    },
  );

  it('is refused when its headers are', async () => {
    const served = await start();
    const { socket, received } = await dial(served);
    socket.write(`GET /health HTTP/1.1\r\nhost: x\r\nx-filler: ${'y'.repeat(100_000)}\r\n\r\n`);
    await expect.poll(received).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe('an odd request', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n', 400],
    ['a path that climbs', 'GET /../../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n', 404],
    ['60,000 slashes', `GET ${'/'.repeat(60_000)}x HTTP/1.1\r\nhost: x\r\n\r\n`, 404],
    ['two lengths', 'POST /health HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}', 400],
    ['a HEAD', 'HEAD /health HTTP/1.1\r\nhost: x\r\n\r\n', 200],
  ])('(%s) is answered, and the next one too', async (_what, text, status) => {
    const served = await start();
    const { socket, received } = await dial(served);
    socket.write(text);
    await expect.poll(received).toMatch(new RegExp(`^HTTP/1\\.1 ${String(status)} `));
    expect((await fetch(`${served.url}/health`)).status).toBe(200);
  });
});

describe('a caller that hangs up', () => {
  it("aborts its call's signal", async () => {
    const served = await start();
    const { socket } = await dial(served);
    socket.write(post('{}'));
    await expect.poll(() => starts).toBe(1);
    socket.destroy();
    await expect.poll(() => lastSignal?.aborted).toBe(true);
  });

  it('and calls again with its key gets the answer of the first call, which ran once', async () => {
    const served = await start();
    const { socket } = await dial(served);
    socket.write(post('{}', 'idempotency-key: k\r\n'));
    await expect.poll(() => starts).toBe(1);
    socket.destroy();
    const again = call(served, { 'idempotency-key': 'k' });
    gate.resolve('paid once');
    expect(await (await again).json()).toEqual({ success: true, data: 'paid once' });
    expect(starts).toBe(1);
  });
});

describe('a component that drains', () => {
  it('ends kept-alive connections with the answers that are due on them', async () => {
    const served = await start({ drainTimeoutMs: 5_000 });
    const [idle, busy] = [await dial(served), await dial(served)];
    idle.socket.write('GET /health HTTP/1.1\r\nhost: x\r\n\r\n');
    await expect.poll(idle.received).toMatch(/keep-alive: timeout=65/i);
    busy.socket.write(post('{}'));
    await expect.poll(() => starts).toBe(1);
    const closing = served.close();
    await idle.closed;
    gate.resolve('paid');
    await busy.closed;
    expect(busy.received()).toMatch(/^HTTP\/1\.1 200 /);
    expect(busy.received()).toMatch(/\r\nconnection: close\r\n/i);
    expect(busy.received()).toContain('"paid"');
    await closing;
  });
});
