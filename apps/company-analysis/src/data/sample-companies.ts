/**
 * Sample data of one day about companies that do not exist. Figures and news are made up.
 *
 * @module
 */

/** What the sample data knows of a company. */
export interface SampleCompany {
  readonly name: string;
  readonly symbol: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Millions, last business year and the one before. */
  readonly revenue: readonly [latest: number, before: number];
  /** Millions, last business year. */
  readonly netIncome: number;
  /** Millions. */
  readonly debt: number;
  /** Newest first. */
  readonly news: readonly { readonly date: string; readonly headline: string }[];
  /** Closing prices of 20 trading days, oldest first. */
  readonly closes: readonly number[];
}

/** The day that the sample data is labelled with. */
export const sampleDate = '2026-01-15';

const companies: readonly SampleCompany[] = [
  {
    name: 'Acme Robotics',
    symbol: 'ACMR',
    currency: 'USD',
    revenue: [8_420, 7_105],
    netIncome: 912,
    debt: 1_640,
    news: [
      { date: '2026-01-14', headline: 'Acme Robotics wins record order for warehouse robots' },
      { date: '2026-01-09', headline: 'Strong demand lifts growth outlook of Acme Robotics' },
      { date: '2025-12-18', headline: 'Regulator opens investigation into a recall of delivery robots' },
    ],
    closes: [
      88.1, 88.9, 89.4, 88.7, 90.2, 91.0, 91.8, 91.1, 92.6, 93.3, 93.0, 94.4, 95.1, 94.6, 96.2, 97.0, 96.4, 98.1, 99.3,
      100.2,
    ],
  },
  {
    name: 'Borealis Energy',
    symbol: 'BRLS',
    currency: 'EUR',
    revenue: [3_010, 3_295],
    netIncome: -148,
    debt: 2_870,
    news: [
      { date: '2026-01-12', headline: 'Borealis Energy warns of loss after weak winter' },
      { date: '2026-01-05', headline: 'Lawsuit over delayed wind park weighs on Borealis Energy' },
    ],
    closes: [
      41.0, 40.6, 40.9, 40.1, 39.7, 39.9, 39.0, 38.4, 38.8, 38.1, 37.5, 37.9, 37.0, 36.6, 36.9, 36.1, 35.4, 35.8, 35.0,
      34.3,
    ],
  },
  {
    name: 'Cedar Foods',
    symbol: 'CDRF',
    currency: 'USD',
    revenue: [1_276, 1_251],
    netIncome: 88,
    debt: 210,
    // A company that nobody writes about: the news tool has nothing to say.
    news: [],
    closes: [
      20.0, 20.1, 19.9, 20.0, 20.2, 20.1, 20.0, 19.9, 20.0, 20.1, 20.0, 20.1, 20.2, 20.1, 20.0, 20.0, 20.1, 19.9, 20.0,
      20.1,
    ],
  },
];

/** Names in the table. */
export const sampleNames: readonly string[] = companies.map(({ name }) => name);

/**
 * The company of a name or symbol.
 *
 * @param wanted `Acme Robotics`, `acme`, `ACMR`
 */
export function findCompany(wanted: string): SampleCompany | undefined {
  const key = wanted.trim().toLowerCase();
  if (key === '') return undefined;
  return (
    companies.find(({ name, symbol }) => name.toLowerCase() === key || symbol.toLowerCase() === key) ??
    companies.find(({ name }) => name.toLowerCase().startsWith(key))
  );
}
