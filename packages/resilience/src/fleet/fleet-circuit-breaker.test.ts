import { type KeyValueStore, GomindError, MemoryStorage } from '@gomind/core';
import {
  circuitBreakerContract,
  createFakeClock,
  createRecordingLogger,
  type FakeClock,
  type RecordingLogger,
} from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakerCases } from '../../test/breaker-cases.ts';
import { call, fail, hold, type MakeHarness, settle, stateOf, succeed, trip } from '../../test/breaker-harness.ts';
import {
  type CircuitStateChange,
  createFleetCircuitBreaker,
  type FleetCircuitBreakerOptions,
  type OperableCircuitBreaker,
} from '../index.ts';

const sleepWindowMs = 1_000;

/** A store that can be away, or silent. */
interface FaultyStore extends KeyValueStore {
  fault: 'none' | 'away' | 'silent';
  questions: number;
}

function faulty(store: KeyValueStore): FaultyStore {
  const away = new GomindError({ code: 'STORE_UNAVAILABLE', message: 'Redis is away', isRetryable: true });
  const ask = <T>(question: () => Promise<T>): Promise<T> => {
    faultyStore.questions++;
    if (faultyStore.fault === 'away') return Promise.reject(away);
    if (faultyStore.fault === 'silent') return new Promise<T>(() => undefined);
    return question();
  };
  const faultyStore: FaultyStore = {
    fault: 'none',
    questions: 0,
    get: (key) => ask(() => store.get(key)),
    set: (key, value, options) => ask(() => store.set(key, value, options)),
    compareAndSet: (key, expected, next, options) => ask(() => store.compareAndSet(key, expected, next, options)),
    delete: (key) => ask(() => store.delete(key)),
    keys: (prefix) => store.keys(prefix),
  };
  return faultyStore;
}

interface Member {
  readonly breaker: OperableCircuitBreaker;
  readonly changes: string[];
  advance(ms: number): Promise<void>;
}

interface Fleet {
  readonly clock: FakeClock;
  readonly store: FaultyStore;
  readonly logger: RecordingLogger;
  readonly members: readonly [Member, Member, Member];
}

function makeFleet(options: Partial<FleetCircuitBreakerOptions> = {}): Fleet {
  const clock = createFakeClock();
  const store = faulty(new MemoryStorage({ clock }));
  const logger = createRecordingLogger();
  const member = (): Member => {
    const changes: string[] = [];
    const onStateChange = ({ from, to, reason }: CircuitStateChange): void => {
      changes.push(`${from} -> ${to}: ${reason}`);
    };
    const breaker = createFleetCircuitBreaker({
      ...{ name: 'payments', store, clock, logger, onStateChange, sleepWindowMs, syncMs: 100, volumeThreshold: 3 },
      ...options,
    });
    return { breaker, changes, advance: (ms) => clock.advance(ms) };
  };
  return { clock, store, logger, members: [member(), member(), member()] };
}

/** Lets background questions be answered, and the answers be heard. */
async function hear({ members, clock }: Fleet): Promise<void> {
  await clock.advance(100);
  for (const member of members) await settle(member);
}

/** Every member makes a call that fails; how many got through. */
async function callEach(fleet: Fleet, times = 5): Promise<number> {
  let calls = 0;
  const operation = (): Promise<never> => {
    calls++;
    return Promise.reject(new Error('down'));
  };
  const all = fleet.members.flatMap((member) => Array.from({ length: times }, () => call(member, operation)));
  await Promise.all(all);
  return calls;
}

const make: MakeHarness = (options) => {
  const clock = createFakeClock();
  const store = new MemoryStorage({ clock });
  const breaker = createFleetCircuitBreaker({ name: 'payments', store, clock, ...options });
  return { breaker, advance: (ms) => clock.advance(ms) };
};

describe('createFleetCircuitBreaker', () => {
  for (const breakerCase of breakerCases) it(breakerCase.name, () => breakerCase.run(make));

  const cases = circuitBreakerContract(() => {
    const clock = createFakeClock();
    const store = new MemoryStorage({ clock });
    const breaker = createFleetCircuitBreaker({ name: 'contract', store, volumeThreshold: 5, clock });
    return { breaker, clock, failuresToOpen: 5, sleepWindowMs: 30_000, cleanup: () => breaker.close() };
  });
  for (const { name, run } of cases) it(name, run);
});

