/**
 * What every circuit breaker promises, whatever makes it open.
 *
 * @module
 */
import assert from 'node:assert/strict';
import type { CircuitBreaker } from '../../contracts/circuit-breaker.ts';
import { GomindError } from '../../errors/gomind-error.ts';
import type { FakeClock } from '../fake-clock.ts';
import { casesFor, type Cleanup, type ContractCase, rejectsWith } from './contract-case.ts';

/** A closed breaker on a fake clock. */
export interface CircuitBreakerSubject {
  readonly breaker: CircuitBreaker;
  readonly clock: FakeClock;
  /** Failures in a row, with nothing else before, that open it. */
  readonly failuresToOpen: number;
  /** Milliseconds until it admits a probe. */
  readonly sleepWindowMs: number;
  readonly cleanup?: Cleanup;
}

const failure = new GomindError({ code: 'COMPONENT_UNAVAILABLE', message: 'The component is down', isRetryable: true });

async function open({ breaker, failuresToOpen }: CircuitBreakerSubject): Promise<void> {
  for (let count = 0; count < failuresToOpen; count++) {
    await rejectsWith(
      breaker.execute(() => Promise.reject(failure)),
      failure.code,
    );
  }
  assert.equal(breaker.state, 'open');
}

/** The cases of the circuit-breaker contract. */
export function circuitBreakerContract(
  make: () => Promise<CircuitBreakerSubject> | CircuitBreakerSubject,
): ContractCase[] {
  return casesFor(make, {
    'passes results and errors through while closed': async ({ breaker }) => {
      assert.equal(await breaker.execute(() => Promise.resolve(42)), 42);
      const error = new Error('own');
      await assert.rejects(
        breaker.execute(() => Promise.reject(error)),
        (thrown) => thrown === error,
      );
      assert.equal(breaker.state, 'closed');
    },
    'opens after enough failures and then calls nobody': async (subject) => {
      await open(subject);
      let calls = 0;
      const refused = await rejectsWith(
        subject.breaker.execute(() => Promise.resolve(calls++)),
        'CIRCUIT_OPEN',
      );
      assert.equal(calls, 0);
      assert.equal(refused.isRetryable, true);
      const retryAfterMs = refused.details['retryAfterMs'];
      assert.ok(typeof retryAfterMs === 'number' && retryAfterMs > 0 && retryAfterMs <= subject.sleepWindowMs);
    },
    'closes after a good probe': async (subject) => {
      await open(subject);
      await subject.clock.advance(subject.sleepWindowMs + 1);
      assert.equal(await subject.breaker.execute(() => Promise.resolve('well')), 'well');
      assert.equal(subject.breaker.state, 'closed');
    },
    'opens again after a bad probe, for a whole window': async (subject) => {
      await open(subject);
      await subject.clock.advance(subject.sleepWindowMs + 1);
      await rejectsWith(
        subject.breaker.execute(() => Promise.reject(failure)),
        failure.code,
      );
      assert.equal(subject.breaker.state, 'open');
      await subject.clock.advance(subject.sleepWindowMs / 2);
      await rejectsWith(
        subject.breaker.execute(() => Promise.resolve(1)),
        'CIRCUIT_OPEN',
      );
    },
    'admits few probes at once': async (subject) => {
      await open(subject);
      await subject.clock.advance(subject.sleepWindowMs + 1);
      let calls = 0;
      const gate = Promise.withResolvers<number>();
      const work = Array.from({ length: 20 }, () =>
        subject.breaker.execute(() => {
          calls++;
          return gate.promise;
        }),
      );
      const settled = Promise.allSettled(work);
      await subject.clock.advance(0);
      assert.ok(calls >= 1 && calls <= 5, `${String(calls)} probes at once`);
      // Not "at once": whoever obeyed would ask again and again while the probe is at work.
      const refused = await rejectsWith(
        subject.breaker.execute(() => Promise.resolve(1)),
        'CIRCUIT_OPEN',
      );
      const retryAfterMs = refused.details['retryAfterMs'];
      assert.ok(typeof retryAfterMs === 'number' && retryAfterMs > 0, `come back in ${String(retryAfterMs)} ms`);
      gate.resolve(1);
      await settled;
    },
    'counts no call that its caller cancelled, and aborts its operation': async (subject) => {
      for (let count = 0; count < subject.failuresToOpen * 3; count++) {
        const abort = new AbortController();
        let isAborted = false;
        const call = subject.breaker.execute(
          (signal) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => {
                isAborted = true;
                reject(new Error('stopped'));
              });
            }),
          { signal: abort.signal },
        );
        abort.abort();
        await assert.rejects(call);
        assert.equal(isAborted, true);
      }
      assert.equal(subject.breaker.state, 'closed');
    },
    'lets calls pass unguarded after close; closing twice is no error': async (subject) => {
      await open(subject);
      await subject.breaker.close();
      await subject.breaker.close();
      for (let count = 0; count < subject.failuresToOpen * 2; count++) {
        await rejectsWith(
          subject.breaker.execute(() => Promise.reject(failure)),
          failure.code,
        );
      }
      assert.equal(await subject.breaker.execute(() => Promise.resolve('on')), 'on');
      assert.equal(subject.breaker.state, 'closed');
      assert.equal(subject.clock.pendingTimers, 0);
    },
  });
}
