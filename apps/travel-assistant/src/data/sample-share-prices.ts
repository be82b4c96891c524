/**
 * A small table of share prices for the demo. Sample data: plausible figures of one day, not market data.
 *
 * @module
 */

/** One line of the table. */
export interface SharePrice {
  readonly symbol: string;
  readonly company: string;
  readonly price: number;
  readonly currency: string;
}

/** The day that the sample prices are labelled with. */
export const samplePricesDate = '2026-01-15';

const prices: readonly SharePrice[] = [
  { symbol: 'TSLA', company: 'Tesla', price: 468.285, currency: 'USD' },
  { symbol: 'AAPL', company: 'Apple', price: 258.21, currency: 'USD' },
  { symbol: 'MSFT', company: 'Microsoft', price: 456.66, currency: 'USD' },
  { symbol: 'NVDA', company: 'Nvidia', price: 187.05, currency: 'USD' },
  { symbol: 'AMZN', company: 'Amazon', price: 238.18, currency: 'USD' },
  { symbol: 'GOOGL', company: 'Alphabet (Google)', price: 332.78, currency: 'USD' },
  { symbol: 'SAP', company: 'SAP', price: 206.5, currency: 'EUR' },
  { symbol: 'SIE', company: 'Siemens', price: 256.4, currency: 'EUR' },
  { symbol: 'NESN', company: 'Nestlé', price: 77.9, currency: 'CHF' },
  { symbol: 'TM', company: 'Toyota', price: 3412, currency: 'JPY' },
  { symbol: '005930', company: 'Samsung Electronics', price: 143_900, currency: 'KRW' },
];

/** Ticker symbols of the table. */
export const sampleSymbols: readonly string[] = prices.map((line) => line.symbol);

/**
 * The line of a ticker symbol or company name.
 *
 * @param wanted `TSLA`, `tesla`, `Tesla Inc.`
 */
export function findSharePrice(wanted: string): SharePrice | undefined {
  const key = wanted.trim().toLowerCase();
  return (
    prices.find((line) => line.symbol.toLowerCase() === key) ??
    prices.find(
      (line) => key !== '' && (line.company.toLowerCase().includes(key) || key.startsWith(line.company.toLowerCase())),
    )
  );
}
