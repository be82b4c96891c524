import { describe, expect, it } from 'vitest';
import { wrap } from './wrap.ts';

describe('wrap', () => {
  it.each([
    [undefined, /^wrap takes its options as an object, not undefined/],
    [{ retry: {} }, /no policy named retry\. Known: breaker, retries, hedge, bulkhead, timeout/],
    [{ breaker: {}, timeout: 500 }, /breaker must be a policy .*execute.*; timeout must be a policy .*not 500/],
  ])('refuses what would guard nothing: %j', (policies, message) => {
    expect(() => wrap(policies as never)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) as string }),
    );
  });

  it('takes none', async () => {
    await expect(wrap({}).execute(() => Promise.resolve('well'))).resolves.toBe('well');
  });
});
