import { type CircuitBreaker, CooldownBreaker, GomindError } from '@gomind/core';
import { createFakeClock, createRecordingLogger, createRecordingTelemetry } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { type CircuitChange, CircuitBreakers, type CircuitBreakersOptions } from './circuit-breakers.ts';

function setUp(options: Partial<CircuitBreakersOptions> = {}) {
  const clock = createFakeClock();
  const logger = createRecordingLogger();
  const telemetry = createRecordingTelemetry();
  const made: CircuitBreaker[] = [];
  const closed: string[] = [];
  const breakers = new CircuitBreakers({
    make: (name) => {
      const breaker = new CooldownBreaker({ name, failureThreshold: 2, cooldownMs: 1_000, clock });
      const close = breaker.close.bind(breaker);
      breaker.close = () => {
        closed.push(name);
        return close();
      };
      made.push(breaker);
      return breaker;
    },
    clock,
    logger,
    telemetry,
    ...options,
  });
  const fail = async (name: string): Promise<unknown> =>
    breakers.guard(name, () => Promise.reject(new Error('down'))).catch((error: unknown) => error);
  const open = async (name: string): Promise<void> => {
    await fail(name);
    await fail(name);
  };
  return { breakers, clock, logger, telemetry, made, closed, fail, open };
}

const well = (): Promise<string> => Promise.resolve('well');

