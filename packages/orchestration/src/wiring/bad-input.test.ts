import { defineTool, GomindError, LocalDiscovery, noopLogger, type ServedComponent, serve } from '@gomind/core';
import { createScriptedAIClient } from '@gomind/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createOrchestrator, createSimpleOrchestrator } from './create-orchestrator.ts';

const stockTool = defineTool({
  name: 'stock-tool',
  description: 'Share prices',
  capabilities: {
    get_quote: {
      description: 'Get the price of one share of a company',
      effect: 'pure',
      input: z.object({ symbol: z.string() }),
      output: z.object({ price: z.number() }),
      handler: () => ({ price: 468.285 }),
    },
  },
});

const currencyTool = defineTool({
  name: 'currency-tool',
  description: 'Money',
  capabilities: {
    convert: {
      description: 'Convert an amount of money from one currency to another',
      effect: 'pure',
      input: z.object({ amount: z.number(), to: z.string() }),
      output: z.object({ amount: z.number() }),
      handler: ({ amount }) => {
        if (amount <= 0) throw new GomindError({ code: 'INPUT_ERROR', message: 'amount must be greater than 0' });
        return { amount: amount * 0.5 };
      },
    },
  },
});

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
  inputs: { amount: 0, to: 'EUR' },
  depends_on: ['quote'],
};
const planOf = (...steps: unknown[]): string => JSON.stringify({ steps });

let discovery: LocalDiscovery;
let served: ServedComponent[];

beforeEach(async () => {
  discovery = new LocalDiscovery();
  served = await Promise.all(
    [stockTool, currencyTool].map((tool) => serve(tool, { registry: discovery, handleSignals: false })),
  );
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(served.map((component) => component.close()));
  await discovery.close();
});

describe('quote, then convert an amount of 0', () => {
  it("fails with the tool's own message, its status 422 and the step's name; the quote stays usable", async () => {
    const noPlan = '{"steps": [], "reason": "There is nothing to sell."}';
    const noWay = '{"should_retry": false, "analysis": "There is nothing to sell."}';
    const aiClient = createScriptedAIClient([planOf(quote, convert), noWay, noPlan, 'The conversion was refused.']);
    await using orchestrator = createOrchestrator({ discovery, aiClient, logger: noopLogger });
    const response = await orchestrator.processRequest('Sell 0 Tesla shares and convert the proceeds to EUR');
    expect(response).toMatchObject({
      status: 'partial',
      steps: { quote: { status: 'completed', output: { price: 468.285 } }, convert: { status: 'failed', attempts: 1 } },
      errors: [{ step: 'convert', component: 'currency-tool', code: 'INPUT_ERROR', isRetryable: false }],
    });
    expect(response.errors[0]?.message).toBe(
      'Step "convert" failed: currency-tool.convert refused the inputs (422): amount must be greater than 0',
    );
    expect(response.errors[0]?.details).toMatchObject({ status: 422 });
  });
});

describe('a plan with an unknown tool', () => {
  const unknown = planOf({ ...quote, component: 'stock-tol' });

  it('is sent back to the model with the names that exist, and the mended plan runs', async () => {
    const aiClient = createScriptedAIClient([unknown, planOf(quote), 'Tesla stands at 468.285.']);
    await using orchestrator = createOrchestrator({ discovery, aiClient, logger: noopLogger });
    await expect(orchestrator.processRequest('Price of Tesla')).resolves.toMatchObject({ status: 'completed' });
    expect(JSON.stringify(aiClient.calls[1]?.messages)).toMatch(/UNKNOWN_COMPONENT.*stock-tool/);
  });

  it('is never run when the model insists: PLAN_REJECTED, with the diagnostics', async () => {
    const aiClient = createScriptedAIClient([unknown, unknown]);
    await using orchestrator = createOrchestrator(
      { discovery, aiClient, logger: noopLogger },
      { basicRouterEnabled: false },
    );
    await expect(orchestrator.processRequest('Price of Tesla')).rejects.toMatchObject({
      code: 'PLAN_REJECTED',
      message: expect.stringContaining('stock-tol') as string,
      details: { diagnostics: [{ code: 'UNKNOWN_COMPONENT', suggestion: 'stock-tool' }] },
    });
  });

  it('leaves the request to the basic router otherwise, naming why', async () => {
    const aiClient = createScriptedAIClient([unknown, unknown]);
    await using orchestrator = createOrchestrator({ discovery, aiClient, logger: noopLogger });
    const response = await orchestrator.processRequest('Convert 250 USD to EUR');
    expect(response).toMatchObject({ status: 'degraded', mode: 'basic-router', errors: [{ code: 'PLAN_REJECTED' }] });
  });
});

describe('an environment value that cannot be read', () => {
  it.each([
    ['GOMIND_ORCHESTRATOR_MAX_CONCURRENCY', 'many', 'a whole number from 1 to 10000'],
    ['GOMIND_ORCHESTRATOR_STEP_TIMEOUT', 'soon', 'a duration such as'],
    ['GOMIND_LOG_LEVEL', 'loud', 'debug, info, warn, error'],
  ])('%s=%s is refused before anything starts, with the accepted form', (variable, value, accepted) => {
    vi.stubEnv(variable, value);
    let refusal: unknown;
    try {
      createSimpleOrchestrator(discovery);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ code: 'CONFIG_INVALID', details: { variable } });
    for (const part of [variable, `"${value}"`, accepted]) expect(String(refusal)).toContain(part);
  });
});