describe('a fleet of processes with a dependency that is down', () => {
  it('sends one probe a sleep window, all together', async () => {
    const fleet = makeFleet();
    await callEach(fleet);
    for (const member of fleet.members) expect(stateOf(member)).toBe('open');
    for (let round = 0; round < 10; round++) {
      await fleet.clock.advance(sleepWindowMs);
      expect(await callEach(fleet)).toBe(1);
      expect(await callEach(fleet)).toBe(0);
    }
  });

  it('leaves it alone everywhere once one process found it down', async () => {
    const fleet = makeFleet();
    const [first, second] = fleet.members;
    await trip(first, 3);
    await succeed(second);
    await hear(fleet);
    expect(second.changes).toEqual(['closed -> open: fleet']);
    expect((await succeed(second)).kind).toBe('refused');
  });

  it('calls it everywhere again once one process found it up', async () => {
    const fleet = makeFleet();
    await callEach(fleet);
    await fleet.clock.advance(sleepWindowMs);
    const [first, second, third] = fleet.members;
    expect((await succeed(first)).kind).toBe('succeeded');
    for (const member of [second, third]) {
      expect((await succeed(member)).kind).toBe('succeeded');
      expect(member.changes.at(-1)).toBe('open -> closed: fleet');
    }
  });

  it('hears of it while it sleeps, too', async () => {
    const fleet = makeFleet();
    const [first, second] = fleet.members;
    await callEach(fleet);
    await fleet.clock.advance(sleepWindowMs);
    const probe = hold(first);
    await settle(first);
    expect((await succeed(second)).kind).toBe('refused');
    probe.resolve();
    await probe.result;
    await fleet.clock.advance(100);
    await succeed(second);
    await hear(fleet);
    expect(stateOf(second)).toBe('closed');
  });

  it('lets another process probe when the first was cancelled, or its answer said nothing', async () => {
    const fleet = makeFleet();
    await callEach(fleet);
    await fleet.clock.advance(sleepWindowMs);
    const [first, second] = fleet.members;
    const refused = new GomindError({ code: 'INPUT_ERROR', message: 'No', details: { statusCode: 422 } });
    expect((await fail(first, refused)).kind).toBe('failed');
    expect((await succeed(second)).kind).toBe('succeeded');
  });

  it('lets another process probe when the first one died', async () => {
    const fleet = makeFleet();
    await callEach(fleet);
    await fleet.clock.advance(sleepWindowMs);
    const [first, second] = fleet.members;
    hold(first);
    await settle(first);
    expect((await succeed(second)).kind).toBe('refused');
    await fleet.clock.advance(sleepWindowMs);
    expect((await succeed(second)).kind).toBe('succeeded');
  });

  it('asks for the turn again when the call that had it found the circuit closed and hangs', async () => {
    const fleet = makeFleet();
    const [first, second, third] = fleet.members;
    await callEach(fleet);
    await fleet.clock.advance(sleepWindowMs);
    await succeed(second);
    await fleet.clock.advance(sleepWindowMs);
    // Due to probe; the store says that the dependency is up again.
    hold(first);
    await settle(first);
    expect(first.changes.at(-1)).toBe('open -> closed: fleet');
    await succeed(third);
    await callEach(fleet);
    for (const member of fleet.members) expect(stateOf(member)).toBe('open');
    await fleet.clock.advance(sleepWindowMs);
    const probe = hold(third);
    await settle(third);
    expect((await succeed(first)).kind).toBe('refused');
    probe.resolve();
    expect((await probe.result).kind).toBe('succeeded');
  });

  it('asks for the turn again when the operator ended a probe that hangs', async () => {
    const fleet = makeFleet({ probeTimeoutMs: 10 * sleepWindowMs });
    const [first, second] = fleet.members;
    await callEach(fleet);
    await fleet.clock.advance(sleepWindowMs);
    hold(first);
    await settle(first);
    first.breaker.reset();
    await callEach(fleet);
    await fleet.clock.advance(sleepWindowMs);
    const probe = hold(second);
    await settle(second);
    expect((await succeed(first)).kind).toBe('refused');
    probe.resolve();
    expect((await probe.result).kind).toBe('succeeded');
  });

  it('heeds the operator of each process in that process alone', async () => {
    const fleet = makeFleet();
    const [first, second, third] = fleet.members;
    await succeed(third);
    first.breaker.forceOpen();
    await hear(fleet);
    expect((await succeed(second)).kind).toBe('succeeded');
    second.breaker.forceClose();
    await trip(third, 3);
    await hear(fleet);
    await succeed(second);
    await hear(fleet);
    expect(stateOf(second)).toBe('closed');
    await fleet.clock.advance(10 * sleepWindowMs);
    expect((await succeed(third)).kind).toBe('succeeded');
    await succeed(first);
    await hear(fleet);
    expect(stateOf(first)).toBe('open');
    first.breaker.reset();
    expect((await succeed(first)).kind).toBe('succeeded');
  });
});

