import { createFakeClock } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CountWindow, TimeWindow } from './outcome-window.ts';

describe('TimeWindow', () => {
  it('counts every outcome for nine tenths of the window at least and for all of it at most', async () => {
    const event = fc.record({ waitMs: fc.integer({ min: 0, max: 400 }), isFailure: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
        const clock = createFakeClock();
        const window = new TimeWindow(1_000, clock);
        const recorded: { atMs: number; isFailure: boolean }[] = [];
        for (const { waitMs, isFailure } of events) {
          await clock.advance(waitMs);
          window.record(isFailure, isFailure);
          recorded.push({ atMs: clock.monotonicMs(), isFailure });
          const ages = (maxAgeMs: number) => recorded.filter(({ atMs }) => clock.monotonicMs() - atMs <= maxAgeMs);
          const { calls, failures, slowCalls } = window.totals();
          expect(slowCalls).toBe(failures);
          expect(calls).toBeGreaterThanOrEqual(ages(900).length);
          expect(calls).toBeLessThanOrEqual(ages(999).length);
          expect(failures).toBeLessThanOrEqual(ages(999).filter((outcome) => outcome.isFailure).length);
          expect(failures).toBeGreaterThanOrEqual(ages(900).filter((outcome) => outcome.isFailure).length);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is empty after clear', () => {
    for (const window of [new TimeWindow(1_000, createFakeClock()), new CountWindow(10)]) {
      window.record(true, true);
      window.clear();
      expect(window.totals()).toEqual({ calls: 0, failures: 0, slowCalls: 0 });
    }
  });
});

describe('CountWindow', () => {
  it('holds exactly the last outcomes', () => {
    const outcome = fc.record({ isFailure: fc.boolean(), isSlow: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(outcome, { maxLength: 100 }), (windowCalls, outcomes) => {
        const window = new CountWindow(windowCalls);
        outcomes.forEach(({ isFailure, isSlow }, index) => {
          window.record(isFailure, isSlow);
          const last = outcomes.slice(0, index + 1).slice(-windowCalls);
          expect(window.totals()).toEqual({
            calls: last.length,
            failures: last.filter((one) => one.isFailure).length,
            slowCalls: last.filter((one) => one.isSlow).length,
          });
        });
      }),
    );
  });
});
