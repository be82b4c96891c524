/**
 * What a kept plan costs: the same words, and the same words with another value, with 200 capabilities on offer.
 *
 * @module
 */
import type { ComponentInfo } from '@gomind/core';
import { createPlanCache, type PlanCache, validatePlan } from '@gomind/orchestration';
import type { BenchCase } from '../bench-case.ts';
import { type BenchRow, measure, type Variant } from '../measure.ts';

const requestsPerRound = 200;
const baseline = 'proof of the plan alone';

export const benchCase: BenchCase = {
  summary: `${String(requestsPerRound)} plannings answered by the cache; promised for one kept plan are 0.2 ms, so 40 ms a round`,
  run: async (): Promise<readonly BenchRow[]> => {
    const cache = createPlanCache();
    let plannings = 0;
    const ask = async (amount: number): Promise<void> => {
      const planned = await plan(cache, amount, () => plannings++);
      if (!planned) throw new Error('There is no plan');
    };
    await ask(1_000);
    await ask(1_001);
    let next = 2_000;
    const variants: Record<string, Variant> = {
      [baseline]: () => {
        for (let count = 0; count < requestsPerRound; count++) validatePlan(planOf(1_000), offered);
      },
      'kept plan': async () => {
        for (let count = 0; count < requestsPerRound; count++) await ask(1_000);
      },
      'template, another value each time': async () => {
        for (let count = 0; count < requestsPerRound; count++) await ask(next++);
      },
    };
    const rows = await measure(variants, { baseline, rounds: 15, warmupRounds: 3 });
    for (const { name, medianMs } of rows)
      console.log(`${name}: ${(medianMs / requestsPerRound).toFixed(4)} ms for one`);
    const { cacheHitRate, cacheTemplateHits } = cache.metrics();
    const share = `${(100 * cacheHitRate).toFixed(2)} % hits`;
    console.log(`${String(plannings)} plannings, ${String(cacheTemplateHits)} template hits, ${share}\n`);
    return rows.map((row) =>
      row.name === 'kept plan' ? { ...row, time: { boundMs: 0.2, per: requestsPerRound } } : row,
    );
  },
};

async function plan(cache: PlanCache, amount: number, onPlanning: () => void): Promise<boolean> {
  const request = `Exchange ${String(amount)} USD for EUR`;
  const make = (): Promise<{ readonly ok: true; readonly plan: ReturnType<typeof planOf> }> => {
    onPlanning();
    return Promise.resolve({ ok: true, plan: planOf(amount) });
  };
  return (await cache.plan({ request, offered, audience: '' }, make, {})).ok;
}

function planOf(amount: number) {
  const inputs = { amount, source: 'USD', target: 'EUR' };
  return { steps: [{ name: 'exchange', component: 'tool-0', action: 'exchange_0', inputs, dependsOn: [] }] };
}

const words = ['flight', 'hotel', 'weather', 'stock', 'news', 'recipe', 'map', 'music', 'movie', 'train'];
const offered: readonly ComponentInfo[] = Array.from({ length: 40 }, (_, at) => ({
  id: `tool-${String(at)}`,
  name: `tool-${String(at)}`,
  type: 'tool',
  description: `Everything about the ${words[at % words.length] ?? ''}`,
  address: '127.0.0.1',
  port: 1,
  capabilities: Array.from({ length: 5 }, (_unused, which) => ({
    name: at + which === 0 ? 'exchange_0' : `${words[(at + which) % words.length] ?? ''}_${String(which)}`,
    description: at + which === 0 ? 'Exchange an amount of money' : `Finds what was asked for in region ${String(at)}`,
    inputSchema: {
      type: 'object',
      properties: {
        amount: { type: 'number', description: 'How much' },
        source: { type: 'string', description: 'Where it comes from' },
        target: { type: 'string', description: 'Where it goes' },
      },
      required: ['amount'],
      additionalProperties: false,
    },
  })),
}));
