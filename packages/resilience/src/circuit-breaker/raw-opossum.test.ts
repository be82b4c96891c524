import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { breakerCases } from '../../test/breaker-cases.ts';
import type { MakeHarness } from '../../test/breaker-harness.ts';
import { createRawOpossum } from '../../test/raw-opossum.ts';

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
});
