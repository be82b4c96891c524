/**
 * From tokens to dollars.
 *
 * @module
 */
import type { AIUsage } from '@gomind/core';
import type { ModelPrice, ModelPrices } from './model-prices.ts';

/** Who counted the tokens. */
export interface PricedModel {
  readonly provider: string;
  /** As it names itself, perhaps with a date: `gpt-4.1-2025-04-14`. */
  readonly model: string;
  /** As it was asked for. */
  readonly requestedModel: string;
}

/** Snapshots cost what the model they are of costs. */
const snapshot = /-(?:\d{4}-\d{2}-\d{2}|\d{8})$/;

/**
 * The price of a model.
 *
 * @returns undefined when the table has none
 */
export function priceOf(prices: ModelPrices, { provider, model, requestedModel }: PricedModel): ModelPrice | undefined {
  const names = [model, model.replace(snapshot, ''), requestedModel, requestedModel.replace(snapshot, '')];
  const keys = [...names.map((name) => `${provider}/${name}`), ...names];
  const key = keys.find((candidate) => Object.hasOwn(prices, candidate));
  return key === undefined ? undefined : prices[key];
}

/**
 * The cost of one call.
 *
 * @returns US dollars
 */
export function costUsd(
  price: ModelPrice,
  usage: Pick<AIUsage, 'inputTokens' | 'outputTokens' | 'cachedInputTokens'>,
): number {
  const cached = Math.min(usage.cachedInputTokens ?? 0, usage.inputTokens);
  const fresh = usage.inputTokens - cached;
  const millionths =
    fresh * price.input + cached * (price.cachedInput ?? price.input) + usage.outputTokens * price.output;
  return millionths / 1_000_000;
}
