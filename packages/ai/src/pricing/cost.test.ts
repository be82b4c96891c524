import { describe, expect, it } from 'vitest';
import { costUsd, priceOf } from './cost.ts';
import { modelPrices } from './model-prices.ts';

describe('the price of a model', () => {
  const prices = { 'gpt-x': { input: 1, output: 2 }, 'cheap/gpt-x': { input: 0.1, output: 0.2 } };

  it('is found by provider and model, by model, and for a dated snapshot', () => {
    const of = (provider: string, model: string) => priceOf(prices, { provider, model, requestedModel: 'other' });
    expect(of('cheap', 'gpt-x')?.input).toBe(0.1);
    expect(of('openai', 'gpt-x')?.input).toBe(1);
    expect(of('openai', 'gpt-x-2026-01-31')?.input).toBe(1);
    expect(of('openai', 'gpt-x-20260131')?.input).toBe(1);
    expect(of('openai', 'gpt-x-mini')).toBeUndefined();
    expect(of('openai', 'constructor')).toBeUndefined();
  });

  it('is that of the requested model when the answer names another one', () => {
    expect(priceOf(prices, { provider: 'azure', model: 'deployment-7', requestedModel: 'gpt-x' })?.input).toBe(1);
  });
});

describe('the cost of a call', () => {
  it('counts cached input at its own price', () => {
    const price = { input: 2, cachedInput: 0.5, output: 8 };
    const usage = { inputTokens: 1_000_000, outputTokens: 500_000, cachedInputTokens: 400_000 };
    expect(costUsd(price, usage)).toBeCloseTo(0.6 * 2 + 0.4 * 0.5 + 0.5 * 8, 9);
  });

  it('never has more cached input than input, and without a price for it none', () => {
    expect(costUsd({ input: 1, output: 0 }, { inputTokens: 10, outputTokens: 0, cachedInputTokens: 99 })).toBe(10e-6);
  });
});

it('has no price below zero and no cached input that costs more than fresh input', () => {
  for (const { input, output, cachedInput = input } of Object.values(modelPrices)) {
    expect(Math.min(input, output, cachedInput)).toBeGreaterThanOrEqual(0);
    expect(cachedInput).toBeLessThanOrEqual(input);
  }
});
