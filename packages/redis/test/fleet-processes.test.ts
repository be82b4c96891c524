import { noopLogger } from '@gomind/core';
import { RedisStorage } from '../src/index.ts';
import { startRedis } from '@gomind/redis-launcher';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { FleetCommand, FleetReply } from './fleet-member.ts';

const members = 10;
const sleepWindowMs = 30_000;
const namespace = 'fleet';

const open: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A provider that is down until it is not, and counts who asks. */
async function startProvider() {
  const provider = { requests: 0, isWell: false, url: '' };
  const server = createServer((_request, response) => {
    provider.requests++;
    response.writeHead(provider.isWell ? 200 : 503).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  provider.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  return provider;
}

async function startMember(redisUrl: string, providerUrl: string): Promise<ChildProcess> {
  const parameters = [redisUrl, namespace, providerUrl, String(sleepWindowMs)];
  const child = fork(join(import.meta.dirname, 'fleet-member.ts'), parameters, { execArgv: [], stdio: 'inherit' });
  open.push(() => child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

async function tell(child: ChildProcess, command: FleetCommand): Promise<FleetReply> {
  const reply = once(child, 'message');
  child.send(command);
  return (await reply)[0] as FleetReply;
}

it(
  'ten processes with a dead provider send one probe per cooldown together, and go on without Redis',
  {
    timeout: 120_000,
  },
  async () => {
    const provider = await startProvider();
    const redis = await startRedis({ isolated: true });
    open.push(() => redis.stop());
    const children = await Promise.all(Array.from({ length: members }, () => startMember(redis.url, provider.url)));
    const tellAll = (command: FleetCommand): Promise<FleetReply[]> =>
      Promise.all(children.map((child) => tell(child, command)));
    const sum = (replies: readonly FleetReply[], what: 'succeeded' | 'failed' | 'refused'): number =>
      replies.reduce((total, reply) => total + reply[what], 0);
    /** A cooldown later everybody calls five times. */
    const round = async (): Promise<FleetReply[]> => {
      await tellAll({ kind: 'advance', ms: sleepWindowMs });
      provider.requests = 0;
      return tellAll({ kind: 'call', times: 5 });
    };
    const store = new RedisStorage({ url: redis.url, namespace, logger: noopLogger });
    open.push(() => store.close());
    /** The store's time passes: the turn of whoever probed last is over. */
    const endTurn = (): Promise<boolean> => store.delete('circuit-turn:provider');

    await tellAll({ kind: 'call', times: 5 });
    expect(await tellAll({ kind: 'call', times: 1 })).toEqual(
      Array.from({ length: members }, () => ({ state: 'open', succeeded: 0, failed: 0, refused: 1 })),
    );

    for (let count = 0; count < 3; count++) {
      const replies = await round();
      expect(provider.requests).toBe(1);
      expect([sum(replies, 'failed'), sum(replies, 'refused')]).toEqual([1, members * 5 - 1]);
      expect(await endTurn()).toBe(true);
    }

    // Without Redis every process is on its own: one probe each, and no call hangs.
    await redis.kill();
    const alone = await round();
    expect(provider.requests).toBe(members);
    expect([sum(alone, 'failed'), sum(alone, 'refused')]).toEqual([members, members * 4]);

    // With an empty Redis back they find together again.
    const revived = await startRedis({ isolated: true, port: redis.port });
    open.push(() => revived.stop());
    await tellAll({ kind: 'connect' });
    await round();
    expect(provider.requests).toBe(1);

    // One finds it up, and all call it again.
    await expect.poll(endTurn, { timeout: 20_000 }).toBe(true);
    provider.isWell = true;
    const first = await round();
    expect(sum(first, 'succeeded')).toBeGreaterThanOrEqual(1);
    expect(sum(first, 'failed')).toBe(0);
    await tellAll({ kind: 'advance', ms: 1_000 });
    await tellAll({ kind: 'call', times: 1 });
    await expect
      .poll(async () => (await tellAll({ kind: 'call', times: 1 })).map(({ state }) => state), { timeout: 20_000 })
      .toEqual(Array.from({ length: members }, () => 'closed'));
  },
);
