import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { GomindError } from '../errors/gomind-error.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createRecordingLogger } from '../testing/recorders.ts';
import { CooldownBreaker, type CooldownBreakerOptions } from './cooldown-breaker.ts';

const down = new GomindError({ code: 'COMPONENT_UNAVAILABLE', message: 'The component is down', isRetryable: true });
const cooldownMs = 1_000;

const fail = (): Promise<never> => Promise.reject(down);
const never = (): Promise<never> => new Promise(() => undefined);

function make(options: Partial<CooldownBreakerOptions> = {}): {
  readonly breaker: CooldownBreaker;
  readonly clock: FakeClock;
} {
  const clock = createFakeClock();
  return { clock, breaker: new CooldownBreaker({ name: 'bank', failureThreshold: 1, cooldownMs, clock, ...options }) };
}

async function open({ breaker, clock }: ReturnType<typeof make>): Promise<void> {
  await expect(breaker.execute(fail)).rejects.toBe(down);
  await clock.advance(cooldownMs);
  expect(breaker.state).toBe('half-open');
}

describe('CooldownBreaker', () => {
  it('is not stuck half-open by a classifier that throws at its probe: the probe has failed', async () => {
    let isBroken = false;
    const logger = createRecordingLogger();
    const isFailure = (): boolean => {
      if (isBroken) throw new TypeError('broken classifier, apiKey=sk-planted-0123456789abcdef');
      return true;
    };
    const subject = make({ isFailure, logger });
    await open(subject);
    isBroken = true;
    await expect(subject.breaker.execute(fail)).rejects.toBe(down);
    expect(subject.breaker.state).toBe('open');
    expect(logger.records).toContainEqual(expect.objectContaining({ level: 'error' }));
    expect(inspect(logger.records, { depth: 9 })).not.toContain('planted');
    isBroken = false;
    await subject.clock.advance(cooldownMs);
    await expect(subject.breaker.execute(() => Promise.resolve('well'))).resolves.toBe('well');
  });

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('broken');
      },
    ],
    ['gives no number', () => Number.NaN],
    ['gives a negative one', () => -1],
  ])('rests for 30 s when cooldownMs %s', async (_what, broken) => {
    const logger = createRecordingLogger();
    const { breaker, clock } = make({ cooldownMs: broken, logger });
    await expect(breaker.execute(fail)).rejects.toBe(down);
    await clock.advance(29_999);
    expect(breaker.state).toBe('open');
    await clock.advance(1);
    expect(breaker.state).toBe('half-open');
    expect(logger.records).toContainEqual(expect.objectContaining({ level: 'error' }));
  });

  it.each([
    ['a whole cooldown, when the probe has no deadline', Number.POSITIVE_INFINITY, cooldownMs],
    ['the end of the probe, when that comes first', 300, 200],
  ])('tells who comes while it is probed to wait for %s', async (_what, timeoutMs, retryAfterMs) => {
    const subject = make({ timeoutMs });
    await open(subject);
    const abort = new AbortController();
    const probe = subject.breaker.execute(never, { signal: abort.signal });
    if (timeoutMs === 300) await subject.clock.advance(100);
    await expect(subject.breaker.execute(fail)).rejects.toMatchObject({
      code: 'CIRCUIT_OPEN',
      message: expect.stringContaining('being tried again') as unknown,
      details: { dependency: 'bank', state: 'half-open', retryAfterMs },
    });
    abort.abort();
    await expect(probe).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('is not stuck by a probe that was at work when it was closed', async () => {
    const subject = make();
    await open(subject);
    const abort = new AbortController();
    const probe = subject.breaker.execute(never, { signal: abort.signal });
    await subject.breaker.close();
    abort.abort();
    await expect(probe).rejects.toMatchObject({ code: 'CANCELLED' });
    for (let count = 0; count < 3; count++) {
      await expect(subject.breaker.execute(fail)).rejects.toBe(down);
      await subject.clock.advance(cooldownMs);
    }
    expect(subject.breaker.state).toBe('closed');
  });

  it.each([
    ['name', { name: ' ' }],
    ['name', { name: undefined as never }],
    ['failureThreshold', { failureThreshold: Number.NaN }],
    ['failureThreshold', { failureThreshold: 0 }],
    ['failureThreshold', { failureThreshold: 2.5 }],
    ['cooldownMs', { cooldownMs: Number.NaN }],
    ['cooldownMs', { cooldownMs: -1 }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['isFailure', { isFailure: 5 as never }],
    ['cooldownMs', { cooldownMS: 5 } as never],
  ])('refuses the option %s in %j', (option, options) => {
    expect(() => make(options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(option) as unknown }),
    );
  });
});