describe('CircuitBreakers', () => {
  it('makes one breaker for each dependency, when it is first used', async () => {
    const { breakers, made } = setUp();
    await breakers.guard('a', well);
    await breakers.guard('b', well);
    await breakers.guard('a', well);
    expect(breakers.isOpen('c')).toBe(false);
    expect(made.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('tells who waits for a dependency once, when its circuit has closed or another one has come under its name', async () => {
    const { breakers, clock, logger, open } = setUp();
    const told: string[] = [];
    const wait = (name: string, as = name): (() => void) => breakers.onceCallable(name, () => told.push(as));
    await open('probed');
    await open('renewed');
    wait('probed');
    breakers.onceCallable('probed', () => {
      throw new Error('broken');
    });
    const stop = wait('probed', 'stopped');
    wait('renewed');
    stop();
    await clock.advance(1_000);
    expect(breakers.isOpen('probed')).toBe(false);
    breakers.forget('renewed');
    expect(told).toEqual([]);
    await breakers.guard('probed', well);
    expect(told).toEqual(['probed']);
    expect(logger.records).toContainEqual(expect.objectContaining({ message: 'A listener to circuit breakers threw' }));
    breakers.renew('renewed');
    breakers.renew('renewed');
    await open('probed');
    await clock.advance(1_000);
    await breakers.guard('probed', well);
    expect(told).toEqual(['probed', 'renewed']);
  });

  it('tells one who waits that a probe has proved nothing, and the next only after the next such probe', async () => {
    const { breakers, clock, open } = setUp();
    const told: string[] = [];
    await open('a');
    await clock.advance(1_000);
    breakers.onceCallable('a', () => told.push('first'));
    breakers.onceCallable('a', () => told.push('second'));
    const nothing = new GomindError({ code: 'INPUT_ERROR', message: 'No such currency' });
    const gate = Promise.withResolvers<never>();
    const probe = breakers.guard('a', () => gate.promise);
    await expect(breakers.guard('a', well)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect(told).toEqual([]);
    gate.reject(nothing);
    await expect(probe).rejects.toBe(nothing);
    expect(told).toEqual(['first']);
    await expect(breakers.guard('a', () => Promise.reject(nothing))).rejects.toBe(nothing);
    expect(told).toEqual(['first', 'second']);
    await breakers.guard('a', well);
    expect(told).toEqual(['first', 'second']);
  });

  it.each([
    ['undefined', undefined],
    ['an object', {}],
    ['a text', 'breaker'],
  ])('says that the application made no breaker, but %s', async (_what, made) => {
    const { breakers } = setUp({ make: () => made as never });
    await expect(breakers.guard('bank', well)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/made no CircuitBreaker for "bank"/) as unknown,
    });
    await breakers.close();
  });

  it('goes on when a breaker cannot be closed, and logs it', async () => {
    const close = (): never => {
      throw new Error('stuck');
    };
    const make = (): CircuitBreaker => Object.assign(new CooldownBreaker({ name: 'bank' }), { close });
    const { breakers, logger } = setUp({ make, maxBreakers: 1 });
    await breakers.guard('bank', well);
    await expect(breakers.guard('exchange', well)).resolves.toBe('well');
    await breakers.close();
    const logged = logger.records.filter(({ message }) => message === 'A circuit breaker could not be closed');
    expect(logged).toHaveLength(2);
  });

  it('knows who is left alone, tells of it once, and of its return', async () => {
    const { breakers, clock, telemetry, open } = setUp();
    const changes: CircuitChange[] = [];
    const stop = breakers.onChange((change) => changes.push(change));
    await open('a');
    await breakers.guard('b', well);
    const components = [{ name: 'a' }, { name: 'b' }];
    expect(breakers.available(components)).toEqual([{ name: 'b' }]);
    expect(breakers.availableFirst(components)).toEqual([{ name: 'b' }, { name: 'a' }]);
    expect(breakers.openCircuits()).toEqual(['a']);
    await expect(breakers.guard('a', well)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect(changes).toEqual([{ type: 'breaker.opened', name: 'a' }]);

    await clock.advance(1_000);
    // Its next call is a probe, so it may be offered.
    expect(breakers.available(components)).toBe(components);
    await expect(breakers.guard('a', well)).resolves.toBe('well');
    expect(changes).toEqual([
      { type: 'breaker.opened', name: 'a' },
      { type: 'breaker.closed', name: 'a' },
    ]);
    const gauge = telemetry.metrics.filter(({ name }) => name === 'gomind.breaker.state');
    expect(gauge.map(({ value, attributes }) => [value, attributes['name']])).toEqual([
      [2, 'a'],
      [1, 'a'],
      [0, 'a'],
    ]);
    stop();
    await open('a');
    expect(changes).toHaveLength(2);
  });

  it('keeps at most so many: the least recently used goes first, who is down last', async () => {
    const { breakers, closed, open, made } = setUp({ maxBreakers: 3 });
    await open('down');
    await breakers.guard('a', well);
    await breakers.guard('b', well);
    await breakers.guard('a', well);
    await breakers.guard('c', well);
    expect(closed).toEqual(['b']);
    expect(breakers.openCircuits()).toEqual(['down']);
    for (let count = 0; count < 1_000; count++) await open(`other-${String(count)}`);
    expect(breakers.openCircuits()).toHaveLength(3);
    expect(made.length - closed.length).toBe(3);
  });

  it('drops who was not used for long, but not who is down', async () => {
    const { breakers, clock, closed, open } = setUp({ idleMs: 10_000 });
    await open('down');
    await breakers.guard('a', well);
    await clock.advance(900);
    await breakers.guard('b', well);
    expect(breakers.openCircuits()).toEqual(['down']);
    await clock.advance(9_200);
    await breakers.guard('c', well);
    expect(closed).toEqual(['a']);
  });

  it('opens after five failures in a row for 30 s, unless told otherwise', async () => {
    const { breakers, clock, telemetry, fail } = setUp({ make: undefined });
    for (let count = 0; count < 4; count++) await fail('a');
    expect(breakers.isOpen('a')).toBe(false);
    await fail('a');
    expect(breakers.isOpen('a')).toBe(true);
    await fail('a');
    expect(telemetry.metrics).toContainEqual(
      expect.objectContaining({ name: 'gomind.circuit_breaker.rejections', value: 1, attributes: { name: 'a' } }),
    );
    await clock.advance(29_999);
    expect(breakers.isOpen('a')).toBe(true);
    await clock.advance(1);
    expect(breakers.isOpen('a')).toBe(false);
  });

  it('forgets: the next one of that name begins anew, and a late end of an old call changes nothing', async () => {
    const { breakers, open } = setUp();
    await breakers.guard('a', well);
    const gate = Promise.withResolvers<string>();
    const late = breakers.guard('a', () => gate.promise);
    await open('a');
    const changes: CircuitChange[] = [];
    breakers.onChange((change) => changes.push(change));
    breakers.forget('a');
    expect(breakers.openCircuits()).toEqual([]);
    gate.resolve('late');
    await late;
    expect(changes).toEqual([{ type: 'breaker.closed', name: 'a' }]);
    await expect(breakers.guard('a', well)).resolves.toBe('well');
  });

  it('lets nobody who listens into the calls', async () => {
    const { breakers, logger, fail } = setUp();
    breakers.onChange(() => {
      throw new Error('deaf');
    });
    await fail('a');
    await expect(fail('a')).resolves.toMatchObject({ message: 'down' });
    expect(logger.records.map(({ message }) => message)).toContain('A listener to circuit breakers threw');
  });

  it('watches the breakers of others without closing them', async () => {
    const { breakers, clock } = setUp();
    const foreign = new CooldownBreaker({ name: 'model:openai', failureThreshold: 1, clock });
    breakers.watch([foreign]);
    const changes: CircuitChange[] = [];
    breakers.onChange((change) => changes.push(change));
    await foreign.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
    breakers.look();
    expect(changes).toEqual([{ type: 'breaker.opened', name: 'model:openai' }]);
    expect(breakers.openCircuits()).toEqual(['model:openai']);
    await breakers.close();
    expect(foreign.state).toBe('open');
  });

  it('counts no answer that blames the request', async () => {
    const { breakers } = setUp();
    const refused = new GomindError({ code: 'INPUT_ERROR', message: 'No', details: { status: 400 } });
    for (let count = 0; count < 10; count++) await breakers.guard('a', () => Promise.reject(refused)).catch(() => 0);
    expect(breakers.isOpen('a')).toBe(false);
  });
});
