import { canonicalJson, type Capability, type ComponentInfo, type JsonSchema } from '@gomind/core';
import { createFakeClock } from '@gomind/core/testing';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { PlanStep } from '../plan/routing-plan.ts';
import { createPlanCache } from './memory-plan-cache.ts';
import type { PlanCache } from './plan-cache.ts';
import type { PlanningResult } from './planner.ts';

type Inputs = Readonly<Record<string, unknown>>;

const text: JsonSchema = { type: 'string' };
const number: JsonSchema = { type: 'number' };
const capability = (
  name: string,
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
  more: Partial<Capability> = {},
): Capability => ({
  name,
  description,
  inputSchema: { type: 'object', properties, additionalProperties: false },
  effect: 'pure',
  ...more,
});
const tool = (name: string, capabilities: readonly Capability[]): ComponentInfo => ({
  id: name,
  name,
  type: 'tool',
  description: '',
  address: '127.0.0.1',
  port: 1,
  capabilities: [...capabilities],
});

const offered: ComponentInfo[] = [
  tool('currency-tool', [
    capability('exchange', 'Exchange or convert an amount of money', { amount: number, source: text, target: text }),
  ]),
  tool('unit-tool', [
    capability('convert_units', 'Turn miles into kilometres', { value: number, source: text, target: text }),
  ]),
  tool('weather-tool', [
    capability('forecast', 'Weather forecast of a place', {
      city: text,
      country: text,
      days: { type: 'integer', minimum: 1, maximum: 16 },
      units: { enum: ['celsius', 'fahrenheit'], default: 'celsius' },
    }),
  ]),
  tool('stock-tool', [capability('share_price', 'Price of a share', { symbol: text })]),
  tool('coin-tool', [capability('coin_price', 'Price of a coin', { coin: text })]),
  tool('atlas-tool', [capability('locate', 'Show a city on the map', { city: text, country_code: text })]),
  tool('order-tool', [capability('orders', 'List orders', { page: number, limit: number })]),
  tool('web-tool', [capability('search', 'Search the web', { query: text, limit: { type: 'integer', default: 10 } })]),
  tool('mail-tool', [
    capability('deliver', 'Mail a note', { recipient: text, body: text }, { effect: 'irreversible' }),
  ]),
  tool('file-tool', [capability('remove', 'Delete a folder', { folder: text })]),
  tool('diary-tool', [capability('agenda', 'Agenda of a day', { day: text })]),
];

const step = (component: string, action: string, inputs: Inputs): PlanStep => ({
  name: action,
  component,
  action,
  inputs,
  dependsOn: [],
});
const exchange = (amount: number, source: string, target: string): PlanStep =>
  step('currency-tool', 'exchange', { amount, source, target });
const forecast = (inputs: Inputs): PlanStep => step('weather-tool', 'forecast', inputs);

/** A request with the steps that a perfect planner makes of it; none means that it refuses. */
interface Case {
  readonly request: string;
  readonly steps: readonly PlanStep[];
}
const asks = (request: string, ...steps: PlanStep[]): Case => ({ request, steps });

const amount = fc.constantFrom(1, 2, 5, 10, 31, 32, 100, 250, 999.5, 1_234, 20_000);
const money = fc.constantFrom('USD', 'EUR', 'GBP', 'JPY', 'KRW');
const city = fc.constantFrom('Paris', 'Tokyo', 'New York', 'Rio de Janeiro', 'Oslo', 'Rome', 'Boston');
const count = fc.constantFrom(1, 2, 3, 7, 14, 16, 30);
const countries: Readonly<Record<string, string>> = { Tokyo: 'JP', 'New York': 'US', Boston: 'US', Oslo: 'NO' };
const countryOf = (name: string): string => countries[name] ?? 'FR';

