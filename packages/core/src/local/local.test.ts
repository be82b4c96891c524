import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { canonicalJson } from './canonical-json.ts';
import { EventChannel } from './event-channel.ts';
import { MemoryStorage } from './memory-storage.ts';
import { redact } from './redact.ts';
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

describe('redact', () => {
  it.each([
    ['{"user":"ada","password":"x\\"y","n":1}', '{"user":"ada","password":"[redacted]","n":1}'],
    ['say {"api_key": 12345, "b": 2}', 'say {"api_key": "[redacted]", "b": 2}'],
    ['{"credentials":{"a":"}","b":[1]},"c":3}', '{"credentials":"[redacted]","c":3}'],
    [
      JSON.stringify(JSON.stringify({ token: 'abc', ok: 1 })),
      JSON.stringify(JSON.stringify({ token: '[redacted]', ok: 1 })),
    ],
    ['{"password":"cut off in the mid', '{"password":"[redacted]"'],
    ['{"max_tokens": 5, "Salary": 7}', '{"max_tokens": 5, "Salary": "[redacted]"}'],
  ])('takes secrets out of the JSON inside %j', (text, clean) => {
    expect(redact(text, { fields: ['salary'] })).toBe(clean);
  });

  it('hides what is under secret keys, in URLs, and the secrets themselves', () => {
    const safe = redact(
      {
        Authorization: 'Bearer abc',
        nested: { api_key: 'k', password: 'p', inputTokens: 12 },
        url: 'redis://user:hunter2@localhost:6379/0',
        text: 'the key is s3cr3t-value here',
      },
      ['s3cr3t-value'],
    );
    const text = JSON.stringify(safe);
    for (const secret of ['abc', '"k"', '"p"', 'hunter2', 's3cr3t-value']) expect(text).not.toContain(secret);
    expect(safe).toMatchObject({ nested: { inputTokens: 12 } });
  });

  it('makes any value fit for JSON, bounded', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withNullPrototype: true,
          withObjectString: true,
        }),
        (value) => {
          JSON.stringify(redact(value));
        },
      ),
    );
    expect(JSON.stringify(redact('x'.repeat(100_000))).length).toBeLessThan(5_000);
    expect((redact(Array.from({ length: 1_000 }, (_, index) => index)) as unknown[]).length).toBe(100);
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
