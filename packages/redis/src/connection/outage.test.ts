import { createRecordingLogger } from '@gomind/core/testing';
import { type RunningRedis, startRedis } from '@gomind/redis-launcher';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { aComponent, bareClient, failureOf, silentLogger, until } from '../../test/redis-fixture.ts';
import { RedisDiscovery, type RedisDiscoveryOptions } from '../registry/redis-discovery.ts';
import { RedisStorage, type RedisStorageOptions } from '../storage/redis-storage.ts';

const commandTimeoutMs = 400;
/** What a busy machine may add before a timer fires. */
const slackMs = 2_000;
let redis: RunningRedis;

// A server of its own for each test: it is killed, frozen and emptied here.
beforeEach(async () => {
  redis = await startRedis({ isolated: true });
  return () => redis.stop();
});

function discover(options: RedisDiscoveryOptions = {}): RedisDiscovery {
  const discovery = new RedisDiscovery({
    url: redis.url,
    ttlMs: 1_000,
    commandTimeoutMs,
    logger: silentLogger,
    ...options,
  });
  onTestFinished(() => discovery.close());
  return discovery;
}

function store(options: RedisStorageOptions = {}): RedisStorage {
  const storage = new RedisStorage({ url: redis.url, commandTimeoutMs, logger: silentLogger, ...options });
  onTestFinished(() => storage.close());
  return storage;
}

async function restart(): Promise<void> {
  redis = await startRedis({ isolated: true, port: redis.port });
}

describe('a server that is not there', () => {
  it('is STORE_UNAVAILABLE, retryable, within the deadline, naming REDIS_URL and what to do', async () => {
    await redis.kill();
    // Long enough for the refusal of the connection to be heard on a busy machine: it is to be named.
    const patient = discover({ commandTimeoutMs: slackMs });
    const { error, afterMs } = await failureOf(patient.register(aComponent('w1')));
    expect(error).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      isRetryable: true,
      details: { variable: 'REDIS_URL', wasSent: false },
    });
    expect(error.message).toMatch(
      /The registry in Redis \(redis:\/\/127\.0\.0\.1:\d+\).*ECONNREFUSED.*Start Redis.*REDIS_URL/,
    );
    expect(afterMs).toBeLessThan(2 * slackMs);
  });

  it('costs nobody any waiting once it has been away for a while', async () => {
    await redis.kill();
    const storage = store();
    await failureOf(storage.get('key'));
    await wait(commandTimeoutMs);
    // A refusal that needs neither a connection nor a timer comes before any timer, however busy the machine is.
    const late = new Promise<'late'>((resolve) => setTimeout(resolve, 0, 'late'));
    const refusal = failureOf(storage.get('key')).then(({ error }) => error.code);
    expect(await Promise.race([refusal, late])).toBe('STORE_UNAVAILABLE');
  });

  it('is found when it comes, and what was refused meanwhile is not written', async () => {
    await redis.kill();
    const [storage, discovery] = [store(), discover()];
    await failureOf(storage.set('refused', 1));
    await failureOf(discovery.register(aComponent('refused')));
    await restart();
    const afterMs = await until(() =>
      storage.ping().then(
        () => true,
        () => false,
      ),
    );
    expect(afterMs).toBeLessThan(2_000);
    await until(() =>
      discovery.ping().then(
        () => true,
        () => false,
      ),
    );
    await using bare = bareClient(redis.url);
    expect(await bare.keys('*')).toEqual([]);
  });

  it('is told once in the log, and once more when it is back', async () => {
    const logger = createRecordingLogger();
    const storage = store({ logger });
    await storage.ping();
    await redis.kill();
    for (let attempt = 1; attempt <= 3; attempt++) await failureOf(storage.ping());
    await restart();
    await until(() =>
      storage.ping().then(
        () => true,
        () => false,
      ),
    );
    expect(logger.records.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn Redis cannot be reached; trying again in the background',
      'info Redis is connected again',
    ]);
  });

  it('is no hurdle for close', async () => {
    await redis.kill();
    const discovery = discover();
    const waiting = failureOf(discovery.ping());
    await wait(50);
    await discovery.close();
    // Had close waited for the call, its deadline would have ended it.
    expect((await waiting).error.code).toBe('CLOSED');
  });
});

describe('a server that is killed and comes back empty', () => {
  it('has all components again, soon', async () => {
    const [one, other] = [discover({ ttlMs: 30_000 }), discover({ ttlMs: 30_000 })];
    await one.register(aComponent('w1'));
    await other.register(aComponent('w2'));
    await redis.kill();
    expect((await failureOf(one.discover())).error.code).toBe('STORE_UNAVAILABLE');
    await wait(500);
    await restart();
    // Much sooner than the next regular heartbeat, which is 15 s away.
    const afterMs = await until(
      () =>
        one.discover().then(
          (found) => found.length === 2,
          () => false,
        ),
      6_000,
    );
    expect(afterMs).toBeLessThan(4_000);
  });

  it('bridges a blip: a call made while the connection is being made again waits for it', async () => {
    const storage = store({ commandTimeoutMs: 3_000 });
    await storage.ping();
    await redis.kill();
    const answer = storage.set('key', 'value');
    await restart();
    expect(await answer).toBe(true);
    expect(await storage.get('key')).toBe('value');
  });

  it('ends a watch with nothing worse than events', async () => {
    const discovery = discover({ watchIntervalMs: 20 });
    const events: string[] = [];
    const abort = new AbortController();
    const watching = (async () => {
      for await (const { type } of discovery.watch({ signal: abort.signal })) events.push(type);
    })();
    await discovery.register(aComponent('w1'));
    await until(() => events.length === 1);
    await redis.kill();
    await wait(200);
    expect(events).toEqual(['component.up']);
    await restart();
    await until(() =>
      discovery.discover().then(
        (found) => found.length === 1,
        () => false,
      ),
    );
    abort.abort();
    await watching;
  });
});

