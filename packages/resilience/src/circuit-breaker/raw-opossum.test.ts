import OpossumBreaker from 'opossum';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { breakerCases } from '../../test/breaker-cases.ts';
import type { MakeHarness } from '../../test/breaker-harness.ts';
import { createRawOpossum } from '../../test/raw-opossum.ts';
import { createBulkhead, createCircuitBreaker, wrap } from '../index.ts';

const make: MakeHarness = (options) => ({
  breaker: createRawOpossum(options),
  advance: async (ms) => {
    await vi.advanceTimersByTimeAsync(ms);
  },
});

describe('bare opossum, as a control of the conformance cases', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  for (const breakerCase of breakerCases) {
    const verdict = breakerCase.holdsOnOpossum ? 'passes' : 'fails';
    it(`${verdict}: ${breakerCase.name}`, async () => {
      const run = breakerCase.run(make);
      if (breakerCase.holdsOnOpossum) await run;
      else await expect(run).rejects.toThrow();
    });
  }

  it('opens because its own bulkhead is full, though no call of the service has failed; ours does not', async () => {
    const work = Promise.withResolvers<string>();
    const operation = (): Promise<string> => work.promise;
    const opossum = new OpossumBreaker(operation, { timeout: false, capacity: 2, volumeThreshold: 10 });
    const ours = wrap({
      breaker: createCircuitBreaker({ name: 'payments', volumeThreshold: 10 }),
      bulkhead: createBulkhead({ name: 'payments', maxConcurrent: 2 }),
    });
    const results = Array.from({ length: 20 }, () => [opossum.fire(), ours.execute(operation)]).flat();
    const settled = Promise.allSettled(results);
    await vi.advanceTimersByTimeAsync(0);
    expect([opossum.opened, ours.state]).toEqual([true, 'closed']);
    work.resolve('well');
    expect((await settled).filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    opossum.shutdown();
  });
});
