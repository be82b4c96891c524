/**
 * What the share price says about itself.
 *
 * @module
 */
import { defineTool } from '@gomind/core';
import { z } from 'zod';
import { companyInput, knownCompany, origin, originOf } from './known-company.ts';

/** Indicators over 20 trading days. */
export const indicators = z.object({
  ...origin,
  last_close: z.number(),
  moving_average_20: z.number().describe('Mean of the last 20 closing prices'),
  relative_strength_14: z.number().min(0).max(100).describe('RSI over 14 days; above 70 overbought, below 30 oversold'),
  trend: z.enum(['down', 'sideways', 'up']),
});

/** Computes technical indicators. */
export const indicatorsTool = defineTool({
  name: 'indicators-tool',
  description: 'Technical indicators of shares, computed from closing prices. Sample data.',
  capabilities: {
    technical_indicators: {
      description: 'Compute the technical indicators of a share: moving average, relative strength (RSI) and trend.',
      effect: 'pure',
      tags: ['technical', 'indicators', 'chart', 'trend', 'rsi'],
      input: companyInput,
      output: indicators,
      handler: ({ company: wanted }) => {
        const company = knownCompany(wanted);
        const last = company.closes.at(-1) ?? 0;
        const average = company.closes.reduce((sum, close) => sum + close, 0) / company.closes.length;
        const distance = last / average - 1;
        return {
          ...originOf(company),
          last_close: last,
          moving_average_20: Math.round(average * 100) / 100,
          relative_strength_14: relativeStrength(company.closes.slice(-15)),
          trend: distance > 0.02 ? ('up' as const) : distance < -0.02 ? ('down' as const) : ('sideways' as const),
        };
      },
    },
  },
});

/** The share of gains in all moves between closing prices, 0 to 100; 50 when nothing moved. */
function relativeStrength(closes: readonly number[]): number {
  const moves = closes.slice(1).map((close, index) => close - (closes[index] ?? close));
  const gains = moves.reduce((sum, move) => sum + Math.max(0, move), 0);
  const all = moves.reduce((sum, move) => sum + Math.abs(move), 0);
  return all === 0 ? 50 : Math.round((gains / all) * 1_000) / 10;
}
