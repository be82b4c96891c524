import { GomindError } from '@gomind/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RedisDiscovery } from '../registry/redis-discovery.ts';
import { RedisStorage } from '../storage/redis-storage.ts';
import { keyNamespace } from './namespace.ts';
import { redisAddress } from './redis-address.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('redisAddress', () => {
  it.each([
    [
      'redis://localhost',
      { host: 'localhost', port: 6379, database: 0, isEncrypted: false, shown: 'redis://localhost' },
    ],
    ['redis://redis:7000/2', { host: 'redis', port: 7000, database: 2, shown: 'redis://redis:7000/2' }],
    ['rediss://h:1/', { isEncrypted: true, database: 0, shown: 'rediss://h:1' }],
    ['redis://u:p%40ss@h', { username: 'u', password: 'p@ss', shown: 'redis://***@h' }],
    ['redis://:pass@h:1', { password: 'pass', shown: 'redis://***@h:1' }],
    ['redis://token@h', { username: 'token', shown: 'redis://***@h' }],
    ['redis://[::1]:6380', { host: '::1', port: 6380, shown: 'redis://[::1]:6380' }],
    ['redis://h:1/0?password=hidden', { port: 1, shown: 'redis://h:1/0' }],
  ])('reads %s', (url, expected) => {
    expect(redisAddress(url)).toMatchObject(expected);
  });

  it.each([
    ['127.0.0.1:6379'],
    ['http://:s3cret@h'],
    ['redis://'],
    ['redis://:s3cret@h/one'],
    ['redis://:s3cret%@h'],
    [''],
  ])('refuses %s without quoting it', (url) => {
    const error = thrownBy(() => redisAddress(url));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', details: { variable: 'REDIS_URL' } });
    expect(error.message).toContain('REDIS_URL');
    expect(JSON.stringify(error)).not.toContain('s3cret');
  });

  it('takes REDIS_URL when nothing is given, and says what to set when that is missing too', () => {
    vi.stubEnv('REDIS_URL', 'redis://from-environment:1');
    expect(redisAddress(undefined).host).toBe('from-environment');
    expect(redisAddress('redis://option').host).toBe('option');
    vi.stubEnv('REDIS_URL', '');
    expect(thrownBy(() => redisAddress(undefined)).message).toMatch(
      /not set.*option url.*REDIS_URL.*redis:\/\/host:6379/,
    );
  });
});

describe('keyNamespace', () => {
  it('is the option, else GOMIND_NAMESPACE, else gomind', () => {
    vi.stubEnv('GOMIND_NAMESPACE', '');
    expect(keyNamespace(undefined)).toBe('gomind');
    vi.stubEnv('GOMIND_NAMESPACE', 'team-a');
    expect(keyNamespace(undefined)).toBe('team-a');
    expect(keyNamespace('own')).toBe('own');
  });

  it('names the variable that a bad namespace came from', () => {
    vi.stubEnv('GOMIND_NAMESPACE', 'a b');
    expect(thrownBy(() => keyNamespace(undefined)).message).toContain('GOMIND_NAMESPACE');
  });

  it.each([[''], ['a b'], ['a\nb'], ['x'.repeat(129)]])('refuses %j', (namespace) => {
    expect(thrownBy(() => keyNamespace(namespace)).code).toBe('CONFIG_INVALID');
  });
});

function thrownBy(action: () => unknown): GomindError {
  try {
    action();
  } catch (error) {
    if (GomindError.isInstance(error)) return error;
  }
  throw new Error('It threw no GomindError.');
}

describe('options that cannot be meant', () => {
  const url = 'redis://127.0.0.1:1';
  it.each([
    [
      'an address in their place',
      'redis://user:s3cret-password@h',
      /takes its options as an object, not a text of 30 characters/,
    ],
    ['a mistyped name', { url, nameSpace: 'team' }, /no "nameSpace"; did you mean "namespace"\?/],
    ['an upper case', { url, ttlMS: 5 }, /no "ttlMS"; did you mean "ttlMs"\?/],
    ['another logger', { url, logger: console }, /logger must be a Logger .*child/],
  ])('are told: %s', (_what, options, message) => {
    for (const make of [RedisDiscovery, RedisStorage]) {
      const error = thrownBy(() => new make(options as never));
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) as string });
      expect(error.message).not.toContain('s3cret');
    }
  });
});
