/**
 * What the tests against a real Redis share.
 *
 * @module
 */
import type {} from '@gomind/redis-launcher/global-setup';
import { type ComponentInfo, GomindError, noopLogger } from '@gomind/core';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

/** Tests that expect warnings use a recording logger; the others stay silent. */
export const silentLogger = noopLogger;

/** A namespace that nobody else uses. */
export function freshNamespace(): string {
  return `test-${randomUUID()}`;
}

/** A bare client, to see what really stands in Redis. */
export function bareClient(url: string): Redis & AsyncDisposable {
  const client = new Redis(url);
  client.on('error', () => undefined);
  return Object.assign(client, {
    [Symbol.asyncDispose]: () => {
      client.disconnect();
      return Promise.resolve();
    },
  });
}

/** Every key of a namespace. Test servers may be shared: nothing else is ever deleted. */
export async function keysOf(client: Redis, namespace: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of client.scanStream({ match: `${namespace}:*`, count: 1_000 }))
    keys.push(...(page as string[]));
  return [...new Set(keys)].sort();
}

/** A component that can be registered. */
export function aComponent(id: string, overrides: Partial<ComponentInfo> = {}): ComponentInfo {
  return {
    id,
    name: 'weather-tool',
    type: 'tool',
    description: 'Weather of today',
    address: '127.0.0.1',
    port: 8080,
    capabilities: [{ name: 'forecast', description: 'Tell the weather' }],
    ...overrides,
  };
}

/** Waits until something holds. */
export async function until(condition: () => Promise<boolean> | boolean, timeoutMs = 5_000): Promise<number> {
  const startedAt = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedAt > timeoutMs)
      throw new Error(`It did not come true within ${String(timeoutMs)} ms.`);
    await wait(10);
  }
  return performance.now() - startedAt;
}

/** The GomindError that a promise rejects with, and how long that took. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<{ readonly error: GomindError; readonly afterMs: number }> {
  const startedAt = performance.now();
  try {
    await promise;
  } catch (error) {
    if (GomindError.isInstance(error)) return { error, afterMs: performance.now() - startedAt };
    throw error;
  }
  throw new Error('It did not fail.');
}
