/**
 * A plan that calls 50 local components at once, against `Promise.all` over a pool of the library underneath for each.
 *
 * @module
 */
import { ComponentClient, createComponentStepHandler, PlanExecutor, type RoutingPlan } from '@gomind/orchestration';
import { Pool } from 'undici';
import type { BenchCase } from '../bench-case.ts';
import { startLocalComponents } from '../local-components.ts';
import { type BenchRow, measure } from '../measure.ts';

const width = 50;
const inputs = { symbol: 'TSLA', currency: 'USD' };

export const benchCase: BenchCase = {
  summary: `one plan that calls ${String(width)} local components at once, against Promise.all over undici's pools`,
  run: async (): Promise<readonly BenchRow[]> => {
    await using local = await startLocalComponents(width, 'pure');
    const resolve = (name: string): typeof local.components =>
      local.components.filter((component) => component.name === name);
    await using caller = new ComponentClient({ resolve });
    const executor = new PlanExecutor({
      handlers: [createComponentStepHandler({ caller, resolve })],
      maxConcurrency: width,
    });
    const pools = local.components.map(({ port }) => new Pool(`http://127.0.0.1:${String(port)}`, { connections: 10 }));
    const variants = {
      'Promise.all over pools': async () => {
        await Promise.all(
          pools.map(async (pool) => {
            const answer = await pool.request({
              method: 'POST',
              path: '/api/capabilities/quote',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(inputs),
            });
            return answer.body.json();
          }),
        );
      },
      plan: async () => {
        const { status } = await executor.execute(plan);
        if (status !== 'completed') throw new Error(`The plan ended as ${status}`);
      },
    };
    try {
      return await measure(variants, { baseline: 'Promise.all over pools', rounds: 101, warmupRounds: 20 });
    } finally {
      await Promise.all(pools.map((pool) => pool.close()));
    }
  },
};

const plan: RoutingPlan = {
  steps: Array.from({ length: width }, (_, index) => ({
    name: `step-${String(index)}`,
    component: `tool-${String(index)}`,
    action: 'quote',
    inputs,
    dependsOn: [],
  })),
};
