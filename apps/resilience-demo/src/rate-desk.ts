/**
 * A tool that converts money and can be told to fail, so that the demo shows failures of a real HTTP service.
 *
 * @module
 */
import { defineTool, GomindError, type Tool } from '@gomind/core';
import { z } from 'zod';

/** A tool, and the means to break it. */
export interface RateDesk {
  readonly tool: Tool;
  /** While true, every call is answered with a 503. */
  isBroken: boolean;
  /** Calls that arrived, answered or not. */
  readonly calls: number;
}

/** Euros for one unit: rounded sample rates, not market data. */
const sampleRates: Readonly<Record<string, number>> = { EUR: 1, USD: 0.9, CHF: 1.05, GBP: 1.15 };

const currency = z.string().regex(/^[A-Z]{3}$/);

/**
 * Makes a desk.
 *
 * @param name of the tool; desks of other names offer the same capability and can stand in for one another
 */
export function createRateDesk(name: string): RateDesk {
  let calls = 0;
  const desk = { isBroken: false };
  const tool = defineTool({
    name,
    description: 'Converts money between currencies, by sample rates.',
    capabilities: {
      convert: {
        description: 'Convert an amount of money to another currency.',
        effect: 'pure',
        tags: ['currency', 'money', 'exchange'],
        input: z.object({
          amount: z.number().positive(),
          from: currency.describe('Currency to convert from, ISO 4217'),
          to: currency.describe('Currency to convert to, ISO 4217'),
        }),
        output: z.object({ amount: z.number(), currency: z.string(), summary: z.string() }),
        handler: ({ amount, from, to }) => {
          calls++;
          if (desk.isBroken) {
            throw new GomindError({ code: 'SERVICE_ERROR', message: 'The desk is out of order.', isRetryable: true });
          }
          const converted = Math.round(((amount * rateOf(from)) / rateOf(to)) * 100) / 100;
          return {
            amount: converted,
            currency: to,
            summary: `${String(amount)} ${from} are ${String(converted)} ${to}, says ${name}.`,
          };
        },
      },
    },
  });
  return Object.defineProperty(Object.assign(desk, { tool }), 'calls', { get: () => calls }) as RateDesk;
}

/** @throws GomindError `INPUT_ERROR` for a currency without a rate; that is no failure of the desk, and no circuit counts it */
function rateOf(code: string): number {
  const rate = sampleRates[code];
  if (rate !== undefined) return rate;
  const known = Object.keys(sampleRates).join(', ');
  throw new GomindError({ code: 'INPUT_ERROR', message: `There is no rate of ${code}. There are ${known}.` });
}