/** Ways to ask for an exchange; the first two words are what differs. */
const exchanges: fc.Arbitrary<Case> = fc.tuple(amount, money, money).chain(([a, from, to]) =>
  fc.constantFrom(
    asks(`Convert ${String(a)} ${from} to ${to}`, exchange(a, from, to)),
    asks(`Please convert ${String(a)} ${from} to ${to}.`, exchange(a, from, to)),
    asks(`convert ${a.toLocaleString('en')} ${from} to ${to}, please`, exchange(a, from, to)),
    asks(`How much is ${String(a)} ${from} in ${to}?`, exchange(a, from, to)),
    asks(`What are ${String(a)} ${from} worth in ${to}?`, exchange(a, from, to)),
    // Look-alikes
    asks(`Convert to ${to} from ${from} ${String(a)}`, exchange(a, from, to)),
    asks(`Convert ${String(a)} ${from} from ${to}`, exchange(a, to, from)),
    asks(`Don't convert ${String(a)} ${from} to ${to}`),
    asks(`Convert ${String(a)} ${from} to ${to} and back`, exchange(a, from, to), {
      ...exchange(a, to, from),
      name: 'back',
    }),
    asks(`Convert ${String(a)}k ${from} to ${to}`, exchange(a * 1_000, from, to)),
    asks(`Convert ${String(a)}m ${from} to ${to}`),
    asks(`Convert -${String(a)} ${from} to ${to}`, exchange(-a, from, to)),
    asks(`Convert 1.234 ${from} to ${to}`, exchange(1_234, from, to)),
    asks(`Convert two ${from} to ${to}`, exchange(2, from, to)),
    asks(
      `Convert ${String(a)} miles to KM`,
      step('unit-tool', 'convert_units', { value: a, source: 'miles', target: 'km' }),
    ),
    asks(`Convert ${String(a)} pounds to ${to}`, exchange(a, 'GBP', to)),
    asks(`Convert ${String(a)} BTC to ${to}`),
  ),
);

const weather: fc.Arbitrary<Case> = fc.tuple(city, city, count).chain(([one, other, days]) =>
  fc.constantFrom(
    asks(`Weather in ${one}`, forecast({ city: one })),
    asks(`weather in ${one}, please!`, forecast({ city: one })),
    asks(`Weather in "${one}"`, forecast({ city: one })),
    asks(`Weather in ${one} for ${String(days)} days`, forecast({ city: one, days: Math.min(days, 16) })),
    asks(`Weather in ${one} in celsius`, forecast({ city: one, units: 'celsius' })),
    asks(`What is the forecast for ${one}?`, forecast({ city: one, units: 'celsius' })),
    asks(`How warm is it in ${one}?`, forecast({ city: one, country: countryOf(one) })),
    asks(`Weather in ${one} and ${other}`, forecast({ city: one }), { ...forecast({ city: other }), name: 'second' }),
    // Look-alikes
    asks('Weather in Celsius'),
    asks('Weather in Fahrenheit'),
    asks(`Weather not in ${one}`),
    asks(`Weather in ${one} instead of ${other}`, forecast({ city: one })),
    asks(`Weather in ${one}, Delete ${other}`, forecast({ city: one }), step('file-tool', 'remove', { folder: other })),
    asks(`Weather in ${one}, ${other}`, forecast({ city: one, country: other })),
    asks(one, forecast({ city: one })),
    asks(`Delete ${one}`, step('file-tool', 'remove', { folder: one })),
    asks(`Show ${one} on the map`, step('atlas-tool', 'locate', { city: one, country_code: countryOf(one) })),
  ),
);

