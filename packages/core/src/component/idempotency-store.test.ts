import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { type CallEnd, IdempotencyStore } from './idempotency-store.ts';

function storeOf(options: { readonly maxEntries?: number; readonly maxCharacters?: number; readonly ttlMs?: number }) {
  const clock = createFakeClock();
  const store = new IdempotencyStore({ clock, ...options });
  const starts: string[] = [];
  const call = (key: string, end: Promise<CallEnd> = Promise.resolve(endOf('x'))) =>
    store.answer({
      key,
      fingerprint: 'same',
      start: () => {
        starts.push(key);
        return { answer: end.then(({ answer }) => answer), end };
      },
      join: (joined) => joined,
    });
  return { clock, starts, call };
}

const endOf = (body: string, isFinal = true): CallEnd => ({ answer: { status: 200, body }, isFinal });

describe('the store of answers', () => {
  it('keeps so many, and drops the oldest', async () => {
    const { call, starts } = storeOf({ maxEntries: 2 });
    for (const key of ['a', 'b', 'c', 'b', 'c', 'a']) await call(key);
    expect(starts).toEqual(['a', 'b', 'c', 'a']);
  });

  it('keeps so much, and drops the oldest', async () => {
    const { call, starts } = storeOf({ maxCharacters: 100 });
    await call('small');
    await call('large', Promise.resolve(endOf('x'.repeat(90))));
    await call('large');
    await call('small');
    expect(starts).toEqual(['small', 'large', 'small']);
  });

  it('never drops a call at work', async () => {
    const { call, starts } = storeOf({ maxEntries: 1 });
    const work = Promise.withResolvers<CallEnd>();
    const first = call('a', work.promise);
    await call('b');
    await call('c');
    const second = call('a');
    work.resolve(endOf('done'));
    expect(await first).toMatchObject({ answer: { body: 'done' }, isReplay: false });
    expect(await second).toMatchObject({ answer: { body: 'done' }, isReplay: true });
    expect(starts).toEqual(['a', 'b', 'c']);
  });

  it('forgets what is not final, and what is old', async () => {
    const { call, clock, starts } = storeOf({ ttlMs: 1_000 });
    await call('a', Promise.resolve(endOf('later', false)));
    await call('a');
    await clock.advance(1_000);
    await call('a');
    expect(starts).toEqual(['a', 'a', 'a']);
  });
});
