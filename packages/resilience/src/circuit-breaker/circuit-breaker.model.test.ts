import { createFakeClock } from '@gomind/core/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commands, play } from '../../test/breaker-commands.ts';
import { call, type Harness, stateOf, succeed } from '../../test/breaker-harness.ts';
import { createRawOpossum } from '../../test/raw-opossum.ts';
import { type ModelOptions, ReferenceModel } from '../../test/reference-model.ts';
import { type CircuitStateChange, createCircuitBreaker } from '../index.ts';

const runs = 10_000;

const modelOptions: fc.Arbitrary<ModelOptions> = fc
  .record({
    errorThreshold: fc.constantFrom(0, 0.25, 0.5, 0.75),
    volumeThreshold: fc.integer({ min: 1, max: 6 }),
    windowMs: fc.constantFrom(1_000, 2_000),
    windowCalls: fc.constantFrom(undefined, 6, 9),
    slowCallMs: fc.constantFrom(undefined, 60),
    slowCallThreshold: fc.constantFrom(0, 0.5, 1),
    sleepJitter: fc.constantFrom(0, 0.4),
    sleepWindowMs: fc.constantFrom(250, 500),
    halfOpenMax: fc.integer({ min: 1, max: 3 }),
    timeoutMs: fc.constantFrom(undefined, 100),
  })
  .map((options) => ({ ...options, probeTimeoutMs: options.timeoutMs ?? 200 }));

/** Draws what the breaker's own clock draws, which is made with the same seed. */
function randomOfATwin(): () => number {
  const twin = createFakeClock();
  return () => twin.random();
}

describe('createCircuitBreaker against the reference model', () => {
  it('admits, refuses and changes state exactly as the model, and keeps P1 to P4', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(modelOptions, commands, async (options, life) => {
        const clock = createFakeClock();
        const model = new ReferenceModel(options, randomOfATwin());
        const changes: CircuitStateChange[] = [];
        const onStateChange = (change: CircuitStateChange): void => void changes.push(change);
        const breaker = createCircuitBreaker({ name: 'payments', clock, onStateChange, ...options });
        const harness = { breaker, advance: (ms: number) => clock.advance(ms) };

        await play(harness, clock, model, life);

        expect(changes.map(({ from, to }) => `${from} -> ${to}`)).toEqual(model.transitions);
        for (const change of changes) {
          if (change.reason === 'forced') continue;
          // P1
          if (change.to === 'closed') expect(change).toMatchObject({ from: 'half-open', reason: 'probe-succeeded' });
          // P4: the model opens a closed circuit only when its window says so.
          if (change.from === 'closed')
            expect(change).toMatchObject({
              to: 'open',
              reason: expect.stringMatching(/^(failure|slow-call)-rate$/) as string,
            });
        }
        // P2
        expect(model.mostProbes).toBeLessThanOrEqual(options.halfOpenMax);
        // P3
        if (model.isHeld) breaker.reset();
        await clock.advance(options.probeTimeoutMs + options.sleepWindowMs * (1 + options.sleepJitter) + 150);
        expect((await succeed(harness)).kind).toBe('succeeded');
        await breaker.close();
      }),
      { numRuns: runs },
    );
  });

  it('reaches every transition, so that the lives are worth playing', async () => {
    const seen = new Set<string>();
    for (const [options, life] of fc.sample(fc.tuple(modelOptions, commands), 300)) {
      const clock = createFakeClock();
      const model = new ReferenceModel(options, randomOfATwin());
      const breaker = createCircuitBreaker({ name: 'payments', clock, ...options });
      await play({ breaker, advance: (ms) => clock.advance(ms) }, clock, model, life);
      for (const transition of model.transitions) seen.add(transition);
    }
    expect([...seen].sort()).toEqual([
      'closed -> open',
      'half-open -> closed',
      'half-open -> open',
      'open -> closed',
      'open -> half-open',
    ]);
  });
});

describe('bare opossum, as a control of the model test', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('breaks P3: some lives leave it refusing for ever', async () => {
    const step = fc.constantFrom('succeed', 'fail', 'hang', 'wait');
    const result = await fc.check(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const breaker = createRawOpossum({ volumeThreshold: 2, sleepWindowMs: 250 });
        const harness: Harness = {
          breaker,
          advance: async (ms) => {
            await vi.advanceTimersByTimeAsync(ms);
          },
        };
        for (const kind of steps) {
          if (kind === 'wait') await harness.advance(300);
          else if (kind === 'hang') void call(harness, () => new Promise(() => undefined));
          else await call(harness, () => (kind === 'fail' ? Promise.reject(new Error('down')) : Promise.resolve()));
        }
        await harness.advance(60_000);
        const last = await call(harness, () => Promise.resolve('value'));
        const state = stateOf(harness);
        await breaker.close();
        return last.kind === 'succeeded' && state === 'closed';
      }),
      { numRuns: 5_000 },
    );
    expect(result.failed).toBe(true);
  });
});
