import { type KeyValueStore, MemoryStorage } from '@gomind/core';
import { createFakeClock, createRecordingLogger } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { call, hold, stateOf, succeed, trip } from '../../test/breaker-harness.ts';
import { createFleetCircuitBreaker } from '../index.ts';

const sleepWindowMs = 1_000;
const probeTimeoutMs = 5_000;

function makeMember(store: KeyValueStore, clock = createFakeClock()) {
  const logger = createRecordingLogger();
  const breaker = createFleetCircuitBreaker({
    ...{ name: 'payments', store, clock, logger, sleepWindowMs, probeTimeoutMs, syncMs: 100, volumeThreshold: 3 },
  });
  return { breaker, clock, logger, advance: (ms: number) => clock.advance(ms) };
}

const always = (answer: unknown) => () => Promise.resolve(answer as never);

function storeThat(answers: { readonly taken: unknown; readonly found: unknown }): KeyValueStore {
  return {
    set: always(answers.taken),
    compareAndSet: always(answers.taken),
    get: always(answers.found),
    delete: always(false),
    keys: async function* () {
      // None.
    },
  };
}

it('goes by what this process sees itself while a store answers with what is no answer', async () => {
  const member = makeMember(storeThat({ taken: null, found: [1] }));
  await trip(member, 3);
  await member.advance(sleepWindowMs);
  const probe = succeed(member);
  await member.advance(0);
  expect((await probe).kind).toBe('succeeded');
  expect(stateOf(member)).toBe('closed');
});

describe('who comes while another process probes', () => {
  it('is told so, and when to ask again', async () => {
    const clock = createFakeClock();
    const store = new MemoryStorage({ clock });
    const [first, second] = [makeMember(store, clock), makeMember(store, clock)];
    await trip(first, 3);
    await trip(second, 3);
    await clock.advance(sleepWindowMs);
    const probe = hold(first);
    await clock.advance(0);
    expect(probe.signal).toBeDefined();
    for (let count = 0; count < 2; count++) {
      const refused = call(second, () => Promise.resolve('value'));
      await clock.advance(0);
      expect(await refused).toMatchObject({
        kind: 'refused',
        error: { details: { state: 'half-open', retryAfterMs: 100 } },
      });
    }
    probe.reject(new Error('down'));
    await probe.result;
  });
});

it('refuses what is no store', () => {
  for (const store of [undefined, {}, new Map()])
    expect(() => makeMember(store as never)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('store') as unknown }),
    );
});
