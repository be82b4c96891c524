/**
 * Currency conversion at the rates of one day.
 *
 * @module
 */
import { defineTool } from '@gomind/core';
import { z } from 'zod';
import { exchangeRates } from '../data/exchange-rates.ts';
import { formatNumber } from '../terminal/format.ts';
import { refuse } from './refuse.ts';

const currencyCode = z
  .string()
  .regex(/^[A-Za-z]{3}$/)
  .meta({ examples: ['USD', 'EUR', 'KRW', 'JPY'] });

function rateOf(code: string): number {
  const rate = exchangeRates().perDollar.get(code.toUpperCase());
  if (rate === undefined)
    throw refuse(`There is no exchange rate for the currency code "${code}". Use an ISO 4217 code such as EUR.`);
  return rate;
}

/** Converts money. */
export const currencyTool = defineTool({
  name: 'currency-tool',
  description: 'Converts amounts of money between currencies at dated exchange rates.',
  capabilities: {
    convert: {
      description: 'Convert an amount of money from one currency to another.',
      effect: 'pure',
      tags: ['exchange', 'money', 'currency'],
      input: z.object({
        amount: z.number().describe('Amount of money to convert, greater than 0'),
        from: currencyCode.describe('ISO 4217 code of the currency to convert from'),
        to: currencyCode.describe('ISO 4217 code of the currency to convert to'),
      }),
      output: z.object({
        amount: z.number().describe('Converted amount, in the target currency'),
        currency: z.string().describe('ISO 4217 code of the converted amount'),
        rate: z.number(),
        as_of: z.string().describe('Date of the exchange rate'),
        summary: z.string(),
      }),
      handler: ({ amount, from, to }) => {
        if (amount <= 0) throw refuse(`amount must be greater than 0, but it is ${String(amount)}`);
        const source = from.toUpperCase();
        const target = to.toUpperCase();
        const rate = rateOf(target) / rateOf(source);
        const converted = Math.round(amount * rate * 100) / 100;
        return {
          amount: converted,
          currency: target,
          rate,
          as_of: exchangeRates().date,
          summary: `${formatNumber(amount)} ${source} are ${formatNumber(converted)} ${target} (rate of ${exchangeRates().date}).`,
        };
      },
    },
  },
});
