/**
 * One process of a fleet, steered by the test over its IPC channel: makes calls to a provider under a shared circuit breaker.
 * Its clock stands still until the test lets time pass, so that a busy machine changes nothing; Redis and HTTP are real.
 *
 * @module
 */
import { GomindError, noopLogger } from '@gomind/core';
import { createFakeClock } from '@gomind/core/testing';
import { RedisStorage } from '../src/index.ts';
import { createFleetCircuitBreaker } from '@gomind/resilience';

/** What the test asks for. */
export type FleetCommand =
  | { readonly kind: 'call'; readonly times: number }
  | { readonly kind: 'advance'; readonly ms: number }
  /** Waits until Redis answers. */
  | { readonly kind: 'connect' };

/** What became of it. */
export interface FleetReply {
  readonly state: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly refused: number;
}

const [, , redisUrl = '', namespace = '', providerUrl = '', sleepWindowMs = ''] = process.argv;
const clock = createFakeClock({ seed: process.pid });
const store = new RedisStorage({ url: redisUrl, namespace, logger: noopLogger });
const breaker = createFleetCircuitBreaker({
  name: 'provider',
  store,
  clock,
  volumeThreshold: 3,
  sleepWindowMs: Number(sleepWindowMs),
});

async function askProvider(signal: AbortSignal): Promise<string> {
  const response = await fetch(providerUrl, { signal });
  if (!response.ok) throw Object.assign(new Error('The provider is down'), { status: response.status });
  return response.text();
}

async function perform(command: FleetCommand): Promise<FleetReply> {
  const reply = { succeeded: 0, failed: 0, refused: 0 };
  if (command.kind === 'advance') await clock.advance(command.ms);
  if (command.kind === 'connect') await untilConnected();
  if (command.kind === 'call') {
    const calls = Array.from({ length: command.times }, async () => {
      try {
        await breaker.execute(askProvider);
        reply.succeeded++;
      } catch (error) {
        if (GomindError.isInstance(error, 'CIRCUIT_OPEN')) reply.refused++;
        else reply.failed++;
      }
    });
    await Promise.all(calls);
  }
  return { ...reply, state: breaker.state };
}

async function untilConnected(): Promise<void> {
  for (;;) {
    try {
      await store.get('ready');
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

process.on('message', (command) => {
  void perform(command as FleetCommand).then((reply) => process.send?.(reply));
});
// The test is gone, or has enough.
process.on('disconnect', () => process.exit());
await untilConnected();
process.send?.('ready');
