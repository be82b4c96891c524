import { createFakeClock } from '@gomind/core/testing';
import fc from 'fast-check';
import OpossumBreaker from 'opossum';
import { describe, expect, it, vi } from 'vitest';
import { OutcomeWindow } from './outcome-window.ts';

describe('OutcomeWindow', () => {
  it('counts every outcome for nine tenths of the window at least and for all of it at most', async () => {
    const event = fc.record({ waitMs: fc.integer({ min: 0, max: 400 }), isFailure: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
        const clock = createFakeClock();
        const window = new OutcomeWindow(1_000, clock);
        const recorded: { atMs: number; isFailure: boolean }[] = [];
        for (const { waitMs, isFailure } of events) {
          await clock.advance(waitMs);
          window.record(isFailure);
          recorded.push({ atMs: clock.monotonicMs(), isFailure });
          const ages = (maxAgeMs: number) => recorded.filter(({ atMs }) => clock.monotonicMs() - atMs <= maxAgeMs);
          const { calls, failures } = window.totals();
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
    const window = new OutcomeWindow(1_000, createFakeClock());
    window.record(true);
    window.clear();
    expect(window.totals()).toEqual({ calls: 0, failures: 0 });
  });

  it('keeps no record of single calls, so that its size does not grow', () => {
    const newStatus = vi.spyOn(OpossumBreaker, 'newStatus');
    const window = new OutcomeWindow(1_000, createFakeClock());
    for (let count = 0; count < 1_000; count++) window.record(count % 2 === 0);
    expect(window.totals()).toEqual({ calls: 1_000, failures: 500 });
    const status = newStatus.mock.results[0]?.value as OpossumBreaker.Status;
    expect(status.window.flatMap(({ latencyTimes }) => latencyTimes)).toEqual([]);
    newStatus.mockRestore();
  });
});
