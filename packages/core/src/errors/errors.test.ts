import { describe, expect, it } from 'vitest';
import { GomindError } from './gomind-error.ts';
import { cancellationError, toGomindError } from './to-gomind-error.ts';

describe('GomindError', () => {
  it('is recognised across copies of the package, and nothing else is', async () => {
    const url = new URL('gomind-error.ts', import.meta.url).href;
    const copy = (await import(/* @vite-ignore */ `${url}?copy`)) as { GomindError: typeof GomindError };
    const foreign = new copy.GomindError({ code: 'X', message: 'from a copy' });
    expect(GomindError.isInstance(foreign)).toBe(true);
    expect(GomindError.isInstance(foreign, 'X')).toBe(true);
    expect(GomindError.isInstance(foreign, 'Y')).toBe(false);
    for (const other of [new Error('x'), { code: 'X', message: 'm' }, null, undefined, 'X'])
      expect(GomindError.isInstance(other)).toBe(false);
  });

  it('keeps its cause out of JSON', () => {
    const error = new GomindError({ code: 'X', message: 'm', cause: new Error('secret'), details: { step: 'a' } });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'X',
      message: 'm',
      isRetryable: false,
      details: { step: 'a' },
    });
    expect(error.cause).toBeInstanceOf(Error);
  });
});

describe('toGomindError', () => {
  it('leaves a GomindError as it is and wraps everything else', () => {
    const own = new GomindError({ code: 'X', message: 'm' });
    expect(toGomindError(own, { code: 'Y' })).toBe(own);
    expect(toGomindError(new Error('reason'), { code: 'Y', message: 'It failed' })).toMatchObject({
      code: 'Y',
      message: 'It failed: reason',
    });
    expect(toGomindError('reason', { code: 'Y' })).toMatchObject({ message: 'reason' });
    expect(toGomindError(undefined, { code: 'Y' })).toMatchObject({ message: 'unknown error' });
  });
});

describe('cancellationError', () => {
  it('tells a deadline from a cancellation', () => {
    expect(cancellationError(AbortSignal.abort(), 'The call')).toMatchObject({
      code: 'CANCELLED',
      message: 'The call was cancelled',
    });
    const timeout = new GomindError({ code: 'STEP_TIMEOUT', message: 'late' });
    expect(cancellationError(AbortSignal.abort(timeout), 'The call')).toBe(timeout);
  });
});
