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
} from './read-env.ts';

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
    ['a choice', () => readEnvChoice('BAD', ['warn'], environment)],
  ])('names the variable and what is accepted when it cannot read %s', (_what, read) => {
    expect(read).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/(BAD|NUMBER|HALF).*Accepted: /) as string,
      }),
    );
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

  it.each([{ port: 1 }, { path: '/' }, { database: {} }, { deadlineMs: 5 }, {}])(
    'are left alone otherwise: %j',
    (options) => {
      expect(() => {
        checkNames('serve', options, known);
      }).not.toThrow();
    },
  );
});
