import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { LocalDiscovery } from '../local/local-discovery.ts';
import type { Registry } from '../contracts/discovery.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createRecordingLogger } from '../testing/recorders.ts';
import { defineTool } from './define-component.ts';
import { serve, type ServedComponent, type ServeOptions } from './serve.ts';

const gates: (() => void)[] = [];
const tool = defineTool({
  name: 'slow-tool',
  description: 'Takes its time',
  metadata: { team: 'a' },
  capabilities: {
    wait: {
      description: 'Wait until the test says so',
      effect: 'pure',
      input: z.object({}),
      handler: (_input, { signal }) =>
        new Promise((resolve, reject) => {
          gates.push(() => {
            resolve('done');
          });
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        }),
    },
  },
});

const open: ServedComponent[] = [];
afterEach(async () => {
  gates.splice(0);
  await Promise.all(open.splice(0).map((served) => served.close()));
});

async function start(options: ServeOptions = {}): Promise<ServedComponent> {
  const served = await serve(tool, {
    handleSignals: false,
    drainTimeoutMs: 200,
    logger: createRecordingLogger(),
    ...options,
  });
  open.push(served);
  return served;
}

const call = (served: ServedComponent) =>
  fetch(`${served.url}/api/capabilities/wait`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });

describe('serve', () => {
  it('listens on loopback, registers itself, and is ready when it returns', async () => {
    const discovery = new LocalDiscovery();
    const served = await start({ registry: discovery });
    expect(served.url).toBe(`http://127.0.0.1:${String(served.port)}`);
    expect((await fetch(`${served.url}/ready`)).status).toBe(200);
    expect(await discovery.findService('slow-tool')).toMatchObject([
      {
        id: served.info.id,
        type: 'tool',
        address: '127.0.0.1',
        port: served.port,
        metadata: { team: 'a', version: '1.0.0' },
        capabilities: [{ name: 'wait', effect: 'pure' }],
      },
    ]);
  });

  it('works on while the registry is away, says so, and registers when it is back', async () => {
    const discovery = new LocalDiscovery();
    let isAway = true;
    const flaky = new Proxy(discovery, {
      get: (target, name) => {
        if (name === 'register')
          return (info: never) => (isAway ? Promise.reject(new Error('away')) : target.register(info));
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? (member as () => unknown).bind(target) : member;
      },
    });
    const served = await start({ registry: flaky });
    expect((await fetch(`${served.url}/ready`)).status).toBe(503);
    expect(await (await fetch(`${served.url}/health`)).json()).toMatchObject({ status: 'degraded' });
    isAway = false;
    await expect.poll(async () => (await fetch(`${served.url}/ready`)).status, { timeout: 5_000 }).toBe(200);
    expect(await discovery.findService('slow-tool')).toHaveLength(1);
  });

  it('is degraded, and still ready, while a registry that it is registered in is lost', async () => {
    const clock = createFakeClock();
    const discovery = new LocalDiscovery();
    let loss: Error | undefined;
    discovery.ping = () => (loss === undefined ? Promise.resolve() : Promise.reject(loss));
    const served = await start({ registry: discovery, clock });
    const look = async (path: string) => (await fetch(`${served.url}${path}`)).json();
    loss = new Error('it does not answer');
    await clock.advance(5_000);
    expect(await look('/health')).toMatchObject({
      status: 'degraded',
      checks: { registry: false },
      reasons: ['The registry is lost: it does not answer'],
      since: new Date(clock.now()).toISOString(),
    });
    expect(await look('/ready')).toEqual({ status: 'ready' });
    loss = undefined;
    await clock.advance(5_000);
    expect(await look('/health')).toMatchObject({ status: 'healthy', checks: { registry: true }, reasons: [] });
  });

  it('takes a registry that never answers for lost, and closes in spite of it', async () => {
    const clock = createFakeClock();
    const discovery = new LocalDiscovery();
    const served = await start({ registry: discovery, clock });
    discovery.ping = () => new Promise(() => undefined);
    await clock.advance(5_000);
    await clock.advance(5_000);
    const health = await (await fetch(`${served.url}/health`)).json();
    expect(health).toMatchObject({
      status: 'degraded',
      reasons: ['The registry is lost: Its answer took longer than 5000 ms'],
    });
    await clock.advance(5_000);
    await served.close();
    expect(await discovery.discover()).toEqual([]);
  });

  it.each(['register', 'unregister'] as const)(
    'closes in spite of a registry whose %s never answers',
    async (method) => {
      const clock = createFakeClock();
      const registry = new LocalDiscovery();
      const asked = Promise.withResolvers<undefined>();
      registry[method] = () => {
        asked.resolve(undefined);
        return new Promise(() => undefined);
      };
      const logger = createRecordingLogger();
      const starting = start({ registry, clock, logger });
      await Promise.race([starting, asked.promise]);
      await clock.advance(1_000);
      const served = await starting;
      const closing = served.close();
      await asked.promise;
      await clock.advance(5_000);
      await closing;
      expect(logger.records.at(-1)?.message).toContain('could not be unregistered');
    },
  );

  it('takes a registry that throws where it should reject for lost', async () => {
    const clock = createFakeClock();
    const discovery = new LocalDiscovery();
    const served = await start({ registry: discovery, clock });
    discovery.ping = () => {
      throw new Error('it is broken');
    };
    await clock.advance(5_000);
    const health = await (await fetch(`${served.url}/health`)).json();
    expect(health).toMatchObject({ reasons: ['The registry is lost: it is broken'] });
  });

  it('takes a registry that knows no more than to register', async () => {
    const registry = { register: () => Promise.resolve(), unregister: () => Promise.resolve() };
    const served = await start({ registry: registry as unknown as Registry });
    expect((await fetch(`${served.url}/ready`)).status).toBe(200);
  });

  it('says which port is taken', async () => {
    const blocker = createServer();
    blocker.listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const address = blocker.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start({ port })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(String(port)) as string,
    });
    blocker.close();
  });

  it('finishes what it is doing before it closes, and unregisters first', async () => {
    const discovery = new LocalDiscovery();
    const served = await start({ registry: discovery, drainTimeoutMs: 5_000 });
    const answer = call(served);
    await expect.poll(() => gates.length).toBe(1);
    const closing = served.close();
    await expect.poll(async () => (await discovery.discover()).length).toBe(0);
    gates[0]?.();
    expect(await (await answer).json()).toEqual({ success: true, data: 'done' });
    await closing;
    await expect(fetch(`${served.url}/health`)).rejects.toThrow();
    await served.close();
  });

  it('aborts what takes longer than the drain', async () => {
    const served = await start({ drainTimeoutMs: 100 });
    const answer = call(served);
    await expect.poll(() => gates.length).toBe(1);
    await served.close();
    expect((await answer).status).toBe(503);
  });

  it('advertises the address it is told to', async () => {
    const served = await start({ advertise: { address: 'tools.example.com', port: 80 } });
    expect(served.info).toMatchObject({ address: 'tools.example.com', port: 80 });
  });
});

