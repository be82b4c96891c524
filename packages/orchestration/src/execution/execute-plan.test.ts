import { createFakeClock } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../plan/events/run-event.ts';
import { executePlan } from './execute-plan.ts';

const quote = {
  name: 'quote',
  component: 'stock-tool',
  action: 'get_quote',
  inputs: { symbol: 'TSLA' },
  depends_on: [],
};
const convert = {
  name: 'convert',
  component: 'currency-tool',
  action: 'convert',
  inputs: { amount: '${steps.quote.output.price * 100}', to: 'EUR' },
  depends_on: ['quote'],
};

describe('executePlan', () => {
  it("runs the plan of the contract with the caller's own calls", async () => {
    const calls: unknown[] = [];
    const events: RunEvent[] = [];
    const result = await executePlan(
      { steps: [quote, convert], outputs: { total: '${steps.convert.output.amount}' } },
      {
        call: ({ component, action, inputs, step, idempotencyKey }) => {
          calls.push([step, component, action, inputs, typeof idempotencyKey]);
          return Promise.resolve(action === 'get_quote' ? { price: 468.285 } : { amount: 42 });
        },
        onEvent: (event) => events.push(event),
        clock: createFakeClock(),
      },
    );
    expect(calls).toEqual([
      ['quote', 'stock-tool', 'get_quote', { symbol: 'TSLA' }, 'string'],
      ['convert', 'currency-tool', 'convert', { amount: 46_828.5, to: 'EUR' }, 'string'],
    ]);
    expect(result).toMatchObject({ status: 'completed', outputs: { total: 42 } });
    expect(events[0]?.type).toBe('run.started');
    expect(events.at(-1)?.type).toBe('run.completed');
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
  });

  it('does not reject for a failed step', async () => {
    const result = await executePlan({ steps: [quote, convert] }, { call: () => Promise.reject(new Error('down')) });
    expect(result).toMatchObject({
      status: 'failed',
      steps: { quote: { status: 'failed', attempts: 1 }, convert: { status: 'skipped' } },
    });
    expect(result.errors).toMatchObject([{ step: 'quote', message: expect.stringContaining('down') as string }]);
  });

  it('refuses a plan that is none, with every problem', async () => {
    const call = () => Promise.resolve(1);
    await expect(executePlan('nonsense', { call })).rejects.toMatchObject({ code: 'PLAN_REJECTED' });
    await expect(executePlan({ steps: [{ ...convert, depends_on: ['gone'] }] }, { call })).rejects.toMatchObject({
      code: 'PLAN_REJECTED',
      message: expect.stringMatching(/gone.*quote/s) as string,
    });
  });

  it('gives equal calls different keys, and the same call of the same run always the same', async () => {
    const keysOf = async (uuid: string): Promise<string[]> => {
      const keys: string[] = [];
      await executePlan(
        { steps: [quote, { ...quote, name: 'again' }] },
        {
          clock: { ...createFakeClock(), uuid: () => uuid },
          call: ({ idempotencyKey = '' }) => Promise.resolve(keys.push(idempotencyKey)),
        },
      );
      return keys;
    };
    const first = await keysOf('one');
    expect(new Set(first).size).toBe(2);
    expect(await keysOf('one')).toEqual(first);
    expect(await keysOf('two')).not.toEqual(first);
  });
});
