import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Admission, quantile, type Simulation, simulateServer } from '../../test/simulate-server.ts';
import { GradientLimit, type StartedCall } from './gradient-limit.ts';

/** Chance has its part in what is measured: one simulation in some hundreds comes out worse than what is asked for here. */
const seed = 2026;

const limitOf = (initialLimit = 10): GradientLimit =>
  new GradientLimit({ minLimit: 1, maxLimit: 500, initialLimit, tolerance: 1.5, probeIntervalMs: 10_000 });

function admittedBy(limit: GradientLimit): Admission<StartedCall> {
  return {
    enter: (nowMs, inFlight) => (inFlight < limit.limit ? limit.started(nowMs, inFlight + 1) : undefined),
    leave: (call, nowMs) => {
      limit.finished(call, nowMs, false);
    },
  };
}

/** As many calls at once as there are: a server that is left to its queue. */
const anybody: Admission<number> = { enter: (nowMs) => nowMs, leave: () => undefined };

interface Server {
  readonly workers: number;
  readonly workMs: number;
  readonly work: Simulation['work'];
  readonly seed: number;
}

const servers: fc.Arbitrary<Server> = fc.record({
  workers: fc.integer({ min: 4, max: 32 }),
  workMs: fc.integer({ min: 20, max: 200 }),
  work: fc.constantFrom('even' as const, 'exponential' as const),
  seed: fc.nat(),
});

function simulationOf({ workers, workMs, work, seed: own }: Server, load: number): Simulation {
  return {
    workers: () => workers,
    workMs: () => workMs,
    work,
    callsPerSecond: (load * workers * 1_000) / workMs,
    seconds: 50,
    warmUpSeconds: 25,
    seed: own,
  };
}

/** Calls that the server could have completed while it was watched. */
const capacityOf = ({ workers, workMs }: Server): number => (workers / workMs) * 25_000;

// Simulations: generous, for a machine that has other things to do.
describe('GradientLimit', { timeout: 60_000 }, () => {
  it('keeps any overloaded server busy and its callers from waiting, wherever it begins', () => {
    fc.assert(
      fc.property(
        servers,
        fc.integer({ min: 15, max: 40 }),
        fc.constantFrom(1, 10, 500),
        (server, tenthsOfLoad, initialLimit) => {
          const limit = limitOf(initialLimit);
          const { completed, latencies } = simulateServer(simulationOf(server, tenthsOfLoad / 10), admittedBy(limit));
          expect(completed).toBeGreaterThan(0.8 * capacityOf(server));
          // Left to itself the queue would grow by half a second each second and more.
          expect(quantile(latencies, 0.5)).toBeLessThan(9 * server.workMs);
        },
      ),
      { numRuns: 25, seed },
    );
  });

  it('refuses next to nobody while the server can serve all', () => {
    fc.assert(
      fc.property(servers, (server) => {
        const { refused, completed } = simulateServer(simulationOf(server, 0.6), admittedBy(limitOf()));
        expect(refused).toBeLessThan(0.03 * completed);
      }),
      { numRuns: 25, seed },
    );
  });

  it('makes the difference: without it the same callers wait many times as long', () => {
    const server: Server = { workers: 8, workMs: 50, work: 'exponential', seed: 1 };
    const simulation = simulationOf(server, 2);
    const without = simulateServer(simulation, anybody);
    const adapted = simulateServer(simulation, admittedBy(limitOf()));
    expect(quantile(without.latencies, 0.5)).toBeGreaterThan(10_000);
    expect(quantile(adapted.latencies, 0.99)).toBeLessThan(500);
  });

  it.each([
    ['more workers', { workers: (nowMs: number) => (nowMs < 20_000 ? 8 : 32) }, 32, 50],
    ['fewer workers', { workers: (nowMs: number) => (nowMs < 20_000 ? 32 : 8) }, 8, 50],
    ['slower work', { workMs: (nowMs: number) => (nowMs < 20_000 ? 50 : 200) }, 16, 200],
    ['faster work', { workMs: (nowMs: number) => (nowMs < 20_000 ? 200 : 50) }, 16, 50],
  ])('follows a server that changes: %s', (_what, change, workers, workMs) => {
    const server: Server = { workers: 16, workMs: 50, work: 'exponential', seed: 3 };
    const simulation = { ...simulationOf(server, 8), ...change, seconds: 90, warmUpSeconds: 60 };
    const { completed, latencies } = simulateServer(simulation, admittedBy(limitOf()));
    expect(completed).toBeGreaterThan(0.8 * (workers / workMs) * 30_000);
    expect(quantile(latencies, 0.5)).toBeLessThan(4 * workMs);
  });

  it('goes down by a tenth for each window in which calls were refused, and stays within its bounds', () => {
    const limit = new GradientLimit({
      ...{ minLimit: 3, maxLimit: 12, initialLimit: 10, tolerance: 1.5, probeIntervalMs: 1e9 },
    });
    let nowMs = 0;
    const window = (isDropped: boolean): number => {
      for (let count = 0; count < 40; count++)
        limit.finished(limit.started(nowMs, limit.limit), (nowMs += 10), isDropped);
      return limit.limit;
    };
    expect([window(false), window(false)]).toEqual([12, 12]);
    limit.finished(limit.started(nowMs, limit.limit), nowMs, true);
    expect(window(false)).toBe(10);
    for (let count = 0; count < 20; count++) window(true);
    expect(limit.limit).toBe(3);
  });

  it('does not grow while nobody needs it', () => {
    const limit = limitOf(10);
    for (let nowMs = 0; nowMs < 60_000; nowMs += 10) limit.finished(limit.started(nowMs, 2), nowMs + 10, false);
    expect(limit.limit).toBe(10);
  });

  it('stays within its bounds and counts, whatever the calls do', () => {
    const event = fc.record({
      kind: fc.constantFrom('start', 'start', 'finish', 'drop', 'ignore'),
      at: fc.nat(),
      afterMs: fc.nat(500),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 2_000, size: 'max' }), (events) => {
        const limit = new GradientLimit({
          ...{ minLimit: 2, maxLimit: 50, initialLimit: 10, tolerance: 1.2, probeIntervalMs: 1_000 },
        });
        const calls: StartedCall[] = [];
        let nowMs = 0;
        for (const { kind, at, afterMs } of events) {
          nowMs += afterMs;
          if (kind === 'start') calls.push(limit.started(nowMs, calls.length + 1));
          else {
            const [call] = calls.splice(at % Math.max(1, calls.length), 1);
            if (call === undefined) continue;
            if (kind === 'ignore') limit.ignored(call);
            else limit.finished(call, nowMs, kind === 'drop');
          }
          expect(limit.limit).toBeGreaterThanOrEqual(2);
          expect(limit.limit).toBeLessThanOrEqual(50);
        }
      }),
      { numRuns: 50 },
    );
  });
});