describe('a served process', () => {
  it('drains on SIGTERM and ends by itself with 0', async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('../../test/served-process.ts', import.meta.url))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout);
    const [url] = (await once(lines, 'line')) as [string];
    const answer = fetch(`${url}/api/capabilities/slow`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    await once(lines, 'line');
    child.kill('SIGTERM');
    const [exit] = (await once(child, 'exit')) as [number];
    expect(await (await answer).json()).toEqual({ success: true, data: 'finished' });
    expect(exit).toBe(0);
  });
});

describe('options of serve() that cannot be used', () => {
  it.each([
    [{ port: -1 }, /port must be a whole number from 0 to 65535, not -1/],
    [{ port: '8080' }, /port must be/],
    [{ host: '' }, /host must be text/],
    [{ host: 5 }, /host must be text/],
    [{ id: '' }, /id must be text/],
    [{ registry: 'redis://127.0.0.1' }, /registry must be a Registry such as new LocalDiscovery\(\)/],
    [{ registry: {} }, /registry must be/],
    [{ logger: console }, /logger must be a Logger .*child/],
    [{ drainTimeoutMs: '5s' }, /drainTimeoutMs must be a number of milliseconds/],
    [{ headersTimeoutMs: Number.NaN }, /headersTimeoutMs must be/],
    [{ callTimeoutMs: -1 }, /callTimeoutMs must be/],
    [{ bodyLimitBytes: 0 }, /bodyLimitBytes must be/],
    [{ advertise: 'tool.example' }, /advertise must be \{ address, port \}/],
    [{ advertise: { address: 'tool.example', port: 0 } }, /advertise must be/],
    [{ port: 1.5, id: 7 }, /port must be .*; id must be/],
    [null, /takes its options as an object, not null/],
  ])('are told by name: %j', async (options, message) => {
    await expect(serve(tool, options as never)).rejects.toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) as string }),
    );
  });

  it.each([undefined, null, {}, 'tool'])('say what is served when it is no component: %j', async (component) => {
    await expect(serve(component as never)).rejects.toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(/defineTool/) as string }),
    );
  });

  it('leave no server behind when the environment cannot be read', async () => {
    vi.stubEnv('GOMIND_K8S_SERVICE_NAME', 'slow-tool');
    vi.stubEnv('GOMIND_K8S_SERVICE_PORT', 'http');
    const port = await freePort();
    await expect(serve(tool, { port, handleSignals: false })).rejects.toThrow(/GOMIND_K8S_SERVICE_PORT/);
    vi.unstubAllEnvs();
    open.push(await serve(tool, { port, handleSignals: false }));
  });

  it.each([
    ['GOMIND_K8S_SERVICE_NAME', 'weather tool/v1', /GOMIND_K8S_SERVICE_NAME .*host name/],
    ['GOMIND_K8S_SERVICE_PORT', '0', /GOMIND_K8S_SERVICE_PORT .*from 1/],
    ['GOMIND_HOST', '203.0.113.7', /203\.0\.113\.7:0 \(.*\), which GOMIND_HOST says\. Choose an address/],
    ['GOMIND_LOG_LEVEL', 'loud', /GOMIND_LOG_LEVEL .*debug, info/],
  ])('name %s when its value %j cannot be used', async (variable, value, message) => {
    vi.stubEnv(variable, value);
    await expect(serve(tool, { handleSignals: false })).rejects.toThrow(message);
    vi.unstubAllEnvs();
  });

  it('say that keys of callers are not asked for yet', async () => {
    vi.stubEnv('GOMIND_API_KEYS', 'planted');
    const logger = createRecordingLogger();
    open.push(await serve(tool, { handleSignals: false, logger }));
    vi.unstubAllEnvs();
    expect(logger.records).toMatchObject([
      { level: 'warn', message: expect.stringContaining('GOMIND_API_KEYS') as string },
    ]);
    expect(JSON.stringify(logger.records)).not.toContain('planted');
  });

  it('name the address, not the port, when it is the address that is wrong', async () => {
    await expect(serve(tool, { host: '203.0.113.7' })).rejects.toThrow(/203\.0\.113\.7.*address of this machine/);
  });

  it('take a time for requests that is shorter than the usual one for headers', async () => {
    open.push(await serve(tool, { requestTimeoutMs: 5_000, handleSignals: false }));
    expect(open).toHaveLength(1);
  });

  it('close the server whatever the registry does', async () => {
    const registry = new LocalDiscovery();
    registry.unregister = () => {
      throw new Error('Not today');
    };
    const served = await serve(tool, { registry, logger: createRecordingLogger(), handleSignals: false });
    await served.close();
    await expect(fetch(`${served.url}/health`)).rejects.toThrow();
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
