/**
 * Countries, from the data package `world-countries`.
 *
 * @module
 */
import { createRequire } from 'node:module';

/** What the demo uses of a country. */
export interface Country {
  readonly name: string;
  readonly officialName: string;
  /** ISO 3166-1 alpha-2. */
  readonly code: string;
  readonly capital: string;
  readonly region: string;
  readonly areaKm2: number;
  /** ISO 4217. */
  readonly currencyCode: string;
  readonly currencyName: string;
  readonly languages: readonly string[];
  /** Lower-case names under which it is found. */
  readonly keys: readonly string[];
}

interface CountryRecord {
  readonly name: { readonly common: string; readonly official: string };
  readonly cca2: string;
  readonly cca3: string;
  readonly capital: readonly string[];
  readonly altSpellings: readonly string[];
  readonly subregion: string;
  readonly area: number;
  readonly currencies: Readonly<Record<string, { readonly name: string }>>;
  readonly languages: Readonly<Record<string, string>>;
}

const require = createRequire(import.meta.url);
let countries: readonly Country[] | undefined;

function load(): readonly Country[] {
  // Read as JSON: the package's own entry point carries map data that the demo does not need.
  const records = require('world-countries/countries.json') as readonly CountryRecord[];
  return records.map((record) => {
    const [currencyCode = '', currency] = Object.entries(record.currencies)[0] ?? [];
    const keys = [record.name.common, record.name.official, record.cca2, record.cca3, ...record.altSpellings];
    return {
      name: record.name.common,
      officialName: record.name.official,
      code: record.cca2,
      capital: record.capital[0] ?? '',
      region: record.subregion,
      areaKm2: record.area,
      currencyCode,
      currencyName: currency?.name ?? '',
      languages: Object.values(record.languages),
      keys: keys.map((key) => key.toLowerCase()),
    };
  });
}

/**
 * A country by its name, a former or alternative spelling, or its ISO code.
 *
 * @param wanted `Japan`, `JP`, `JPN`, `the Netherlands`
 */
export function findCountry(wanted: string): Country | undefined {
  countries ??= load();
  const key = wanted.trim().toLowerCase().replace(/^the /, '');
  const byName = countries.find((country) => country.name.toLowerCase() === key);
  return byName ?? countries.find((country) => country.keys.includes(key));
}
