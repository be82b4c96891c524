import { GomindError } from '@gomind/core';
import { createFakeClock } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import type { Recovery } from '../recovery/failed-call.ts';
import type { ExecuteOptions } from './plan-executor-options.ts';
import { PlanExecutor } from './plan-executor.ts';
import type { FailedStep, StepContext, StepHandler } from './step-handler.ts';

const step = (name: string, more: Partial<PlanStep> = {}): PlanStep => ({
  name,
  component: 'tool',
  action: 'act',
  inputs: { n: 0 },
  dependsOn: [],
  ...more,
});
const refusal = new GomindError({ code: 'INPUT_ERROR', message: 'n must be 3', details: { hasEffect: false } });
const upOne = (failed: FailedStep): Recovery => ({
  kind: 'inputs',
  corrections: [{ path: ['n'], value: Number(failed.inputs['n']) + 1 }],
  reason: 'one more',
  questions: 1,
});

interface Call {
  readonly step: PlanStep;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly key: string;
}

async function run(
  plan: RoutingPlan,
  recover: (failed: FailedStep, step: PlanStep) => Recovery | undefined | Promise<Recovery | undefined>,
  more: { readonly act?: (context: StepContext, step: PlanStep) => unknown; readonly options?: ExecuteOptions } = {},
) {
  const clock = createFakeClock();
  const calls: Call[] = [];
  const failures: FailedStep[] = [];
  const events: RunEventBody[] = [];
  const handler: StepHandler = {
    kind: 'component',
    run: async (one, context) => {
      calls.push({ step: one, inputs: context.inputs, key: context.idempotencyKey });
      if (more.act !== undefined) return more.act(context, one);
      if (context.inputs['n'] !== 3) throw refusal;
      return Promise.resolve('done');
    },
    recover: async (failed, one) => {
      failures.push(failed);
      return recover(failed, one);
    },
  };
  const approval: StepHandler = { kind: 'approval', run: () => Promise.resolve('yes') };
  const running = new PlanExecutor({ handlers: [handler, approval], clock, maxConcurrency: 1 }).execute(plan, {
    ...more.options,
    emit: (event) => events.push(event),
  });
  await clock.runAll();
  return { result: await running, calls, failures, events };
}

describe('a step that failed for good', () => {
  it('is called again with corrected inputs, as another call', async () => {
    const { result, calls } = await run({ steps: [step('a')] }, upOne);
    expect(result.steps['a']).toMatchObject({ status: 'completed', attempts: 4, inputs: { n: 3 } });
    expect(calls.map(({ inputs }) => inputs['n'])).toEqual([0, 1, 2, 3]);
    expect(new Set(calls.map(({ key }) => key)).size).toBe(4);
  });

  it('tells what was tried before and how often a model was asked', async () => {
    const { failures } = await run({ steps: [step('a')] }, upOne);
    expect(failures.map(({ earlier }) => earlier.map(({ inputs }) => inputs['n']))).toEqual([[], [0], [0, 1]]);
    expect(failures.map(({ questions }) => questions)).toEqual([0, 1, 2]);
  });

  it('is not mended for ever', async () => {
    const { result, calls } = await run({ steps: [step('a', { inputs: { n: 10 } })] }, upOne);
    expect(result.steps['a']).toMatchObject({ status: 'failed', error: { code: 'INPUT_ERROR' } });
    expect(calls).toHaveLength(5);
  });

  it('has the retries of its policy for each call', async () => {
    const busy = new GomindError({ code: 'RATE_LIMITED', message: 'later', isRetryable: true });
    const { calls } = await run(
      { steps: [step('a', { retry: { maxAttempts: 2 } })] },
      (failed) => (failed.earlier.length === 0 ? upOne(failed) : undefined),
      { act: () => Promise.reject(busy) },
    );
    expect(calls.map(({ inputs }) => inputs['n'])).toEqual([0, 0, 1, 1]);
  });

  it('holds no slot while somebody looks for a way', async () => {
    const other = Promise.withResolvers<undefined>();
    const { result } = await run(
      { steps: [step('a'), step('b', { inputs: { n: 3 } })] },
      async (failed) => {
        await other.promise;
        return { ...upOne(failed), corrections: [{ path: ['n'], value: 3 }] } as Recovery;
      },
      {
        act: (context) => {
          if (context.stepName === 'b') other.resolve(undefined);
          if (context.inputs['n'] !== 3) throw refusal;
          return 'done';
        },
      },
    );
    expect(result.status).toBe('completed');
  });

  it('fails with its own error when looking for a way fails', async () => {
    const { result } = await run({ steps: [step('a')] }, () => Promise.reject(new Error('no idea')));
    expect(result.errors).toMatchObject([{ code: 'INPUT_ERROR', step: 'a' }]);
  });

  it('can go to another component, under a key of its own', async () => {
    const away = new GomindError({ code: 'COMPONENT_UNAVAILABLE', message: 'away', details: { hasEffect: false } });
    const { result, calls, failures, events } = await run(
      { steps: [step('a')] },
      () => ({ kind: 'component', component: 'other', reason: 'tool is away' }),
      {
        act: (_context, { component }) => {
          if (component !== 'other') throw away;
          return 'done';
        },
      },
    );
    expect(result.steps['a']).toMatchObject({ status: 'completed', component: 'other', attempts: 2 });
    expect(calls.map((call) => call.step.component)).toEqual(['tool', 'other']);
    expect(calls[0]?.key).not.toBe(calls[1]?.key);
    expect(failures[0]?.triedComponents).toEqual(['tool']);
    expect(events).toContainEqual({ type: 'step.rerouted', step: 'a', component: 'other', reason: 'tool is away' });
  });

  it('says whether a person agreed to it, however far away the approval is', async () => {
    const plan = {
      steps: [
        step('ask', { kind: 'approval' }),
        step('between', { inputs: { n: 3 }, dependsOn: ['ask'] }),
        step('after', { dependsOn: ['between'] }),
        step('apart'),
      ],
    };
    const { failures } = await run(plan, () => undefined);
    expect(Object.fromEntries(failures.map((failed) => [failed.step, failed.isApproved]))).toEqual({
      after: true,
      apart: false,
    });
  });

  it('keeps secrets out of what is shown, also when it is corrected', async () => {
    const { failures, events, result } = await run(
      { steps: [step('a', { inputs: { n: 0, auth: '${secrets.KEY}' } })] },
      (failed) => (failed.earlier.length === 0 ? upOne(failed) : undefined),
      { options: { scope: { secrets: { KEY: 's3cr3t' } } } },
    );
    expect(failures[0]?.inputs['auth']).toBe('s3cr3t');
    expect(failures.map(({ shownInputs }) => shownInputs['auth'])).toEqual(['${secrets.KEY}', '${secrets.KEY}']);
    expect(JSON.stringify([events, result])).not.toContain('s3cr3t');
  });

  it('is told when the run ends, and nothing is called any more', async () => {
    const controller = new AbortController();
    let reason: unknown;
    const { result, calls } = await run(
      { steps: [step('a')] },
      (failed) => {
        failed.signal.addEventListener('abort', () => {
          reason = failed.signal.reason;
        });
        controller.abort(new GomindError({ code: 'CANCELLED', message: 'stop' }));
        return upOne(failed);
      },
      { options: { signal: controller.signal } },
    );
    expect(result.status).toBe('cancelled');
    expect(reason).toMatchObject({ code: 'CANCELLED' });
    expect(calls).toHaveLength(1);
  });
});
