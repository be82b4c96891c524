/**
 * Starts a Redis server for tests, on a free loopback port, that keeps nothing and outlives nobody.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './find-program.ts';
import { findServer } from './find-server.ts';
import type { ServerCommand, ServerSignal } from './server-command.ts';
import { startWatchdog } from './watchdog.ts';

/** Options of {@link startRedis}. */
export interface StartRedisOptions {
  /** Port to listen on, to start a killed server again where it was. Default: a free one. */
  readonly port?: number;
  /** True starts a server even when `REDIS_URL` is set, for tests that kill or pause it. Default: false. */
  readonly isolated?: boolean;
  /** Where `REDIS_URL` and `PATH` are read. Default: the process's own. */
  readonly environment?: Environment;
  /** Folder for downloaded packages. Default: `node_modules/.cache` of the workspace. */
  readonly cacheFolder?: string;
}

/** A server that tests may use. With `REDIS_URL` it belongs to somebody else: signals and `stop` then do nothing. */
export interface RunningRedis {
  readonly url: string;
  readonly port: number;
  /** Process id; undefined for a server of somebody else and in a container. */
  readonly pid: number | undefined;
  /** Where the server came from, for example `redis-server on PATH`. */
  readonly origin: string;
  /** Ends the server as a crash would, by default with SIGKILL, waits for its end, and removes its (empty) folder. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Freezes the server (SIGSTOP): connections stay open, nothing is answered. */
  pause(): void;
  /** Lets a frozen server go on. */
  resume(): void;
  /** Ends the server. Calling it twice is no error. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const maxAttempts = 5;
const readyTimeoutMs = 15_000;

/**
 * A Redis server: the one of `REDIS_URL`, else one of its own from `redis-server` on PATH, Debian's packages unpacked
 * privately (no root), or docker. Never listens on 6379, never writes to disk, ends with the process that started it.
 *
 * @throws Error that names every way that was tried and what to do
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<RunningRedis> {
  const environment = options.environment ?? process.env;
  const given = environment['REDIS_URL']?.trim();
  if (given !== undefined && given !== '' && options.isolated !== true) return foreignServer(given);
  const command = findServer(environment, options.cacheFolder);
  let failure = '';
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const started = await launch(command, options.port ?? (await freePort()), environment);
    if (typeof started !== 'string') return started;
    failure = started;
  }
  throw new Error(`Redis (${command.origin}) does not start: ${failure}`);
}

function foreignServer(url: string): RunningRedis {
  const nothing = (): Promise<void> => Promise.resolve();
  const ignore = (): void => undefined;
  const port = Number(new URL(url).port || '6379');
  return {
    url,
    port,
    pid: undefined,
    origin: 'REDIS_URL',
    kill: nothing,
    pause: ignore,
    resume: ignore,
    stop: nothing,
    [Symbol.asyncDispose]: nothing,
  };
}

/** @returns the running server, or what it said before it ended */
async function launch(command: ServerCommand, port: number, environment: Environment): Promise<RunningRedis | string> {
  const directory = mkdtempSync(join(tmpdir(), 'gomind-redis-'));
  const { file, parameters, environment: extra } = command.launch(port, directory);
  const child = spawn(file, parameters, { env: { ...environment, ...extra }, stdio: ['ignore', 'pipe', 'pipe'] });
  const life = watchLife(child);
  const callOff = startWatchdog(command.lastResort(port), [String(child.pid ?? 0), directory]);
  const signal = (name: ServerSignal): void => {
    if (!life.isOver()) command.signal(child, port, name);
  };
  const endAtExit = (): void => {
    signal('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', endAtExit);
  const kill = async (name: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> => {
    child.ref();
    signal(name);
    await life.over;
    callOff();
    process.removeListener('exit', endAtExit);
    rmSync(directory, { recursive: true, force: true });
  };
  const stop = (): Promise<void> => kill();
  if (!(await isReady(port, life.isOver))) {
    await stop();
    return life.output() || 'it did not answer in time';
  }
  // A forgotten server must not keep the process of the tests; the watchdog ends it.
  child.unref();
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    port,
    pid: command.hasPid ? child.pid : undefined,
    origin: command.origin,
    kill,
    pause: () => {
      signal('SIGSTOP');
    },
    resume: () => {
      signal('SIGCONT');
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Life {
  readonly over: Promise<void>;
  readonly isOver: () => boolean;
  readonly output: () => string;
}

function watchLife(child: ChildProcess): Life {
  let output = '';
  let isOver = false;
  const note = (text: unknown): void => {
    output = `${output}${String(text)}`.slice(-2_000);
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', note);
    (stream as { readonly unref?: () => void } | null)?.unref?.();
  }
  const over = new Promise<void>((resolve) => {
    const end = (): void => {
      isOver = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', (error) => {
      note(error.message);
      end();
    });
  });
  return { over, isOver: () => isOver, output: () => output.trim() };
}

async function isReady(port: number, isOver: () => boolean): Promise<boolean> {
  const deadline = performance.now() + readyTimeoutMs;
  while (!isOver() && performance.now() < deadline) {
    // Somebody else's server on the port would answer too, but ours could not start there then.
    if (await answersPing(port)) return !isOver();
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  return false;
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let reply = '';
    socket.setTimeout(500, () => socket.destroy());
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('data', (data) => {
      reply += data.toString('latin1');
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(reply.startsWith('+PONG'));
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
