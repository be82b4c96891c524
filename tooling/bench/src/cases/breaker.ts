/**
 * What a circuit breaker costs: a call that passes against opossum in its lean setting, a refusal against a rejected promise
 * with an Error, and the heap of one breaker among 10,000 that are in use.
 *
 * @module
 */
import { type CircuitBreaker, CooldownBreaker, MemoryStorage } from '@gomind/core';
import { createCircuitBreaker, createFleetCircuitBreaker } from '@gomind/resilience';
import OpossumBreaker from 'opossum';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { BenchCase } from '../bench-case.ts';
import { type BenchRow, measure, withBounds } from '../measure.ts';

const calls = 20_000;
const breakers = 10_000;
const boundBytes = 4_096;

export const benchCase: BenchCase = {
  summary: `${String(calls)} calls, and the heap of each of ${String(breakers)} breakers (bytes stand as ms, x 1 = ${String(boundBytes)} bytes)`,
  run: async (): Promise<readonly BenchRow[]> => [...(await passing()), ...(await refusing()), ...(await memory())],
};

const operation = (): Promise<number> => Promise.resolve(1);

async function passing(): Promise<readonly BenchRow[]> {
  const lean = new OpossumBreaker(operation, {
    timeout: false,
    enableSnapshots: false,
    rollingPercentilesEnabled: false,
  });
  const ours = createCircuitBreaker({ name: 'bench' });
  const slowAware = createCircuitBreaker({ name: 'bench', slowCallMs: 1_000, windowCalls: 100 });
  const shared = createFleetCircuitBreaker({ name: 'bench', store: new MemoryStorage() });
  const builtIn = new CooldownBreaker({ name: 'bench', timeoutMs: Number.POSITIVE_INFINITY });
  const measurements = await measure(
    {
      'opossum, lean': () => repeat(() => lean.fire()),
      'ours, closed': () => repeat(() => ours.execute(operation)),
      'ours, slow calls and a window of calls': () => repeat(() => slowAware.execute(operation)),
      'ours, shared by a fleet': () => repeat(() => shared.execute(operation)),
      'the built-in one': () => repeat(() => builtIn.execute(operation)),
      'bare promise': () => repeat(operation),
    },
    { baseline: 'opossum, lean', warmupRounds: 3 },
  );
  lean.shutdown();
  await shared.close();
  return withBounds(measurements, {
    'ours, closed': 1.5,
    'ours, slow calls and a window of calls': 1.5,
    'ours, shared by a fleet': 1.5,
    'the built-in one': 1.5,
  });
}

async function refusing(): Promise<readonly BenchRow[]> {
  const ours = createCircuitBreaker({ name: 'bench' });
  ours.forceOpen();
  const builtIn = new CooldownBreaker({ name: 'bench', failureThreshold: 1, cooldownMs: 3_600_000 });
  await builtIn.execute(() => Promise.reject(new Error('down'))).catch(ignore);
  const measurements = await measure(
    {
      'rejected promise': () => repeat(() => Promise.reject(new Error('down')).catch(ignore)),
      'ours, open': () => repeat(() => ours.execute(operation).catch(ignore)),
      'the built-in one, open': () => repeat(() => builtIn.execute(operation).catch(ignore)),
    },
    { baseline: 'rejected promise', warmupRounds: 3 },
  );
  return withBounds(measurements, { 'ours, open': 1.2, 'the built-in one, open': 1.2 });
}

async function memory(): Promise<readonly BenchRow[]> {
  const store = new MemoryStorage();
  return [
    await bytesOf('bytes of one breaker', (name) => createCircuitBreaker({ name })),
    await bytesOf('bytes of one that a fleet shares', (name) => createFleetCircuitBreaker({ name, store })),
    await bytesOf('bytes of the built-in one', (name) => new CooldownBreaker({ name })),
  ];
}

async function bytesOf(name: string, make: (name: string) => CircuitBreaker): Promise<BenchRow> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage();
  const all: CircuitBreaker[] = [];
  for (let index = 0; index < breakers; index++) {
    const breaker = make(`dependency-${String(index)}`);
    await breaker.execute(operation);
    all.push(breaker);
  }
  collect();
  const after = process.memoryUsage();
  const bytes = (after.heapUsed - before.heapUsed + after.external - before.external) / all.length;
  await Promise.all(all.map((breaker) => breaker.close()));
  return { name, medianMs: bytes, ratio: bytes / boundBytes, bound: 1 };
}

async function repeat(once: () => Promise<unknown>): Promise<void> {
  for (let left = calls; left > 0; left--) await once();
}

function ignore(): undefined {
  return undefined;
}
