/**
 * Exchange rates of one day, from the dated data package `@fawazahmed0/currency-api`.
 *
 * @module
 */
import { createRequire } from 'node:module';

/** Units of each currency that one US dollar buys, and the day they hold for. */
export interface RateTable {
  /** ISO 8601 date. */
  readonly date: string;
  /** By ISO 4217 code, upper case. */
  readonly perDollar: ReadonlyMap<string, number>;
}

const require = createRequire(import.meta.url);
let table: RateTable | undefined;

/** The table, read on first use. */
export function exchangeRates(): RateTable {
  if (table === undefined) {
    const data = require('@fawazahmed0/currency-api/v1/currencies/usd.json') as {
      readonly date: string;
      readonly usd: Readonly<Record<string, number>>;
    };
    // Fiat codes have three letters; the package also lists coins, most of which have other lengths.
    const fiat = Object.entries(data.usd).filter(([code]) => /^[a-z]{3}$/.test(code));
    table = { date: data.date, perDollar: new Map(fiat.map(([code, rate]) => [code.toUpperCase(), rate])) };
  }
  return table;
}
