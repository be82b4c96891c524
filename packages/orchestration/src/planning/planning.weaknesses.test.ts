/**
 * The weaknesses of severity A that the Go original was shown to have in planning (its inventory, Part II, section 2.2). W-20 to
 * W-22 are held by `plan/plan.weaknesses.test.ts`, W-24 by `llm/llm.weaknesses.test.ts`.
 */
import type { ComponentInfo } from '@gomind/core';
import { createFakeClock, createScriptedAIClient } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { createPlanCache } from './memory-plan-cache.ts';
import { createPlanner } from './planner.ts';

const offered: ComponentInfo[] = [
  {
    id: 's',
    name: 'stock-tool',
    type: 'tool',
    description: '',
    address: '127.0.0.1',
    port: 1,
    capabilities: [{ name: 'quote', description: '' }],
  },
];

const planFor = (component: string): string =>
  JSON.stringify({ steps: [{ name: 'q', component, action: 'quote', inputs: {}, depends_on: [] }] });

describe('weaknesses of the Go original: planning', () => {
  it('W-19: a plan that was made again after a refusal is proved like the first, a bounded number of times', async () => {
    const aiClient = createScriptedAIClient(['a-tool', 'b-tool', 'c-tool'].map(planFor));
    const planner = createPlanner({ aiClient, maxRepairs: 2 });
    await expect(planner.plan('Price?', offered)).rejects.toMatchObject({
      code: 'PLAN_REJECTED',
      details: { diagnostics: [{ code: 'UNKNOWN_COMPONENT' }] },
    });
    expect(aiClient.calls).toHaveLength(3);
  });

  it('W-30: the share of hits of the plan cache is right after hits and after misses, also of requests at once', async () => {
    const cache = createPlanCache({ clock: createFakeClock() });
    const steps = [{ name: 'q', component: 'stock-tool', action: 'quote', inputs: {}, dependsOn: [] }];
    const plan = () => Promise.resolve({ ok: true as const, plan: { steps } });
    const ask = async (request: string) => cache.plan({ request, offered, audience: '' }, plan, {});
    await ask('a');
    await Promise.all([ask('a'), ask('a')]);
    expect(cache.metrics()).toMatchObject({ cacheHits: 2, cacheMisses: 1, cacheHitRate: 2 / 3 });
    await ask('b');
    expect(cache.metrics().cacheHitRate).toBe(0.5);
  });
});
