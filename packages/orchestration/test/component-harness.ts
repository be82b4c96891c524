/**
 * Real servers, well-behaved and hostile, and a component client that calls them.
 *
 * @module
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import { type ComponentInfo, GomindError } from '@gomind/core';
import {
  ComponentClient,
  type ComponentClientOptions,
  type ComponentRequest,
} from '../src/execution/component/component-client.ts';

const open: (() => Promise<void> | void)[] = [];

/** Closes all that was opened; for `afterEach`. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map(async (close) => close()));
}

/** An HTTP server on a free port. */
export async function listen(
  handle: RequestListener,
  host = '127.0.0.1',
): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer(handle);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, server };
}

/** A TCP server whose script starts when a whole request has come. */
export async function listenRaw(
  onRequest: (socket: Socket) => void,
): Promise<{ readonly port: number; readonly server: TcpServer; readonly sockets: ReadonlySet<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const length = Number(/content-length: (\d+)/.exec(received)?.[1] ?? Number.NaN);
      if (received.length < received.indexOf('\r\n\r\n') + 4 + length) return;
      received = '';
      onRequest(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, server, sockets };
}

/** Answers every request alike. */
export const answer =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };

/** The record of an instance of `bank-tool`. */
export function instance(port: number, more: Partial<ComponentInfo> = {}): ComponentInfo {
  return {
    id: `i${String(port)}`,
    name: 'bank-tool',
    type: 'tool',
    description: '',
    address: '127.0.0.1',
    port,
    capabilities: [{ name: 'pay', description: '' }],
    ...more,
  };
}

/** A client that knows these instances; {@link closeAll} closes it. */
export function client(
  instances: readonly ComponentInfo[],
  options: Partial<ComponentClientOptions> = {},
): ComponentClient {
  const made = new ComponentClient({ resolve: () => instances, ...options });
  open.push(() => made.close());
  return made;
}

/** A call of `bank-tool.pay` that must not be repeated. */
export function request(more: Partial<ComponentRequest> = {}): ComponentRequest {
  return {
    component: 'bank-tool',
    action: 'pay',
    inputs: { amount: 5 },
    step: 'pay',
    runId: 'run-1',
    signal: new AbortController().signal,
    idempotencyKey: 'key-1',
    deadlineMs: 2_000_000_000_000,
    isRepeatable: false,
    ...more,
  };
}

/** The error that work ends with. */
export async function failure(work: Promise<unknown>): Promise<GomindError> {
  const error: unknown = await work.then(
    (value) => new Error(`it worked: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!GomindError.isInstance(error)) throw error instanceof Error ? error : new Error('not an error');
  return error;
}