const others: fc.Arbitrary<Case> = fc
  .tuple(count, fc.constantFrom('cats', 'dogs', 'a "b"', '${x}'))
  .chain(([n, words]) =>
    fc.constantFrom(
      asks('Price of TSLA', step('stock-tool', 'share_price', { symbol: 'TSLA' })),
      asks('Price of AAPL', step('stock-tool', 'share_price', { symbol: 'AAPL' })),
      asks('Price of Tesla', step('stock-tool', 'share_price', { symbol: 'TSLA' })),
      asks('Price of BTC', step('coin-tool', 'coin_price', { coin: 'BTC' })),
      asks('Price of ETH', step('coin-tool', 'coin_price', { coin: 'ETH' })),
      asks('Share of TSLA', step('stock-tool', 'share_price', { symbol: 'TSLA' })),
      asks(`List ${String(n)} orders`, step('order-tool', 'orders', n === 1 ? { page: 1 } : { page: 1, limit: n })),
      asks(`List orders of page ${String(n)}`, step('order-tool', 'orders', { page: n })),
      asks(`Search for “${words}”`, step('web-tool', 'search', { query: words.replaceAll('${', '$${'), limit: 10 })),
      asks(
        `Search for “${words}” on the web, ${String(n)} results`,
        step('web-tool', 'search', { query: words.replaceAll('${', '$${'), limit: n }),
      ),
      asks(
        `Mail “${words}” to ann@example.com`,
        step('mail-tool', 'deliver', { recipient: 'ann@example.com', body: words }),
      ),
      asks(
        `Agenda of 2026-0${String(Math.min(9, n))}-12`,
        step('diary-tool', 'agenda', { day: `2026-0${String(Math.min(9, n))}-12` }),
      ),
      asks('Agenda of tomorrow', step('diary-tool', 'agenda', { day: '2026-01-02' })),
      asks('Agenda of today', step('diary-tool', 'agenda', { day: '2026-01-01' })),
    ),
  );

const anyCase = fc.oneof(exchanges, weather, others);
const planOf = ({ steps }: Case): PlanningResult =>
  steps.length === 0 ? { ok: false, reason: 'No.' } : { ok: true, plan: { steps } };

async function ask(cache: PlanCache, asked: Case): Promise<PlanningResult & { readonly from: string }> {
  const plan = () => Promise.resolve(planOf(asked));
  return cache.plan({ request: asked.request, offered, audience: '' }, plan, {});
}

describe('templates', () => {
  const total = { requests: 0, templateHits: 0, exactHits: 0, wrong: 0 };

  it(
    'never serve a plan that the planner would not have made, in whatever order requests come',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyCase, { minLength: 1, maxLength: 300, size: 'max' }), async (cases) => {
          const cache = createPlanCache({ clock: createFakeClock() });
          for (const asked of cases) {
            const { from, ...result } = await ask(cache, asked);
            total.requests++;
            if (canonicalJson(result) !== canonicalJson(planOf(asked))) total.wrong++;
            expect(result, `${asked.request} (${from})`).toEqual(planOf(asked));
          }
          const { cacheHits, cacheTemplateHits } = cache.metrics();
          total.templateHits += cacheTemplateHits;
          total.exactHits += cacheHits - cacheTemplateHits;
        }),
        { numRuns: 60 },
      );
    },
  );

  afterAll(() => {
    const share = (part: number): string => `${((100 * part) / total.requests).toFixed(1)} %`;
    console.log(
      `${String(total.requests)} requests, half of them look-alikes: ${share(total.templateHits)} by template, ` +
        `${share(total.exactHits)} by the same words, ${String(total.wrong)} wrong plans`,
    );
    expect(total.templateHits).toBeGreaterThan(0);
  });
});

