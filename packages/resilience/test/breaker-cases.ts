/**
 * What every breaker must do: the conformance cases B1 to B13, collected from the tests and bug reports of Hystrix,
 * resilience4j, Polly, Failsafe and opossum.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { GomindError } from '@gomind/core';
import { call, fail, hold, type MakeHarness, settle, stateOf, succeed, trip } from './breaker-harness.ts';

/** One case; `holdsOnOpossum` says what bare opossum 10.0.0 makes of it. */
export interface BreakerCase {
  readonly name: string;
  readonly holdsOnOpossum: boolean;
  run(make: MakeHarness): Promise<void>;
}

const badRequest = (): GomindError =>
  new GomindError({ code: 'INPUT_ERROR', message: 'amount must be positive', details: { statusCode: 422 } });

/** The cases that need nothing but core's contract. */
export const breakerCases: readonly BreakerCase[] = [
  {
    name: 'B1 stays closed below the volume threshold, however bad the calls are',
    holdsOnOpossum: true,
    run: async (make) => {
      const harness = make({ volumeThreshold: 10 });
      await trip(harness, 9);
      assert.equal(stateOf(harness), 'closed');
      assert.equal((await succeed(harness)).kind, 'succeeded');
    },
  },
  {
    name: 'B2 opens when more than the threshold of enough calls failed, and not at the threshold itself',
    holdsOnOpossum: true,
    run: async (make) => {
      const harness = make({ volumeThreshold: 10, errorThreshold: 0.5 });
      for (let count = 0; count < 5; count++) await succeed(harness);
      await trip(harness, 5);
      assert.equal(stateOf(harness), 'closed');
      await fail(harness);
      assert.equal(stateOf(harness), 'open');
      assert.equal((await succeed(harness)).kind, 'refused');
    },
  },
  {
    name: 'B3 forgets failures that left the window',
    holdsOnOpossum: true,
    run: async (make) => {
      const harness = make({ volumeThreshold: 10, windowMs: 10_000 });
      await trip(harness, 9);
      await harness.advance(10_500);
      await trip(harness, 9);
      assert.equal(stateOf(harness), 'closed');
      await fail(harness);
      assert.equal(stateOf(harness), 'open');
    },
  },
  {
    name: 'B3 slides: the early failures leave while the late ones stay',
    holdsOnOpossum: true,
    run: async (make) => {
      const harness = make({ volumeThreshold: 10, windowMs: 10_000 });
      await trip(harness, 5);
      await harness.advance(6_000);
      await trip(harness, 4);
      await harness.advance(5_000);
      await trip(harness, 5);
      assert.equal(stateOf(harness), 'closed');
      await fail(harness);
      assert.equal(stateOf(harness), 'open');
    },
  },
  {
    name: 'B4 lets one probe through under 1,000 concurrent calls',
    holdsOnOpossum: true,
    run: async (make) => {
      const harness = make({ sleepWindowMs: 1_000 });
      await trip(harness);
      await harness.advance(1_000);
      const held = Array.from({ length: 1_000 }, () => hold(harness));
      await settle(harness);
      assert.equal(held.filter(({ signal }) => signal !== undefined).length, 1);
    },
  },
  {
    name: 'B5 closes when the probe succeeds',
    holdsOnOpossum: true,
    run: async (make) => {
      const harness = make({ sleepWindowMs: 1_000 });
      await trip(harness);
      await harness.advance(999);
      assert.equal((await succeed(harness)).kind, 'refused');
      await harness.advance(1);
      assert.equal(stateOf(harness), 'half-open');
      assert.equal((await succeed(harness)).kind, 'succeeded');
      assert.equal(stateOf(harness), 'closed');
    },
  },
  {
    name: 'B5 opens for a whole new sleep when the probe fails',
    holdsOnOpossum: true,
    run: async (make) => {
      const harness = make({ sleepWindowMs: 1_000 });
      await trip(harness);
      await harness.advance(1_500);
      assert.equal((await fail(harness)).kind, 'failed');
      assert.equal(stateOf(harness), 'open');
      await harness.advance(999);
      assert.equal((await succeed(harness)).kind, 'refused');
      await harness.advance(1);
      assert.equal((await succeed(harness)).kind, 'succeeded');
    },
  },
  {
    name: 'B5 starts with an empty window after closing',
    holdsOnOpossum: false,
    run: async (make) => {
      const harness = make({ sleepWindowMs: 1_000, windowMs: 60_000 });
      await trip(harness);
      await harness.advance(1_000);
      await succeed(harness);
      await trip(harness, 9);
      assert.equal(stateOf(harness), 'closed');
    },
  },
  {
    name: 'B6 a call admitted before the trip does not close the circuit by succeeding late',
    holdsOnOpossum: false,
    run: async (make) => {
      const harness = make({ sleepWindowMs: 1_000 });
      const early = hold(harness);
      await trip(harness);
      await harness.advance(1_000);
      const probe = hold(harness);
      early.resolve('late');
      assert.deepEqual(await early.result, { kind: 'succeeded', value: 'late' });
      assert.equal(stateOf(harness), 'half-open');
      assert.equal((await succeed(harness)).kind, 'refused');
      probe.resolve();
      await probe.result;
      assert.equal(stateOf(harness), 'closed');
    },
  },
  {
    name: 'B6 a call admitted before the trip does not reopen the circuit by failing late',
    holdsOnOpossum: false,
    run: async (make) => {
      const harness = make({ sleepWindowMs: 1_000 });
      const early = hold(harness);
      await trip(harness);
      await harness.advance(1_000);
      const probe = hold(harness);
      early.reject(new Error('late'));
      await early.result;
      assert.equal(stateOf(harness), 'half-open');
      probe.resolve();
      await probe.result;
      assert.equal(stateOf(harness), 'closed');
    },
  },
  {
    name: 'B7 a probe that never settles frees its slot at its deadline',
    holdsOnOpossum: false,
    run: async (make) => {
      const harness = make({ sleepWindowMs: 1_000 });
      await trip(harness);
      await harness.advance(1_000);
      const probe = hold(harness);
      await harness.advance(30_000);
      assert.equal(stateOf(harness), 'open');
      const result = await probe.result;
      assert.ok(result.kind === 'failed' && GomindError.isInstance(result.error, 'TIMEOUT'));
      await harness.advance(1_000);
      assert.equal((await succeed(harness)).kind, 'succeeded');
    },
  },
  {
    name: 'B8 cancelling a probe frees its slot and decides nothing',
    holdsOnOpossum: false,
    run: async (make) => {
      const harness = make({ sleepWindowMs: 1_000 });
      await trip(harness);
      await harness.advance(1_000);
      const controller = new AbortController();
      const probe = call(harness, rejectOnAbort(controller.signal), controller.signal);
      await settle(harness);
      controller.abort();
      assert.equal((await probe).kind, 'failed');
      assert.equal(stateOf(harness), 'half-open');
      assert.equal((await fail(harness)).kind, 'failed');
      assert.equal(stateOf(harness), 'open');
    },
  },
  {
    name: 'B9 refusals by a rate limit or a bulkhead are no failures',
    holdsOnOpossum: true,
    run: async (make) => {
      const harness = make();
      for (const code of ['RATE_LIMITED', 'BULKHEAD_FULL', 'CIRCUIT_OPEN', 'RATE_LIMIT']) {
        for (let count = 0; count < 10; count++) {
          await fail(harness, new GomindError({ code, message: 'not now', isRetryable: true }));
        }
      }
      assert.equal(stateOf(harness), 'closed');
    },
  },
  {
    name: 'B10 an ignored error of a probe neither closes nor opens',
    holdsOnOpossum: false,
    run: async (make) => {
      const harness = make({ sleepWindowMs: 1_000 });
      await trip(harness);
      await harness.advance(1_000);
      assert.equal((await fail(harness, badRequest())).kind, 'failed');
      assert.equal(stateOf(harness), 'half-open');
      assert.equal((await fail(harness)).kind, 'failed');
      assert.equal(stateOf(harness), 'open');
    },
  },
  {
    name: 'B10 ignored errors do not dilute the failures',
    holdsOnOpossum: false,
    run: async (make) => {
      const harness = make();
      for (let count = 0; count < 20; count++) await fail(harness, badRequest());
      await trip(harness);
      assert.equal(stateOf(harness), 'open');
    },
  },
  {
    name: 'B11 calls in flight are not in the denominator',
    holdsOnOpossum: false,
    run: async (make) => {
      const harness = make();
      const held = Array.from({ length: 100 }, () => hold(harness));
      await trip(harness, 90);
      assert.equal(stateOf(harness), 'open');
      for (const waiting of held) waiting.resolve();
      await settle(harness);
      assert.equal(stateOf(harness), 'open');
    },
  },
  {
    name: 'B12 an operation may return undefined, return no promise, return a thenable or throw at once',
    holdsOnOpossum: false,
    run: async (make) => {
      const harness = make();
      const plain = (value: unknown) => () => value as Promise<unknown>;
      // Not a promise, yet awaitable.
      const thenable = {
        then: (onResolved: (value: string) => void): void => {
          onResolved('thenable');
        },
      };
      assert.deepEqual(await call(harness, plain(7)), { kind: 'succeeded', value: 7 });
      assert.deepEqual(await call(harness, plain(thenable)), { kind: 'succeeded', value: 'thenable' });
      const thrown = new Error('at once');
      const throwing = (): Promise<unknown> => {
        throw thrown;
      };
      assert.deepEqual(await call(harness, throwing), { kind: 'failed', error: thrown });
      assert.deepEqual(await call(harness, plain(undefined)), { kind: 'succeeded', value: undefined });
    },
  },
  {
    name: 'B13 a timeout aborts its own call and no other',
    holdsOnOpossum: false,
    run: async (make) => {
      const harness = make({ timeoutMs: 100 });
      const slow = hold(harness);
      await harness.advance(50);
      const healthy = hold(harness);
      await harness.advance(50);
      assert.equal((await slow.result).kind, 'failed');
      assert.equal(slow.signal?.aborted, true);
      assert.equal(healthy.signal?.aborted, false);
      healthy.resolve('fine');
      assert.deepEqual(await healthy.result, { kind: 'succeeded', value: 'fine' });
      const next = hold(harness);
      await settle(harness);
      assert.equal(next.signal?.aborted, false);
      next.resolve();
      await next.result;
    },
  },
  {
    name: 'B17 a refusal names the dependency and says when to come back',
    holdsOnOpossum: false,
    run: async (make) => {
      const harness = make({ sleepWindowMs: 1_000 });
      await trip(harness);
      await harness.advance(400);
      const result = await succeed(harness);
      assert.ok(result.kind === 'refused');
      assert.equal(result.error.isRetryable, true);
      assert.equal(result.error.details['retryAfterMs'], 600);
      assert.equal(result.error.details['dependency'], harness.breaker.name);
      assert.match(result.error.message, new RegExp(harness.breaker.name));
    },
  },
];

function rejectOnAbort(signal: AbortSignal): () => Promise<unknown> {
  return () =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(new DOMException('The operation was aborted', 'AbortError'));
      });
    });
}
