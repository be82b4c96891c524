/**
 * Share prices (sample data).
 *
 * @module
 */
import { defineTool } from '@gomind/core';
import { z } from 'zod';
import { findSharePrice, samplePricesDate, sampleSymbols } from '../data/sample-share-prices.ts';
import { refuse } from './refuse.ts';

/** Quotes shares from a table of sample prices. */
export const stockTool = defineTool({
  name: 'stock-tool',
  description: 'Share prices of well-known companies. Sample data of one day, not market data.',
  capabilities: {
    get_quote: {
      description: 'Get the price of one share (stock quote) of a company, for buying or selling shares.',
      effect: 'pure',
      tags: ['shares', 'stocks', 'sell', 'proceeds'],
      input: z.object({
        symbol: z.string().min(1).max(60).describe('Ticker symbol such as TSLA, or company name such as Tesla'),
      }),
      output: z.object({
        symbol: z.string().describe('Ticker symbol'),
        company: z.string(),
        price: z.number().describe('Price of one share, in the currency'),
        currency: z.string().describe('ISO 4217 currency code of the price'),
        as_of: z.string().describe('Date of the price'),
        is_sample: z.boolean(),
        summary: z.string(),
      }),
      handler: ({ symbol }) => {
        const found = findSharePrice(symbol);
        if (found === undefined) {
          throw refuse(`No share price for "${symbol}". The sample table has ${sampleSymbols.join(', ')}.`);
        }
        const { company, price, currency } = found;
        return {
          symbol: found.symbol,
          company,
          price,
          currency,
          as_of: samplePricesDate,
          is_sample: true,
          summary: `One share of ${company} (${found.symbol}) costs ${String(price)} ${currency} (sample price of ${samplePricesDate}).`,
        };
      },
    },
  },
});