describe('a template', () => {
  const cacheWith = async (...cases: readonly Case[]): Promise<PlanCache> => {
    const cache = createPlanCache({ clock: createFakeClock() });
    for (const asked of cases) await ask(cache, asked);
    return cache;
  };
  const learnt = asks('Convert 250 USD to EUR', exchange(250, 'USD', 'EUR'));

  it('serves the same words with other values after one planning', async () => {
    const cache = await cacheWith(learnt);
    const { from, ...result } = await ask(
      cache,
      asks('please convert 1,000 GBP to JPY', exchange(1_000, 'GBP', 'JPY')),
    );
    expect([from, result]).toEqual(['cache', planOf(asks('', exchange(1_000, 'GBP', 'JPY')))]);
    expect(cache.metrics()).toMatchObject({ cacheTemplateHits: 1, cacheHits: 1 });
  });

  it('lets a small number vary only when two plannings agreed on it', async () => {
    const days = (n: number): Case =>
      asks(`Weather in Paris for ${String(n)} days`, forecast({ city: 'Paris', days: n }));
    const cache = await cacheWith(days(3));
    expect((await ask(cache, days(5))).from).toBe('planner');
    expect((await ask(cache, days(7))).from).toBe('cache');
    // 40 is more than the schema allows; the planner may know what to do about it.
    expect((await ask(cache, days(40))).from).toBe('planner');
  });

  it('ends when two plannings disagree', async () => {
    const cache = await cacheWith(
      asks('List 1 orders', step('order-tool', 'orders', { page: 1 })),
      asks('List 3 orders', step('order-tool', 'orders', { limit: 3 })),
    );
    expect((await ask(cache, asks('List 4 orders', step('order-tool', 'orders', { limit: 4 })))).from).toBe('planner');
  });

  it.each<[string, Case, Case]>([
    [
      'a constant hangs on a value',
      asks('Map of Oslo', step('atlas-tool', 'locate', { city: 'Oslo', country_code: 'NO' })),
      asks('Map of Rome'),
    ],
    [
      'a value is named twice',
      asks('Convert 100 EUR to EUR', exchange(100, 'EUR', 'EUR')),
      asks('Convert 100 USD to GBP'),
    ],
    [
      'a value stands in the plan twice',
      asks('Weather of 77', forecast({ city: '77', country: '77' })),
      asks('Weather of 78'),
    ],
    [
      'another capability competes for the words',
      asks('Price of TSLA', step('stock-tool', 'share_price', { symbol: 'TSLA' })),
      asks('Price of BTC'),
    ],
    [
      'the plan does something lasting',
      asks('Mail to ann@example.com', step('mail-tool', 'deliver', { recipient: 'ann@example.com' })),
      asks('Mail to bob@example.com'),
    ],
    [
      'the value is in a step’s name',
      { ...learnt, steps: [{ ...exchange(250, 'USD', 'EUR'), name: 'to EUR' }] },
      asks('Convert 250 USD to GBP'),
    ],
    [
      'the value is inside an expression',
      {
        ...learnt,
        steps: [
          exchange(250, 'USD', 'EUR'),
          { ...exchange(1, 'EUR', 'JPY'), name: 'b', inputs: { amount: '${steps.exchange.output * 250}' } },
        ],
      },
      asks('Convert 251 USD to EUR'),
    ],
    [
      'the new value would be an expression',
      asks('Weather of "Oslo"', forecast({ city: 'Oslo' })),
      asks('Weather of "${env.HOME}"'),
    ],
    ['the new value names a setting', asks('Weather in Oslo', forecast({ city: 'Oslo' })), asks('Weather in Celsius')],
    ['a request is turned around', learnt, asks('Convert 251 USD to EUR, not')],
  ])('is not served when %s', async (_why, first, second) => {
    const cache = await cacheWith(first);
    expect((await ask(cache, second)).from).toBe('planner');
  });

  it('goes with its component, and with what it was offered beside', async () => {
    const cache = await cacheWith(learnt);
    const next = asks('Convert 300 USD to EUR', exchange(300, 'USD', 'EUR'));
    const plan = () => Promise.resolve(planOf(next));
    const fewer = { request: next.request, offered: offered.slice(0, 3), audience: '' };
    await expect(cache.plan(fewer, plan, {})).resolves.toMatchObject({ from: 'planner' });
    await expect(cache.plan({ ...fewer, offered, audience: 'b' }, plan, {})).resolves.toMatchObject({
      from: 'planner',
    });
    cache.dropComponent('currency-tool');
    expect((await ask(cache, next)).from).toBe('planner');
  });

  it('keeps what other steps give', async () => {
    const place = { ...forecast({ city: '${steps.exchange.output}' }), dependsOn: ['exchange'] };
    const cache = await cacheWith({ ...learnt, steps: [...learnt.steps, place] });
    await expect(ask(cache, asks('Convert 300 USD to EUR', exchange(300, 'USD', 'EUR'), place))).resolves.toMatchObject(
      {
        from: 'cache',
        plan: { steps: [{ inputs: { amount: 300 } }, { inputs: { city: '${steps.exchange.output}' } }] },
      },
    );
  });
});
