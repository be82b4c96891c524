import { type Capability, type ComponentInfo, delay, type EffectClass, GomindError } from '@gomind/core';
import { createFakeClock, createRecordingTelemetry, type FakeClock } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import type { ComponentRequest } from './component-client.ts';
import { createComponentStepHandler } from './component-step.ts';
import { PlanExecutor } from '../plan-executor.ts';
import { createPlanStepHandler } from '../kinds/plan-step.ts';

const plan = { steps: [{ name: 'pay', component: 'bank-tool', action: 'pay', inputs: {}, dependsOn: [] }] };

async function run(
  call: (attempt: number, request: ComponentRequest, clock: FakeClock) => unknown,
  capability: Partial<Capability> = {},
): Promise<{
  readonly calls: ComponentRequest[];
  readonly result: Awaited<ReturnType<PlanExecutor['execute']>>;
  readonly telemetry: ReturnType<typeof createRecordingTelemetry>;
}> {
  const clock = createFakeClock();
  const calls: ComponentRequest[] = [];
  const telemetry = createRecordingTelemetry();
  const component: ComponentInfo = {
    id: 'b1',
    name: 'bank-tool',
    type: 'tool',
    description: '',
    address: '127.0.0.1',
    port: 1,
    capabilities: [{ name: 'pay', description: '', ...capability }],
  };
  const handler = createComponentStepHandler({
    caller: {
      call: async (request) => await call(calls.push(request), request, clock),
      close: () => Promise.resolve(),
    },
    resolve: () => [component],
    telemetry,
  });
  const running = new PlanExecutor({ handlers: [handler], clock }).execute(plan);
  await clock.runAll();
  return { calls, result: await running, telemetry };
}

const broken = (details: Record<string, unknown> = {}): GomindError =>
  new GomindError({ code: 'COMPONENT_UNAVAILABLE', message: 'broke off', isRetryable: true, details });

describe('a component step', () => {
  it.each<readonly [EffectClass | undefined, number]>([
    ['pure', 3],
    ['idempotent', 3],
    ['compensable', 1],
    ['irreversible', 1],
    [undefined, 1],
  ])('of effect %s is tried %i times when nobody knows what became of a call', async (effect, attempts) => {
    const { calls, result } = await run(
      () => Promise.reject(broken({ hasEffect: true })),
      effect === undefined ? {} : { effect },
    );
    expect(calls).toHaveLength(attempts);
    expect(result.steps['pay']).toMatchObject({ status: 'failed', attempts });
    expect(new Set(calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });

  it('is tried again whatever its effect when the call cannot have happened', async () => {
    const { calls, result } = await run(
      (attempt) => (attempt < 3 ? Promise.reject(broken({ hasEffect: false })) : 'paid'),
      { effect: 'irreversible' },
    );
    expect(calls).toHaveLength(3);
    expect(result.steps['pay']).toMatchObject({ status: 'completed', output: 'paid' });
  });

  it('is not tried again when the tool refuses the values', async () => {
    const refusal = new GomindError({
      code: 'INPUT_ERROR',
      message: 'bank-tool.pay refused the inputs (422): amount must be greater than 0',
    });
    const { calls, result } = await run(() => Promise.reject(refusal), { effect: 'pure' });
    expect(calls).toHaveLength(1);
    expect(result.errors).toMatchObject([
      {
        code: 'INPUT_ERROR',
        step: 'pay',
        component: 'bank-tool',
        message: 'Step "pay" failed: bank-tool.pay refused the inputs (422): amount must be greater than 0',
      },
    ]);
  });

  it.each([
    ['STEP_TIMEOUT', 'when it was told the deadline', 29_999],
    ['TIMEOUT', 'when that came much earlier', 20_000],
  ])('ends with %s after a component gave up by its own account, %s', async (code, _when, afterMs) => {
    const tooLate = new GomindError({ code: 'TIMEOUT', message: 'took too long by its own account (504)' });
    const { result } = await run(async (_attempt, _request, clock) => {
      await delay(afterMs, { clock });
      throw tooLate;
    });
    expect(result.errors).toMatchObject([{ code, step: 'pay' }]);
  });

  it('fails when the answer breaks the schema that the component itself gave', async () => {
    const outputSchema = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
    expect((await run(() => ({ id: 'x' }), { outputSchema })).result.status).toBe('completed');
    const { result } = await run(() => ({ id: 7 }), { outputSchema });
    expect(result.errors).toMatchObject([
      { code: 'COMPONENT_BAD_RESPONSE', message: expect.stringContaining('/id') as string },
    ]);
  });

  it('tells the component a step id that no other call of the run has', async () => {
    const called: string[] = [];
    const component = createComponentStepHandler({
      caller: {
        call: (request) => Promise.resolve(called.push(request.step)),
        close: () => Promise.resolve(),
      },
      resolve: () => [],
    });
    const pay = { name: 'pay', component: 'bank-tool', action: 'pay', inputs: {}, dependsOn: [] };
    const inner = { steps: [pay, { ...pay, name: 'each', forEach: { items: [1, 2] } }] };
    const nested = { name: 'outer', kind: 'plan', inputs: {}, dependsOn: [], config: { plan: inner } };
    await new PlanExecutor({ handlers: [component, createPlanStepHandler()] }).execute({ steps: [pay, nested] });
    expect(called.toSorted()).toEqual(['outer/each[0]', 'outer/each[1]', 'outer/pay', 'pay']);
  });

  it('is a span each attempt', async () => {
    const { telemetry } = await run(() => 1);
    expect(telemetry.spans).toMatchObject([
      {
        name: 'execute_tool bank-tool.pay',
        kind: 'client',
        attributes: { 'gomind.step.name': 'pay', 'gomind.step.attempt': 1 },
      },
    ]);
  });
});
