import { GomindError } from '@gomind/core';
import { createFakeClock, createScriptedAIClient } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callModel } from '../llm/call-model.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import { createBudget, noBudget } from './budget.ts';
import { executePlan } from './execute-plan.ts';
import { PlanExecutor } from './plan-executor.ts';
import type { StepHandler } from './step-handler.ts';

const modelCall = { purpose: 'planning', modelCalls: 1 } as const;

function refusalOf(operation: () => unknown): GomindError {
  try {
    operation();
  } catch (error) {
    if (GomindError.isInstance(error, 'BUDGET_EXCEEDED')) return error;
    throw error;
  }
  throw new Error('The budget refused nothing.');
}

describe('a budget', () => {
  it('sets aside what a call may use and frees what it did not', () => {
    const budget = createBudget({ tokens: 100 });
    const reservation = budget.reserve({ ...modelCall, tokens: 90 });
    expect(refusalOf(() => budget.reserve({ ...modelCall, tokens: 20 })).details).toMatchObject({
      limit: 'tokens',
      allowed: 100,
      used: 90,
      requested: 20,
    });
    reservation.settle({ tokens: 30 });
    reservation.settle({ tokens: 1_000 });
    expect(budget.used.tokens).toBe(30);
    budget.reserve({ ...modelCall, tokens: 70 });
    refusalOf(() => budget.reserve({ ...modelCall, tokens: 1 }));
  });

  it('counts a call whose use nobody knows as what was set aside for it', () => {
    const budget = createBudget({ tokens: 100, modelCalls: 5 });
    budget.reserve({ ...modelCall, tokens: 60 }).settle({});
    expect(budget.used).toMatchObject({ tokens: 60, modelCalls: 1 });
  });

  it('gives all the money that is left to a call of unknown price, so that no second one runs beside it', () => {
    const budget = createBudget({ costUsd: 1 });
    const first = budget.reserve({ ...modelCall, costUsd: 'rest' });
    refusalOf(() => budget.reserve({ ...modelCall, costUsd: 'rest' }));
    first.settle({ costUsd: 0.4 });
    budget.reserve({ ...modelCall, costUsd: 'rest' }).settle({});
    refusalOf(() => budget.reserve({ ...modelCall, costUsd: 'rest' }));
    expect(budget.used.costUsd).toBe(1);
  });

  it('refuses when the time is up and says how much there was', async () => {
    const clock = createFakeClock();
    const budget = createBudget({ timeMs: 500 }, { clock });
    budget.reserve({ ...modelCall });
    await clock.advance(500);
    expect(refusalOf(() => budget.reserve({ ...modelCall })).message).toContain('500 milliseconds');
  });

  it('limits each step alone, its items and nested plans counted in, and all of them together', () => {
    const budget = createBudget({ toolCalls: 5, step: { toolCalls: 2 } });
    const call = { purpose: 'bank.pay', toolCalls: 1 };
    budget.forStep('each[0]').reserve(call);
    budget.forStep('each[1]').reserve(call);
    expect(refusalOf(() => budget.forStep('each[2]').reserve(call)).details['scope']).toBe('each');
    budget.forStep('outer/inner').reserve(call);
    budget.forStep('outer/other').reserve(call);
    expect(refusalOf(() => budget.forStep('outer/third').reserve(call)).details['scope']).toBe('outer');
    budget.forStep('alone').reserve(call);
    expect(refusalOf(() => budget.forStep('last').reserve(call)).details['scope']).toBe('run');
  });

  it('takes nothing anywhere when one of several limits refuses', () => {
    const budget = createBudget({ tokens: 100, modelCalls: 1, step: { tokens: 10 } });
    refusalOf(() => budget.forStep('a').reserve({ ...modelCall, tokens: 11 }));
    budget.reserve({ ...modelCall, tokens: 100 });
  });

  it('tells the stream what was set aside, used and refused', () => {
    const events: RunEventBody[] = [];
    const budget = createBudget({ modelCalls: 1 }, { emit: (event) => events.push(event) });
    budget.reserve({ ...modelCall, tokens: 7 }).settle({ tokens: 3 });
    refusalOf(() => budget.reserve(modelCall));
    expect(events).toMatchObject([
      { type: 'budget.reserved', scope: 'run', purpose: 'planning', amounts: { tokens: 7, modelCalls: 1 } },
      { type: 'budget.settled', reserved: { tokens: 7 }, used: { tokens: 3, modelCalls: 1 } },
      { type: 'budget.refused', limit: 'modelCalls', allowed: 1, used: 1, requested: 1 },
    ]);
  });

  it('without limits is nobody at all', () => {
    expect(createBudget({})).toBe(noBudget);
    expect(createBudget({ step: {} })).toBe(noBudget);
  });

  it('is never passed, whatever is reserved and settled in whatever order', () => {
    const operation = fc.record({
      step: fc.constantFrom('a', 'b[1]', 'c/d'),
      tokens: fc.nat(60),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      settles: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.nat(300), fc.nat(20), fc.array(operation, { maxLength: 80 }), (tokens, modelCalls, operations) => {
        const budget = createBudget({ tokens, modelCalls, step: { tokens: 100 } });
        let used = 0;
        let open = 0;
        let calls = 0;
        for (const one of operations) {
          try {
            const reservation = budget.forStep(one.step).reserve({ ...modelCall, tokens: one.tokens });
            calls++;
            const spent = Math.floor(one.tokens * one.share);
            if (one.settles) reservation.settle({ tokens: spent });
            if (one.settles) used += spent;
            else open += one.tokens;
          } catch (error) {
            expect(GomindError.isInstance(error, 'BUDGET_EXCEEDED')).toBe(true);
          }
          expect(used + open).toBeLessThanOrEqual(tokens);
          expect(calls).toBeLessThanOrEqual(modelCalls);
          expect(budget.used.tokens).toBe(used);
        }
      }),
    );
  });
});

