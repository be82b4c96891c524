/**
 * Business figures.
 *
 * @module
 */
import { defineTool } from '@gomind/core';
import { z } from 'zod';
import { companyInput, knownCompany, origin, originOf } from './known-company.ts';

/** Figures of the last business year. */
export const financials = z.object({
  ...origin,
  currency: z.string().describe('ISO 4217 code'),
  revenue_millions: z.number(),
  revenue_growth_percent: z.number(),
  net_income_millions: z.number(),
  net_margin_percent: z.number(),
  debt_millions: z.number(),
});

/** Tells business figures from the sample data. */
export const financialsTool = defineTool({
  name: 'financials-tool',
  description: 'Business figures of companies: revenue, growth, profit, debt. Sample data.',
  capabilities: {
    get_financials: {
      description: 'Get the financials of a company: revenue and its growth, net income, margin and debt.',
      effect: 'pure',
      tags: ['financials', 'revenue', 'profit', 'debt', 'figures'],
      input: companyInput,
      output: financials,
      handler: ({ company: wanted }) => {
        const company = knownCompany(wanted);
        const [latest, before] = company.revenue;
        return {
          ...originOf(company),
          currency: company.currency,
          revenue_millions: latest,
          revenue_growth_percent: percent(latest / before - 1),
          net_income_millions: company.netIncome,
          net_margin_percent: percent(company.netIncome / latest),
          debt_millions: company.debt,
        };
      },
    },
  },
});

function percent(share: number): number {
  return Math.round(share * 1_000) / 10;
}
