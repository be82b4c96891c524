import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { canonicalJson } from './canonical-json.ts';
import { EventChannel } from './event-channel.ts';
import { MemoryStorage } from './memory-storage.ts';
import { createStderrLogger } from './stderr-logger.ts';

describe('canonicalJson', () => {
  it('is one text for equal values, whatever the order of their keys', () => {
    expect(canonicalJson({ b: [1, { d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[1,{"c":2,"d":1}]}');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        const shuffled = Object.fromEntries(Object.entries(record).reverse());
        expect(canonicalJson(shuffled)).toBe(canonicalJson(record));
        expect(JSON.parse(canonicalJson(record))).toEqual(JSON.parse(JSON.stringify(record)));
      }),
    );
  });
});

describe('createStderrLogger', () => {
  const lines: string[] = [];
  const logger = createStderrLogger({
    clock: createFakeClock(),
    fields: { service: 'shop' },
    write: (line) => lines.push(line),
  });

  it('writes one line of JSON a record, whatever the message holds', () => {
    lines.length = 0;
    logger.info('two\nlines \u001b[31mred', { level: 'fake', time: 'fake', message: 'fake' });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toMatch(/[\n\r\u001b]/);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      time: '2026-01-01T00:00:00.000Z',
      level: 'info',
      message: 'two\nlines \u001b[31mred',
      service: 'shop',
    });
  });

  it('leaves out what is below its level', () => {
    lines.length = 0;
    logger.debug('quiet');
    expect(lines).toEqual([]);
  });
});

describe('EventChannel', () => {
  it('gives every reader everything from its subscription on, and forgets readers that leave', async () => {
    const channel = new EventChannel<number>();
    const early = channel.subscribe();
    channel.push(1);
    const late = Array.fromAsync(channel.subscribe());
    channel.push(2);
    for await (const value of early) {
      if (value === 2) break;
    }
    channel.push(3);
    channel.close();
    expect(await late).toEqual([2, 3]);
    expect(await Array.fromAsync(channel.subscribe())).toEqual([]);
  });

  it('keeps a bounded buffer for a reader that lags', async () => {
    const channel = new EventChannel<number>();
    const reader = channel.subscribe();
    for (let value = 0; value < 12_000; value++) channel.push(value);
    channel.close();
    const seen = await Array.fromAsync(reader);
    expect(seen.length).toBe(10_000);
    expect(seen.at(-1)).toBe(11_999);
  });
});

describe('MemoryStorage', () => {
  it('forgets what was used longest ago when it is told to, and never a log entry or a lease', async () => {
    const storage = new MemoryStorage({ maxEntries: 2, whenFull: 'forget-oldest' });
    await storage.set('a', 1);
    await storage.set('b', 2);
    await storage.get('a');
    await storage.set('c', 3);
    expect(await Promise.all(['a', 'b', 'c'].map((key) => storage.get(key)))).toEqual([1, undefined, 3]);
    await storage.set('a', 4);
    expect(await storage.compareAndSet('d', undefined, 5)).toBe(true);
    expect(await Promise.all(['a', 'c', 'd'].map((key) => storage.get(key)))).toEqual([4, undefined, 5]);

    await storage.append('log', [1, 2]);
    await expect(storage.append('log', [3])).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(await storage.lastSeq('log')).toBe(2);
  });

  it('is bounded, and says so', async () => {
    const clock = createFakeClock();
    const storage = new MemoryStorage({ maxEntries: 2, clock });
    await storage.set('a', 1, { ttlMs: 10 });
    await storage.set('b', 1);
    await expect(storage.set('c', 1)).rejects.toMatchObject({ code: 'STORE_FULL' });
    await clock.advance(20);
    await expect(storage.set('c', 1)).resolves.toBe(true);
  });
});
