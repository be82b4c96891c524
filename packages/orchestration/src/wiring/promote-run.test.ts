import { noopLogger } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import { createWorkflowEngine } from './create-workflow-engine.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { printWorkflow } from '../workflow/print-workflow.ts';
import { type PromotableRun, promoteRun } from '../workflow/promote-run.ts';
import { recordedCalls, ReplayCalls } from '../workflow/replay.ts';

const run: PromotableRun = {
  request: 'Sell 100 TSLA shares and convert the proceeds to EUR',
  status: 'completed',
  plan: {
    steps: [
      {
        name: 'step_1',
        component: 'stock-tool',
        action: 'get_quote',
        inputs: { symbol: 'TSLA', currency: 'USD' },
        dependsOn: [],
      },
      {
        name: 'step_2',
        component: 'currency-tool',
        action: 'convert',
        inputs: { amount: '${steps.step_1.output.price * 100}', to: 'EUR', shares: 100 },
        dependsOn: ['step_1'],
      },
    ],
  },
  steps: {
    step_1: {
      status: 'completed',
      output: { price: 468.285 },
      inputs: { symbol: 'TSLA', currency: 'USD' },
      attempts: 1,
      endedAt: 1,
    },
    step_2: {
      status: 'completed',
      output: { amount: 40_000 },
      inputs: { amount: 46_828.5, to: 'EUR', shares: 100 },
      attempts: 1,
      endedAt: 2,
    },
  },
};

describe('promoteRun', () => {
  const workflow = promoteRun(run);

  it('lifts what the request said, and keeps what it did not', () => {
    expect(workflow.inputs).toEqual({
      symbol: { schema: { type: 'string' }, required: false, default: 'TSLA' },
      to: { schema: { type: 'string' }, required: false, default: 'EUR' },
      shares: { schema: { type: 'number' }, required: false, default: 100 },
    });
    expect(workflow.steps[0]?.inputs).toEqual({ symbol: '${inputs.symbol}', currency: 'USD' });
  });

  it('gives steps the names of what they do, in references too', () => {
    expect(workflow.steps.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
      ['get_quote', []],
      ['convert', ['get_quote']],
    ]);
    expect(workflow.steps[1]?.inputs).toMatchObject({ amount: '${steps.get_quote.output.price * 100}' });
    expect(workflow.name).toBe('sell-100-tsla-shares-and-convert');
  });

  it('reads back from its file, and makes the same calls', async () => {
    const read = parseWorkflow(printWorkflow(workflow));
    expect(read.workflow).toEqual(workflow);
    const replay = new ReplayCalls(recordedCalls(run));
    await using engine = createWorkflowEngine({ logger: noopLogger, call: (call) => replay.call(call) });
    const replayed = await engine.execute(workflow);
    expect(replayed).toMatchObject({ status: 'completed', outputs: { convert: { amount: 40_000 } } });
    expect(replay.left).toEqual([]);
    const changed = await engine.execute(workflow, { symbol: 'AAPL' });
    expect(changed.errors[0]).toMatchObject({ code: 'REPLAY_MISMATCH' });
  });

  it('refuses a run that did not complete', () => {
    const failed = { ...run, steps: { ...run.steps, step_2: { status: 'failed' as const, attempts: 1, endedAt: 1 } } };
    expect(() => promoteRun(failed)).toThrow(/step_2/);
    expect(() => promoteRun({ status: 'failed', steps: {} })).toThrow(/no plan/);
  });
});
