import { type ComponentInfo, GomindError } from '@gomind/core';
import { createScriptedAIClient } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unlimitedBudget } from '../plan/budget.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import { noPlanCache } from '../planning/plan-cache.ts';
import { noAnswerCache } from './answer-cache.ts';
import { type LadderRequest, type LadderRungs, planWithLadder } from './degradation-ladder.ts';

const offered: ComponentInfo[] = [
  {
    id: '1',
    name: 'currency-tool',
    type: 'tool',
    description: 'Money',
    address: '127.0.0.1',
    port: 1,
    capabilities: [
      {
        name: 'convert',
        description: 'Convert an amount of money from one currency to another',
        inputSchema: {
          type: 'object',
          properties: { amount: { type: 'number' }, from: { type: 'string' }, to: { type: 'string' } },
          required: ['amount', 'from', 'to'],
        },
      },
    ],
  },
];
const planNamed = (name: string): RoutingPlan => ({
  steps: [
    {
      name,
      component: 'currency-tool',
      action: 'convert',
      inputs: { amount: 1, from: 'USD', to: 'EUR' },
      dependsOn: [],
    },
  ],
});
const down = new GomindError({ code: 'MODEL_UNAVAILABLE', message: 'The model is down' });

/** Which rungs hold. */
interface Standing {
  readonly model: boolean;
  readonly stalePlan: boolean;
  readonly answer: boolean;
  readonly basicRouter: boolean;
  readonly isPlannable: boolean;
  readonly cache: boolean;
}

function rungs(standing: Standing): LadderRungs {
  return {
    aiClient: createScriptedAIClient([]),
    planner: {
      plan: () => (standing.model ? Promise.resolve({ ok: true, plan: planNamed('model') }) : Promise.reject(down)),
    },
    plans: { ...noPlanCache, findStale: () => (standing.stalePlan ? planNamed('stale') : undefined) },
    answers: {
      ...noAnswerCache,
      find: () => (standing.answer ? { answer: 'kept', answeredAt: 0, confidence: 1 } : undefined),
    },
    isBasicRouterEnabled: standing.basicRouter,
    onModelOutcome: () => undefined,
    now: () => new Date(0),
  };
}

function start(standing: Standing): LadderRequest {
  return {
    request: standing.isPlannable ? 'Convert 250 USD to EUR' : 'Write me a poem about the sea',
    metadata: standing.cache ? {} : { cache: false },
    offered,
    signal: new AbortController().signal,
    emit: () => undefined,
    budget: unlimitedBudget,
  };
}

/** The rung that should hold, written down as a table: the first that stands. */
function expectedEnd(standing: Standing): string {
  if (standing.model) return 'plan by ai';
  if (standing.cache && standing.stalePlan) return 'plan by cached-plan';
  if (standing.cache && standing.answer) return 'answer by cached-answer';
  if (!standing.basicRouter) return 'MODEL_UNAVAILABLE';
  return standing.isPlannable ? 'plan by basic-router' : 'refusal by basic-router';
}

const standing: fc.Arbitrary<Standing> = fc.record({
  model: fc.boolean(),
  stalePlan: fc.boolean(),
  answer: fc.boolean(),
  basicRouter: fc.boolean(),
  isPlannable: fc.boolean(),
  cache: fc.boolean(),
});

describe('the degradation ladder', () => {
  it('ends at the first rung that stands, and names the one that broke', async () => {
    await fc.assert(
      fc.asyncProperty(standing, async (given) => {
        const end = await planWithLadder(start(given), rungs(given)).then(
          (outcome) => {
            expect(outcome.isDegraded).toBe(!given.model);
            expect(outcome.troubles.map(({ code }) => code)).toEqual(given.model ? [] : ['MODEL_UNAVAILABLE']);
            return `${outcome.kind} by ${outcome.mode}`;
          },
          (error: unknown) => (error as GomindError).code,
        );
        expect(end).toBe(expectedEnd(given));
      }),
    );
  });

  it('does not step down for a caller who has left', async () => {
    const all = { model: false, stalePlan: true, answer: true, basicRouter: true, isPlannable: true, cache: true };
    const leaving = { ...start(all), signal: AbortSignal.abort() };
    await expect(planWithLadder(leaving, rungs(all))).rejects.toBe(down);
  });
});
