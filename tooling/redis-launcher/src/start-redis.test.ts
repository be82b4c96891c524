import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { startRedis } from './start-redis.ts';

const folders: string[] = [];

function folderWith(programs: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'launcher-test-'));
  folders.push(folder);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Sends one command and gives what comes back within 500 ms. */
function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    let reply = '';
    socket.setTimeout(500, () => socket.destroy());
    socket.on('data', (data) => {
      reply += data.toString();
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(reply);
    });
  });
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition() && performance.now() < deadline) await wait(20);
  expect(condition()).toBe(true);
}

describe('startRedis', () => {
  it('starts a server on a free loopback port that keeps nothing on disk', async () => {
    await using redis = await startRedis({ isolated: true });
    expect(redis.port).not.toBe(6379);
    expect(redis.url).toBe(`redis://127.0.0.1:${String(redis.port)}`);
    expect(await ask(redis.port, 'PING')).toContain('PONG');
    expect(await ask(redis.port, 'CONFIG GET appendonly')).toContain('no');
  });

  it('kills a server and starts it again, empty, on the same port', async () => {
    await using first = await startRedis({ isolated: true });
    await ask(first.port, 'SET key value');
    await first.kill();
    expect(await ask(first.port, 'PING')).toBe('');
    await using second = await startRedis({ isolated: true, port: first.port });
    expect(second.port).toBe(first.port);
    expect(await ask(second.port, 'EXISTS key')).toContain(':0');
  });

  it('freezes a server and lets it go on', async () => {
    await using redis = await startRedis({ isolated: true });
    redis.pause();
    expect(await ask(redis.port, 'PING')).toBe('');
    redis.resume();
    expect(await ask(redis.port, 'PING')).toContain('PONG');
  });

  it('stops a frozen server, and stopping twice is no error', async () => {
    const redis = await startRedis({ isolated: true });
    redis.pause();
    await redis.stop();
    await redis.stop();
    expect(isAlive(redis.pid ?? 0)).toBe(false);
  });

  it('uses the server of REDIS_URL and does it no harm', async () => {
    await using owner = await startRedis({ isolated: true });
    const guest = await startRedis({ environment: { ...process.env, REDIS_URL: owner.url } });
    expect(guest).toMatchObject({ url: owner.url, port: owner.port, pid: undefined, origin: 'REDIS_URL' });
    guest.pause();
    await guest.kill();
    await guest.stop();
    expect(await ask(owner.port, 'PING')).toContain('PONG');
  });

  it('takes a redis-server on PATH before anything else', async () => {
    const environment = { PATH: folderWith({ 'redis-server': 'echo "this is no server"; exit 3' }) };
    await expect(startRedis({ environment })).rejects.toThrow(/redis-server on PATH.*this is no server/);
  });

  it('falls back to docker, where a daemon answers, and publishes on loopback alone', async () => {
    const folder = folderWith({ docker: 'test "$1" = info && exit 0\necho "$@"; exit 1' });
    const started = startRedis({ environment: { PATH: folder }, cacheFolder: join(folder, 'cache') });
    await expect(started).rejects.toThrow(/\(docker\).*--publish 127\.0\.0\.1:\d+:6379 redis:7-alpine/);
  });

  it('names every way it tried when there is none', async () => {
    const folder = folderWith({});
    const started = startRedis({ environment: { PATH: folder }, cacheFolder: join(folder, 'cache') });
    await expect(started).rejects.toThrow(/REDIS_URL.*PATH.*no apt-get.*no docker.*apt-get install redis-server/);
  });

  it('ends the server of a process that was killed', async () => {
    const code = `import { startRedis } from './index.ts';
      const redis = await startRedis({ isolated: true });
      console.log(redis.pid);
      setInterval(() => undefined, 1_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { cwd: import.meta.dirname });
    const [line] = (await child.stdout.take(1).toArray()) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });

  it('does not hold a process that forgets to stop it', async () => {
    const code = `import { startRedis } from './index.ts';
      console.log((await startRedis({ isolated: true })).pid);`;
    const parameters = ['--input-type=module', '--eval', code];
    const { stdout } = await promisify(execFile)(process.execPath, parameters, {
      cwd: import.meta.dirname,
      timeout: 15_000,
    });
    await until(() => !isAlive(Number(stdout)));
  });
});
