/**
 * What every store promises: values, logs and leases.
 *
 * @module
 */
import assert from 'node:assert/strict';
import type { JsonValue } from '../../contracts/json.ts';
import type { AppendLog, KeyValueStore, LeaseStore } from '../../contracts/storage.ts';
import { casesFor, type Cleanup, type ContractCase, rejectsWith } from './contract-case.ts';

/** An empty key-value store, and a way to let its time pass. */
export interface KeyValueSubject {
  readonly store: KeyValueStore;
  readonly advance: (milliseconds: number) => Promise<void>;
  readonly cleanup?: Cleanup;
}

const samples: readonly JsonValue[] = [
  null,
  true,
  0,
  -1.5,
  '',
  'text with "quotes", line\nbreaks and ☂',
  [],
  [1, [2, [3]]],
  {},
  { nested: { list: [{ deep: null }] }, 'key with spaces': 1 },
];

/** The cases of the key-value contract. */
export function keyValueStoreContract(make: () => Promise<KeyValueSubject> | KeyValueSubject): ContractCase[] {
  return casesFor(make, {
    'gives back every JSON value as it was': async ({ store }) => {
      for (const [index, value] of samples.entries()) {
        assert.equal(await store.set(`sample:${String(index)}`, value), true);
        assert.deepEqual(await store.get(`sample:${String(index)}`), value);
      }
    },
    'knows nothing of a key that was never set': async ({ store }) => {
      assert.equal(await store.get('nothing'), undefined);
      assert.equal(await store.delete('nothing'), false);
    },
    'keeps a value apart from later changes of the object that was set': async ({ store }) => {
      const value = { list: [1] };
      await store.set('key', value);
      value.list.push(2);
      assert.deepEqual(await store.get('key'), { list: [1] });
    },
    'overwrites, and deletes once': async ({ store }) => {
      await store.set('key', 1);
      await store.set('key', 2);
      assert.equal(await store.get('key'), 2);
      assert.equal(await store.delete('key'), true);
      assert.equal(await store.delete('key'), false);
      assert.equal(await store.get('key'), undefined);
    },
    'sets only an absent key when told so': async ({ store }) => {
      assert.equal(await store.set('key', 1, { ifAbsent: true }), true);
      assert.equal(await store.set('key', 2, { ifAbsent: true }), false);
      assert.equal(await store.get('key'), 1);
    },
    'forgets a value after its time, and lets ifAbsent set it again': async ({ store, advance }) => {
      await store.set('key', 1, { ttlMs: 80 });
      assert.equal(await store.get('key'), 1);
      await advance(160);
      assert.equal(await store.get('key'), undefined);
      assert.equal(await store.set('key', 2, { ifAbsent: true }), true);
    },
    'drops an earlier time to live when a value is set without one': async ({ store, advance }) => {
      await store.set('key', 1, { ttlMs: 80 });
      await store.set('key', 2);
      await advance(160);
      assert.equal(await store.get('key'), 2);
    },
    'replaces a value only while it is what was read': async ({ store }) => {
      await store.set('key', { count: 1, name: 'a' });
      assert.equal(await store.compareAndSet('key', { count: 2, name: 'a' }, 'x'), false);
      // The order of keys means nothing.
      assert.equal(await store.compareAndSet('key', { name: 'a', count: 1 }, { count: 2 }), true);
      assert.deepEqual(await store.get('key'), { count: 2 });
      assert.equal(await store.compareAndSet('key', undefined, 'x'), false);
      assert.equal(await store.compareAndSet('new', 'x', 'y'), false);
      assert.equal(await store.compareAndSet('new', undefined, 'y'), true);
    },
    'lets exactly one of many replace a value at the same time': async ({ store }) => {
      await store.set('key', 0);
      const wins = await Promise.all(
        Array.from({ length: 20 }, (_, index) => store.compareAndSet('key', 0, index + 1)),
      );
      assert.equal(wins.filter(Boolean).length, 1);
    },
    'lists the keys of a prefix, each once, and takes the prefix literally': async ({ store, advance }) => {
      for (const key of ['a:1', 'a:2', 'b:1', 'a*:3', 'a[1]:4', 'A:5']) await store.set(key, 1);
      await store.set('a:gone', 1, { ttlMs: 50 });
      await advance(120);
      assert.deepEqual((await Array.fromAsync(store.keys('a:'))).sort(), ['a:1', 'a:2']);
      assert.deepEqual(await Array.fromAsync(store.keys('a*')), ['a*:3']);
      assert.deepEqual(await Array.fromAsync(store.keys('a[1]')), ['a[1]:4']);
      assert.equal((await Array.fromAsync(store.keys(''))).length, 6);
    },
    'lists more keys than fit one page': async ({ store }) => {
      await Promise.all(Array.from({ length: 1_500 }, (_, index) => store.set(`many:${String(index)}`, index)));
      const keys = await Array.fromAsync(store.keys('many:'));
      assert.equal(keys.length, 1_500);
      assert.equal(new Set(keys).size, 1_500);
    },
    'refuses what is no JSON value': async ({ store }) => {
      await rejectsWith(store.set('key', undefined as unknown as JsonValue), 'CONFIG_INVALID');
      assert.equal(await store.get('key'), undefined);
    },
  });
}

