import { type Capability, type ComponentInfo, GomindError } from '@gomind/core';
import { createFakeClock, type FakeClock } from '@gomind/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import { createPlanCache } from './memory-plan-cache.ts';
import type { PlanCache } from './plan-cache.ts';
import type { PlanQuery } from './plan-query.ts';
import type { PlanningOptions, PlanningResult } from './planner.ts';

const getQuote: Capability = {
  name: 'get_quote',
  description: 'Price of a share',
  inputSchema: { type: 'object', properties: { symbol: { type: 'string' }, at: {} }, required: ['symbol'] },
};
const stockTool = (capability: Capability = getQuote): ComponentInfo => ({
  id: 'stock-1',
  name: 'stock-tool',
  type: 'tool',
  description: 'Shares',
  address: '127.0.0.1',
  port: 1,
  capabilities: [capability],
});
const planFor = (inputs: Readonly<Record<string, unknown>>): RoutingPlan => ({
  steps: [{ name: 'quote', component: 'stock-tool', action: 'get_quote', inputs, dependsOn: [] }],
});
const query = (change: Partial<PlanQuery> = {}): PlanQuery => ({
  request: 'Price of TSLA?',
  offered: [stockTool()],
  audience: 'anyone',
  ...change,
});
const usage = { inputTokens: 90, outputTokens: 10, totalTokens: 100 };

let clock: FakeClock;
let cache: PlanCache;
let plannings: number;

beforeEach(() => {
  clock = createFakeClock();
  cache = createPlanCache({ ttlMs: 60_000, staleTtlMs: 600_000, negativeTtlMs: 5_000, clock });
  plannings = 0;
});

const planner =
  (result: PlanningResult = { ok: true, plan: planFor({ symbol: 'TSLA' }) }) =>
  async ({ emit }: PlanningOptions): Promise<PlanningResult> => {
    plannings++;
    await Promise.resolve();
    emit?.({ type: 'tokens', purpose: 'planning', model: 'm', usage });
    return result;
  };

