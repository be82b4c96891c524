import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkNames } from './check-options.ts';
import { parseDurationMs } from './duration.ts';
import {
  readEnv,
  readEnvBoolean,
  readEnvChoice,
  readEnvDurationMs,
  readEnvInteger,
  readEnvNumber,
  readEnvText,
  readLogLevel,
} from './read-env.ts';
import { variablesWithoutEffect } from './variables-without-effect.ts';

describe('parseDurationMs', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['2d', 172_800_000],
    ['0s', 0],
    ['42', 42],
    [42, 42],
    [' 30s ', 30_000],
  ])('reads %j', (value, expected) => {
    expect(parseDurationMs(value)).toBe(expected);
  });

  it.each([
    '',
    'soon',
    '-5s',
    '5 s',
    '5x',
    's',
    '1e3s',
    Number.NaN,
    -1,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    {},
    '1'.repeat(50),
  ])('does not read %j', (value) => {
    expect(parseDurationMs(value)).toBeUndefined();
  });

  it('never throws and never gives a negative', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const parsed = parseDurationMs(value);
        expect(parsed === undefined || parsed >= 0).toBe(true);
      }),
    );
  });
});

describe('the environment', () => {
  const environment = {
    TEXT: '  text ',
    EMPTY: '  ',
    NUMBER: '12',
    HALF: '0.5',
    YES: 'On',
    TIME: '2m',
    LEVEL: 'WARN',
    BAD: 'many',
    ZERO: '0s',
    ADDRESS: 'redis://ada:hunter2-and-more@host',
  };

  it('is read in every form, and unset is unset', () => {
    expect(readEnv('TEXT', environment)).toBe('text');
    expect(readEnv('EMPTY', environment)).toBeUndefined();
    expect(readEnvInteger('NUMBER', {}, environment)).toBe(12);
    expect(readEnvNumber('HALF', {}, environment)).toBe(0.5);
    expect(readEnvBoolean('YES', environment)).toBe(true);
    expect(readEnvDurationMs('TIME', environment)).toBe(120_000);
    expect(readEnvChoice('LEVEL', ['warn', 'error'], environment)).toBe('warn');
    expect(readEnvInteger('UNSET', {}, environment)).toBeUndefined();
    expect(readEnvBoolean('EMPTY', environment)).toBeUndefined();
  });

  it.each([
    ['an integer', () => readEnvInteger('BAD', {}, environment)],
    ['an integer out of bounds', () => readEnvInteger('NUMBER', { max: 10 }, environment)],
    ['a fraction for an integer', () => readEnvInteger('HALF', {}, environment)],
    ['a number', () => readEnvNumber('BAD', {}, environment)],
    ['a boolean', () => readEnvBoolean('BAD', environment)],
    ['a duration', () => readEnvDurationMs('BAD', environment)],
    ['a duration of nothing', () => readEnvDurationMs('ZERO', environment)],
    ['a choice', () => readEnvChoice('BAD', ['warn'], environment)],
    ['a text of another form', () => readEnvText('BAD', { test: () => false, accepted: 'little' }, environment)],
  ])('names the variable and what is accepted when it cannot read %s', (_what, read) => {
    expect(read).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/(BAD|NUMBER|HALF|ZERO).*Accepted: /) as string,
      }),
    );
  });

  it('quotes no password of a value that it cannot read', () => {
    const read = (): unknown => readEnvText('ADDRESS', { test: () => false, accepted: 'a name' }, environment);
    expect(read).toThrow(/redis:\/\/\[redacted\]@host/);
  });

  it('says from which severity on is logged', () => {
    expect(readLogLevel({})).toBe('warn');
    expect(readLogLevel({ GOMIND_LOG_LEVEL: 'Debug' })).toBe('debug');
    expect(() => readLogLevel({ GOMIND_LOG_LEVEL: 'loud' })).toThrow(/GOMIND_LOG_LEVEL.*debug, info, warn, error/);
  });

  it('tells which variables do nothing yet, without their values', () => {
    const given = { GOMIND_API_KEYS: 'planted', GOMIND_MODE: 'production', GOMIND_EGRESS_ALLOW: ' ' };
    const told = variablesWithoutEffect(undefined, given);
    expect(told.map(({ variable }) => variable)).toEqual(['GOMIND_API_KEYS', 'GOMIND_MODE']);
    expect(JSON.stringify(told)).not.toContain('planted');
    expect(variablesWithoutEffect(['GOMIND_MODE'], given)).toHaveLength(1);
  });
});

describe('names of options', () => {
  const known = ['host', 'port', 'timeoutMs', 'errorThreshold'];

  it.each([
    [{ errorTreshold: 1 }, 'errorThreshold'],
    [{ timeoutMS: 1 }, 'timeoutMs'],
    [{ time_out_ms: 1 }, 'timeoutMs'],
    [{ hosts: 1 }, 'host'],
  ])('are refused when they are nearly known: %j', (options, meant) => {
    expect(() => {
      checkNames('serve', options, known);
    }).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(new RegExp(`^The options of serve .* did you mean "${meant}"`)) as string,
      }),
    );
  });

  it.each([undefined, null, 'port', [1]])('are asked of an object only: %j', (options) => {
    expect(() => {
      checkNames('serve', options, known);
    }).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('serve takes its options as an object, not') as string,
      }),
    );
  });

  it.each([{ port: 1 }, { path: '/' }, { database: {} }, { deadlineMs: 5 }, {}])(
    'are left alone otherwise: %j',
    (options) => {
      expect(() => {
        checkNames('serve', options, known);
      }).not.toThrow();
    },
  );
});