/** An empty append log. */
export interface AppendLogSubject {
  readonly log: AppendLog;
  readonly cleanup?: Cleanup;
}

/** The cases of the append-log contract. */
export function appendLogContract(make: () => Promise<AppendLogSubject> | AppendLogSubject): ContractCase[] {
  return casesFor(make, {
    'numbers entries from 1 without gaps': async ({ log }) => {
      assert.equal(await log.lastSeq('run'), 0);
      assert.equal(await log.append('run', ['a', { b: [1] }]), 2);
      assert.equal(await log.append('run', [null]), 3);
      assert.deepEqual(await log.read('run'), [
        { seq: 1, value: 'a' },
        { seq: 2, value: { b: [1] } },
        { seq: 3, value: null },
      ]);
      assert.equal(await log.lastSeq('run'), 3);
    },
    'reads after a place, and at most so many': async ({ log }) => {
      await log.append('run', [1, 2, 3, 4]);
      assert.deepEqual(await log.read('run', { afterSeq: 1, limit: 2 }), [
        { seq: 2, value: 2 },
        { seq: 3, value: 3 },
      ]);
      assert.deepEqual(await log.read('run', { afterSeq: 4 }), []);
      assert.deepEqual(await log.read('unknown'), []);
    },
    'keeps logs apart': async ({ log }) => {
      await log.append('one', [1]);
      await log.append('two', [2]);
      assert.deepEqual(await log.read('one'), [{ seq: 1, value: 1 }]);
    },
    'appends only at the expected place, all or nothing': async ({ log }) => {
      assert.equal(await log.append('run', [1], { expectedSeq: 0 }), 1);
      await rejectsWith(log.append('run', [2, 3], { expectedSeq: 0 }), 'CONFLICT');
      assert.equal(await log.lastSeq('run'), 1);
    },
    'lets exactly one of many append at one place': async ({ log }) => {
      const attempts = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => log.append('run', [index], { expectedSeq: 0 })),
      );
      assert.equal(attempts.filter(({ status }) => status === 'fulfilled').length, 1);
      assert.equal(await log.lastSeq('run'), 1);
    },
    'refuses the writer whose lease was taken over, also after the log was cut': async ({ log }) => {
      await log.append('run', ['new owner'], { fence: 7 });
      await rejectsWith(log.append('run', ['zombie'], { fence: 6 }), 'LEASE_LOST');
      await log.append('run', ['same owner'], { fence: 7 });
      await log.truncate('run');
      assert.equal(await log.lastSeq('run'), 0);
      await rejectsWith(log.append('run', ['zombie'], { fence: 6 }), 'LEASE_LOST');
    },
    'cutting an unknown log is no error': async ({ log }) => {
      await log.truncate('unknown');
    },
  });
}

/** An empty lease store, and a way to let its time pass. */
export interface LeaseSubject {
  readonly leases: LeaseStore;
  readonly advance: (milliseconds: number) => Promise<void>;
  readonly cleanup?: Cleanup;
}

/** The cases of the lease contract. */
export function leaseStoreContract(make: () => Promise<LeaseSubject> | LeaseSubject): ContractCase[] {
  return casesFor(make, {
    'gives a name to one owner at a time': async ({ leases }) => {
      const lease = await leases.acquire('run', 'ada', 10_000);
      assert.equal(lease?.owner, 'ada');
      assert.equal(await leases.acquire('run', 'bob', 10_000), undefined);
      assert.ok((await leases.acquire('other', 'bob', 10_000)) !== undefined);
    },
    'gives the owner its lease again, with the same fence': async ({ leases }) => {
      const first = await leases.acquire('run', 'ada', 10_000);
      const again = await leases.acquire('run', 'ada', 20_000);
      assert.equal(again?.fence, first?.fence);
      assert.ok((again?.expiresAt ?? 0) >= (first?.expiresAt ?? 0));
    },
    'lets go after its time, and the next owner has a larger fence': async ({ leases, advance }) => {
      const first = await leases.acquire('run', 'ada', 60);
      await advance(150);
      const second = await leases.acquire('run', 'bob', 10_000);
      assert.ok(first !== undefined && second !== undefined && second.fence > first.fence);
      assert.equal(await leases.renew(first, 10_000), undefined);
    },
    'renews what is held': async ({ leases, advance }) => {
      const lease = await leases.acquire('run', 'ada', 200);
      assert.ok(lease !== undefined);
      const renewed = await leases.renew(lease, 10_000);
      assert.equal(renewed?.fence, lease.fence);
      await advance(300);
      assert.equal(await leases.acquire('run', 'bob', 10_000), undefined);
    },
    'frees the name when released, and a stale release frees nobody else': async ({ leases }) => {
      const first = await leases.acquire('run', 'ada', 10_000);
      assert.ok(first !== undefined);
      await leases.release(first);
      const second = await leases.acquire('run', 'bob', 10_000);
      assert.ok(second !== undefined && second.fence > first.fence);
      await leases.release(first);
      assert.equal(await leases.acquire('run', 'ada', 10_000), undefined);
    },
    'lets exactly one of many win': async ({ leases }) => {
      const won = await Promise.all(
        Array.from({ length: 20 }, (_, index) => leases.acquire('run', `owner-${String(index)}`, 10_000)),
      );
      assert.equal(won.filter((lease) => lease !== undefined).length, 1);
    },
  });
}