describe('a plan cache', () => {
  it('serves the plan of the same words, and says what that saved', async () => {
    const first = await cache.plan(query(), planner(), {});
    const second = await cache.plan(query({ request: '  Price  of TSLA? ' }), planner(), {});
    expect([first.from, second.from, plannings]).toEqual(['planner', 'cache', 1]);
    expect(cache.metrics()).toMatchObject({
      cacheHits: 1,
      cacheMisses: 1,
      cacheHitRate: 0.5,
      cacheSize: 1,
      savedTokens: 100,
    });
  });

  it.each([
    ['other words', { request: 'Yield of TSLA?' }],
    ['the same words in other case, which may mean another thing', { request: 'price of tsla?' }],
    ['another audience', { audience: 'someone' }],
    [
      'a changed schema',
      {
        offered: [
          stockTool({ ...getQuote, inputSchema: { type: 'object', properties: { symbol: { type: 'string' } } } }),
        ],
      },
    ],
    ['a changed description', { offered: [stockTool({ ...getQuote, description: 'Price of a bond' })] }],
    ['a changed effect', { offered: [stockTool({ ...getQuote, effect: 'irreversible' as const })] }],
    ['one capability more', { offered: [{ ...stockTool(), capabilities: [getQuote, { ...getQuote, name: 'b' }] }] }],
  ])('does not serve it for %s', async (_what, change) => {
    await cache.plan(query(), planner(), {});
    await expect(cache.plan(query(change), planner(), {})).resolves.toMatchObject({ from: 'planner' });
  });

  it('serves it although instances moved or the list was made anew', async () => {
    await cache.plan(query(), planner(), {});
    const moved = [{ ...stockTool(structuredClone(getQuote)), id: 'stock-2', port: 2 }];
    await expect(cache.plan(query({ offered: moved }), planner(), {})).resolves.toMatchObject({ from: 'cache' });
  });

  it('does not serve yesterday’s plan, because "tomorrow" is another day', async () => {
    clock.setWallClock(Date.UTC(2026, 0, 1, 23, 59, 50));
    await cache.plan(query(), planner(), {});
    await clock.advance(20_000);
    await expect(cache.plan(query(), planner(), {})).resolves.toMatchObject({ from: 'planner' });
  });

  it.each([
    ['a time of day', '2026-01-01T00:10:00Z'],
    ['milliseconds since the epoch', Date.UTC(2026, 0, 1, 0, 10)],
    ['seconds since the epoch', Date.UTC(2026, 0, 1, 0, 10) / 1_000],
  ])('does not keep a plan that holds %s which nobody named', async (_what, at) => {
    const made = planner({ ok: true, plan: planFor({ symbol: 'TSLA', at }) });
    await cache.plan(query(), made, {});
    await expect(cache.plan(query(), made, {})).resolves.toMatchObject({ from: 'planner' });
    const named = query({ request: `Price of TSLA at ${String(at)}` });
    await cache.plan(named, made, {});
    await expect(cache.plan(named, made, {})).resolves.toMatchObject({ from: 'cache' });
  });

  it('repeats for a short while that no component can do it, and asks again when another one is offered', async () => {
    const refusal = planner({ ok: false, reason: 'Nothing books hotels.' });
    await cache.plan(query(), refusal, {});
    await expect(cache.plan(query(), refusal, {})).resolves.toMatchObject({ ok: false, from: 'cache' });
    const more = query({ offered: [stockTool(), { ...stockTool(), name: 'hotel-tool' }] });
    await expect(cache.plan(more, planner(), {})).resolves.toMatchObject({ ok: true, from: 'planner' });
    await clock.advance(5_001);
    await expect(cache.plan(query(), refusal, {})).resolves.toMatchObject({ from: 'planner' });
    expect(cache.metrics().cacheNegativeHits).toBe(1);
  });

  it('does not keep a plan that calls what was not offered', async () => {
    const other: RoutingPlan = { steps: planFor({}).steps.map((step) => ({ ...step, component: 'elsewhere' })) };
    await cache.plan(query(), planner({ ok: true, plan: other }), {});
    await expect(cache.plan(query(), planner(), {})).resolves.toMatchObject({ from: 'planner' });
  });

  it('forgets the plans that use a component which has gone, and only those', async () => {
    const refused = query({ request: 'Book a hotel' });
    await cache.plan(query(), planner(), {});
    await cache.plan(refused, planner({ ok: false, reason: 'no' }), {});
    cache.dropComponent('stock-tool');
    await expect(cache.plan(query(), planner(), {})).resolves.toMatchObject({ from: 'planner' });
    await expect(cache.plan(refused, planner(), {})).resolves.toMatchObject({ from: 'cache' });
  });

  it('knows a plan beyond its lifetime for when the planner fails', async () => {
    await cache.plan(query(), planner(), {});
    await clock.advance(60_001);
    expect(cache.findStale(query())).toMatchObject({ steps: [{ name: 'quote' }] });
    expect(cache.findStale(query({ audience: 'someone' }))).toBeUndefined();
    expect(cache.metrics().cacheStaleHits).toBe(1);
  });

  it('gives all the same plan, which none of them can change', async () => {
    const { plan } = (await cache.plan(query(), planner(), {})) as { readonly plan: RoutingPlan };
    expect(() => Object.assign(plan.steps[0]?.inputs ?? {}, { symbol: 'EVIL' })).toThrow(TypeError);
    await expect(cache.plan(query(), planner(), {})).resolves.toMatchObject({ plan: planFor({ symbol: 'TSLA' }) });
  });

  it('gives the events of a shared planning to one run, and to the next when that one leaves', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    const slow = async (options: PlanningOptions): Promise<PlanningResult> => {
      options.emit?.({ type: 'tokens', purpose: 'planning', model: 'm', usage });
      await gate;
      return planner()(options);
    };
    const seen: string[] = [];
    const leaver = new AbortController();
    const listenAs = (name: string) => (event: RunEventBody) => seen.push(`${name} ${event.type}`);
    const first = cache.plan(query(), slow, { signal: leaver.signal, emit: listenAs('first') });
    const second = cache.plan(query(), slow, { emit: listenAs('second') });
    await clock.advance(0);
    leaver.abort();
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
    open(undefined);
    await expect(second).resolves.toMatchObject({ ok: true, from: 'shared' });
    expect(seen).toEqual(['first tokens', 'second tokens']);
  });

  it('lets others plan for themselves when the budget of whoever asked first is used up', async () => {
    const refused = () => Promise.reject(new GomindError({ code: 'BUDGET_EXCEEDED', message: 'No tokens are left' }));
    const poor = cache.plan(query(), refused, {});
    const others = [1, 2].map(() => cache.plan(query(), planner(), {}));
    await expect(poor).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
    const results = await Promise.all(others);
    expect(results.map(({ ok, from }) => `${String(ok)} ${from}`)).toEqual(['true planner', 'true shared']);
  });
});
