/**
 * Sample data of one day about companies that do not exist. Prices and headlines are made up.
 *
 * @module
 */
import { GomindError } from '@gomind/core';

/** What the sample data knows of a company. */
export interface SampleCompany {
  readonly name: string;
  readonly symbol: string;
  /** Closing prices of 20 trading days, oldest first. */
  readonly closes: readonly number[];
  /** Newest first; a company that nobody writes about has none. */
  readonly headlines: readonly string[];
}

/** The day that the sample data is labelled with. */
export const sampleDate = '2026-01-15';

const companies: readonly SampleCompany[] = [
  {
    name: 'Kestrel Robotics',
    symbol: 'KSTR',
    closes: [
      61.0, 61.8, 61.2, 62.5, 63.1, 62.9, 63.8, 64.4, 64.1, 65.0, 65.9, 65.4, 66.6, 67.1, 66.8, 67.9, 68.8, 68.4, 69.5,
      70.2,
    ],
    headlines: [
      'Kestrel Robotics wins record order for inspection drones',
      'Strong demand lifts the outlook of Kestrel Robotics',
      'Kestrel Robotics opens second plant',
      'Recall of early drones delayed deliveries in autumn',
    ],
  },
  {
    name: 'Harbour Wind',
    symbol: 'HBRW',
    closes: [
      34.0, 33.7, 33.9, 33.2, 32.8, 33.0, 32.1, 31.8, 32.0, 31.2, 30.9, 31.1, 30.3, 29.8, 30.0, 29.2, 28.9, 29.1, 28.4,
      27.9,
    ],
    headlines: ['Harbour Wind warns of loss after weak autumn', 'Lawsuit over delayed cables weighs on Harbour Wind'],
  },
  {
    name: 'Juniper Foods',
    symbol: 'JNPF',
    closes: [
      18.0, 18.1, 17.9, 18.0, 18.1, 18.0, 18.0, 17.9, 18.1, 18.0, 18.0, 18.1, 17.9, 18.0, 18.1, 18.0, 17.9, 18.0, 18.1,
      18.0,
    ],
    headlines: [],
  },
];

/**
 * The company of a name or symbol.
 *
 * @param wanted `Kestrel Robotics`, `KSTR`
 * @throws GomindError `INPUT_ERROR` when the table has no such company
 */
export function knownCompany(wanted: string): SampleCompany {
  const key = wanted.trim().toLowerCase();
  const company = companies.find(({ name, symbol }) => name.toLowerCase() === key || symbol.toLowerCase() === key);
  if (company !== undefined) return company;
  const names = companies.map(({ name }) => name).join(', ');
  throw new GomindError({
    code: 'INPUT_ERROR',
    message: `There is no company "${wanted}" in the sample data. It has ${names}.`,
  });
}