describe('a budget of a run', () => {
  it('is not passed by one token or call when 1,000 branches ask at once', async () => {
    const limits = { tokens: 40_000, modelCalls: 300, toolCalls: 700 };
    const budget = createBudget(limits);
    let tokens = 0;
    let toolCalls = 0;
    const aiClient = createScriptedAIClient((request, index) => {
      const inputTokens = request.messages[0]?.content.length ?? 0;
      const outputTokens = (index * 7) % (request.maxOutputTokens ?? 0);
      tokens += inputTokens + outputTokens;
      return {
        content: '{}',
        usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
      };
    });
    const handler: StepHandler = {
      kind: 'component',
      isToolCall: true,
      run: async (step, context) => {
        toolCalls++;
        const messages = [{ role: 'user', content: `Step ${step.name}` }] as const;
        await callModel(aiClient, { messages, maxOutputTokens: 200 }, { purpose: 'test', budget: context.budget });
      },
    };
    const steps = Array.from({ length: 1_000 }, (_, index) => ({
      name: `s${String(index)}`,
      component: 'tool',
      action: 'ask',
      inputs: {},
      dependsOn: [],
    }));
    const executor = new PlanExecutor({ handlers: [handler], maxConcurrency: 1_000 });
    const result = await executor.execute({ steps }, { budget });

    expect(tokens).toBeLessThanOrEqual(limits.tokens);
    expect(tokens).toBe(budget.used.tokens);
    expect(aiClient.calls.length).toBeLessThanOrEqual(limits.modelCalls);
    expect(aiClient.calls.length).toBeGreaterThan(100);
    expect(toolCalls).toBe(limits.toolCalls);
    const codes = new Set(result.errors.map(({ code }) => code));
    expect([...codes]).toEqual(['BUDGET_EXCEEDED']);
    expect(Object.values(result.steps).filter(({ status }) => status === 'completed')).toHaveLength(
      aiClient.calls.length,
    );
  });

  it('counts the tool calls of items and nested plans, and repeated ones', async () => {
    const budget = createBudget({ toolCalls: 4 });
    let calls = 0;
    const handler: StepHandler = {
      kind: 'component',
      isToolCall: true,
      maxAttempts: () => 2,
      run: () => {
        calls++;
        return Promise.reject(new GomindError({ code: 'RATE_LIMITED', message: 'later', isRetryable: true }));
      },
    };
    const clock = createFakeClock();
    const running = new PlanExecutor({ handlers: [handler], clock, maxConcurrency: 1 }).execute(
      {
        steps: [
          {
            name: 'each',
            component: 'tool',
            action: 'do',
            inputs: {},
            dependsOn: [],
            forEach: { items: [1, 2, 3], onError: 'continue' },
          },
        ],
      },
      { budget },
    );
    await clock.runAll();
    const result = await running;
    expect(calls).toBe(4);
    expect(result.steps['each']?.itemErrors?.map(({ error }) => error.code)).toContain('BUDGET_EXCEEDED');
  });

  it('reports a refused step with no call made', async () => {
    const result = await executePlan(
      { steps: [{ name: 'pay', component: 'bank', action: 'pay', inputs: {}, depends_on: [] }] },
      { call: () => Promise.resolve(1), budget: createBudget({ toolCalls: 0 }) },
    );
    expect(result.steps['pay']).toMatchObject({ status: 'failed', attempts: 0, error: { code: 'BUDGET_EXCEEDED' } });
  });

  it('ends a run whose time is up and keeps what was finished', async () => {
    const clock = createFakeClock();
    const aborted: string[] = [];
    const step = (name: string) => ({ name, component: 'tool', action: name, inputs: {}, depends_on: [] });
    const running = executePlan(
      { steps: [step('quick'), step('slow')] },
      {
        clock,
        budget: createBudget({ timeMs: 1_000 }, { clock }),
        call: ({ action, signal }) =>
          action === 'quick'
            ? Promise.resolve('done')
            : new Promise((_resolve, reject) => {
                signal.addEventListener('abort', () => {
                  aborted.push(action);
                  reject(signal.reason as Error);
                });
              }),
      },
    );
    await clock.advance(1_000);
    const result = await running;
    expect(result).toMatchObject({
      status: 'failed',
      steps: { quick: { status: 'completed', output: 'done' }, slow: { status: 'cancelled' } },
      errors: [{ code: 'BUDGET_EXCEEDED' }],
    });
    expect(aborted).toEqual(['slow']);
  });

  it('ends a step whose own time is up, retries counted in, and lets the others go on', async () => {
    const clock = createFakeClock();
    const running = executePlan(
      {
        steps: [
          { name: 'stuck', component: 'tool', action: 'hang', inputs: {}, depends_on: [], retry: { max_attempts: 5 } },
          { name: 'other', component: 'tool', action: 'work', inputs: {}, depends_on: [] },
        ],
      },
      {
        clock,
        stepTimeoutMs: 300,
        budget: createBudget({ step: { timeMs: 500 } }, { clock }),
        call: ({ action }) => (action === 'work' ? Promise.resolve('done') : new Promise(() => undefined)),
      },
    );
    await clock.runAll();
    const result = await running;
    expect(result.steps).toMatchObject({
      stuck: { status: 'failed', attempts: 2, error: { code: 'BUDGET_EXCEEDED', details: { scope: 'stuck' } } },
      other: { status: 'completed' },
    });
  });
});