describe('a fleet whose store is away', () => {
  it.each(['away', 'silent'] as const)('is as many breakers of their own: %s', async (fault) => {
    const fleet = makeFleet({ storeTimeoutMs: 50, storeRestMs: 300 });
    const { clock, store, logger } = fleet;
    await callEach(fleet);
    store.fault = fault;
    await clock.advance(sleepWindowMs);
    const probes = callEach(fleet);
    await clock.advance(50);
    expect(await probes).toBe(3);
    expect(logger.records.filter(({ level }) => level === 'warn').map(({ message }) => message)).toContain(
      'The store of the circuit breakers does not answer; this process goes by what it sees itself',
    );
    // Left alone for a while: nobody asks, nobody waits.
    const asked = store.questions;
    expect(await callEach(fleet)).toBe(0);
    expect(store.questions).toBe(asked);

    store.fault = 'none';
    await clock.advance(sleepWindowMs);
    expect(await callEach(fleet)).toBe(1);
    expect(logger.records.map(({ message }) => message)).toContain('The store of the circuit breakers answers again');
  });

  it('makes no call wait but the one that may become the probe', async () => {
    const fleet = makeFleet({ storeTimeoutMs: 50 });
    const [first] = fleet.members;
    await callEach(fleet);
    fleet.store.fault = 'silent';
    await fleet.clock.advance(sleepWindowMs);
    const probe = succeed(first);
    // The clock stands still.
    expect((await succeed(first)).kind).toBe('refused');
    await fleet.clock.advance(50);
    expect((await probe).kind).toBe('succeeded');
    expect(fleet.clock.pendingTimers).toBe(0);
    expect((await succeed(first)).kind).toBe('succeeded');
  });

  it('leaves nothing behind when it is closed while it asks', async () => {
    const fleet = makeFleet();
    const [first] = fleet.members;
    fleet.store.fault = 'silent';
    await succeed(first);
    for (const { breaker } of fleet.members) await breaker.close();
    expect(fleet.clock.pendingTimers).toBe(0);
    expect((await succeed(first)).kind).toBe('succeeded');
  });

  it('ignores what it cannot read', async () => {
    const fleet = makeFleet();
    const [first] = fleet.members;
    for (const nonsense of [7, null, [], { state: 'ajar', id: 'x' }, { state: 'open' }]) {
      await fleet.store.set('circuit:payments', nonsense);
      await succeed(first);
      await hear(fleet);
      expect(stateOf(first)).toBe('closed');
    }
  });
});

describe('options', () => {
  it.each(['storeTimeoutMs', 'syncMs', 'storeRestMs'])('refuse a %s that is no duration', (option) => {
    expect(() => makeFleet({ [option]: 0 })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

type Step =
  | { readonly kind: 'call'; readonly who: number; readonly how: 'succeed' | 'fail' | 'ignore' | 'hang' }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'store'; readonly fault: FaultyStore['fault'] };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('call' as const),
        who: fc.nat(2),
        how: fc.constantFrom('succeed', 'fail', 'fail', 'fail', 'fail', 'ignore', 'hang'),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(1, 50, 100, 500, 1_000) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('store' as const), fault: fc.constantFrom('none', 'away', 'silent') }),
    },
  ),
  { maxLength: 60, size: 'max' },
);

describe('random lives of a fleet', () => {
  it(
    'F1 and F3: one probe a window while the store answers; and it always comes back',
    { timeout: 120_000 },
    async () => {
      let probesSeen = 0;
      await fc.assert(
        fc.asyncProperty(steps, async (life) => {
          const fleet = makeFleet({ storeTimeoutMs: 50, storeRestMs: 200, probeTimeoutMs: 400, windowMs: 2_000 });
          const { clock, store, members } = fleet;
          const canShare = !life.some((step) => step.kind === 'store' && step.fault !== 'none');
          /** When probes began; undefined for one that said nothing, which the next may follow at once. */
          let lastProbeMs = Number.NEGATIVE_INFINITY;
          // Told at the end: what a call throws while nobody waits for it would lose the history that led to it.
          const violations: string[] = [];
          for (const step of life) {
            if (step.kind === 'advance') await clock.advance(step.ms);
            else if (step.kind === 'store') store.fault = step.fault;
            else {
              const member = members[step.who] ?? members[0];
              void call(member, async () => {
                if (stateOf(member) === 'half-open') {
                  probesSeen++;
                  const sinceMs = clock.monotonicMs() - lastProbeMs;
                  if (canShare && sinceMs < sleepWindowMs) violations.push(`a probe ${String(sinceMs)} ms after one`);
                  lastProbeMs = step.how === 'ignore' ? Number.NEGATIVE_INFINITY : clock.monotonicMs();
                }
                if (step.how === 'hang') await new Promise(() => undefined);
                if (step.how === 'fail') throw new Error('down');
                if (step.how === 'ignore') throw new GomindError({ code: 'INPUT_ERROR', message: 'no' });
              }).then((result) => {
                if (result.kind !== 'failed' || result.error instanceof GomindError) return;
                if (!(result.error instanceof Error && result.error.message === 'down'))
                  violations.push(`a call failed with ${String(result.error)}`);
              });
              await settle(member);
            }
          }
          store.fault = 'none';
          // All deadlines, a sleep, a turn of somebody who is gone, the store's rest; and the window is empty.
          await clock.advance(400 + 2 * sleepWindowMs + 200);
          // One probes and tells, and who heard only now that it was down hears the rest with the next look.
          for (let round = 0; round < 3; round++) {
            for (const member of members) await succeed(member);
            await clock.advance(100);
          }
          for (const member of members) expect((await succeed(member)).kind).toBe('succeeded');
          for (const { breaker } of members) await breaker.close();
          expect(violations).toEqual([]);
        }),
        { numRuns: 2_000 },
      );
      expect(probesSeen).toBeGreaterThan(500);
    },
  );
});