describe('a frozen server', () => {
  it('is STORE_UNAVAILABLE within the deadline, for reading, writing and pinging', async () => {
    const [discovery, storage] = [discover(), store()];
    await discovery.register(aComponent('w1'));
    await storage.set('key', 1);
    redis.pause();
    const calls = [
      () => discovery.ping(),
      () => discovery.discover(),
      () => discovery.register(aComponent('w2')),
      () => storage.get('key'),
      () => storage.compareAndSet('key', 1, 2),
      () => Array.fromAsync(storage.keys('')),
    ];
    const failures = await Promise.all(calls.map((call) => failureOf(call())));
    for (const { error, afterMs } of failures) {
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', isRetryable: true, details: { wasSent: true } });
      expect(error.message).toContain(`no answer within ${String(commandTimeoutMs)} ms`);
      expect(afterMs).toBeLessThan(commandTimeoutMs + slackMs);
    }
    redis.resume();
    await until(() =>
      storage.ping().then(
        () => true,
        () => false,
      ),
    );
    expect(await storage.get('key')).toBe(2);
  });

  it('does not answer a new connection either, and is used again when it goes on', async () => {
    redis.pause();
    const storage = store();
    const { error, afterMs } = await failureOf(storage.ping());
    expect(error.code).toBe('STORE_UNAVAILABLE');
    expect(afterMs).toBeLessThan(commandTimeoutMs + slackMs);
    await wait(500);
    redis.resume();
    expect(
      await until(() =>
        storage.ping().then(
          () => true,
          () => false,
        ),
      ),
    ).toBeLessThan(2_500);
  });

  it('does not keep close waiting for long', async () => {
    const discovery = discover();
    await discovery.register(aComponent('w1'));
    redis.pause();
    const startedAt = performance.now();
    await discovery.close();
    expect(performance.now() - startedAt).toBeLessThan(2_500);
  });

  it('longer than the time to live: the component is back by itself', async () => {
    const discovery = discover({ ttlMs: 300 });
    await discovery.register(aComponent('w1'));
    redis.pause();
    await wait(700);
    redis.resume();
    await until(() =>
      discovery.discover().then(
        (found) => found.length === 1,
        () => false,
      ),
    );
  });
});

describe('connections that are cut', () => {
  it('again and again lose no component and no value', async () => {
    const [discovery, storage] = [discover({ commandTimeoutMs: 2_000 }), store({ commandTimeoutMs: 2_000 })];
    await discovery.register(aComponent('w1'));
    await using bare = bareClient(redis.url);
    const written: number[] = [];
    for (let round = 0; round < 10; round++) {
      await bare.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      const isWritten = await storage.set(`key${String(round)}`, round).catch(() => false);
      if (isWritten) written.push(round);
    }
    for (const round of written) expect(await storage.get(`key${String(round)}`)).toBe(round);
    expect(written.length).toBeGreaterThan(5);
    // On a busy machine ten cuts take longer than the time to live; the next heartbeat registers it again.
    await until(() =>
      discovery.discover().then(
        (found) => found.length === 1,
        () => false,
      ),
    );
  });
});

describe('credentials', () => {
  const secret = 's3cr3t-p%40ss';

  it('open the door, and are in no message and no log when they are wrong', async () => {
    await using bare = bareClient(redis.url);
    await bare.config('SET', 'requirepass', decodeURIComponent(secret));
    const logger = createRecordingLogger();
    const right = store({ url: `redis://:${secret}@127.0.0.1:${String(redis.port)}/3`, logger });
    expect(await right.set('key', 1)).toBe(true);

    const wrong = store({ url: `redis://someone:wrong-${secret}@127.0.0.1:${String(redis.port)}`, logger });
    const { error } = await failureOf(wrong.get('key'));
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', isRetryable: false });
    // The server's own words, not those of a deadline.
    expect(error.message).toMatch(/\(redis:\/\/\*\*\*@127\.0\.0\.1:\d+\) refuses access: WRONGPASS.*REDIS_URL/);

    const none = store({ logger });
    expect((await failureOf(none.get('key'))).error.message).toContain('NOAUTH');
    const told = JSON.stringify([error, error.cause, error.stack, logger.records]);
    expect(logger.records.length).toBeGreaterThan(0);
    for (const part of [secret, decodeURIComponent(secret), 'someone']) expect(told).not.toContain(part);
  });
});

describe('a full server', () => {
  it('is STORE_FULL and can still be read', async () => {
    const storage = store();
    await storage.set('key', 'value');
    await using bare = bareClient(redis.url);
    await bare.config('SET', 'maxmemory', '1mb');
    const { error } = await failureOf(storage.set('more', 'x'.repeat(100)));
    expect(error).toMatchObject({ code: 'STORE_FULL', isRetryable: false });
    expect(error.message).toContain('maxmemory');
    expect(await storage.get('key')).toBe('value');
  });
});

describe('something that is no Redis', () => {
  it('that never says a word is STORE_UNAVAILABLE within the deadline', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const storage = new RedisStorage({
      url: `redis://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
      commandTimeoutMs,
      logger: silentLogger,
    });
    const { error, afterMs } = await failureOf(storage.ping());
    expect(error.code).toBe('STORE_UNAVAILABLE');
    expect(afterMs).toBeLessThan(commandTimeoutMs + slackMs);
    await storage.close();
    server.close();
  });
});
