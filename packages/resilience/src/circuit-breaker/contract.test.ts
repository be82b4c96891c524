import { circuitBreakerContract, createFakeClock } from '@gomind/core/testing';
import { describe, it } from 'vitest';
import { createCircuitBreaker } from './circuit-breaker.ts';

describe('createCircuitBreaker', () => {
  const cases = circuitBreakerContract(() => {
    const clock = createFakeClock();
    const breaker = createCircuitBreaker({ name: 'contract', volumeThreshold: 5, sleepWindowMs: 30_000, clock });
    return { breaker, clock, failuresToOpen: 5, sleepWindowMs: 30_000, cleanup: () => breaker.close() };
  });
  for (const { name, run } of cases) it(name, run);
});
