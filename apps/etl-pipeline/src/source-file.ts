/**
 * Writes the file that the pipeline reads: all countries of the data package `world-countries`, as they are there.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { csvLine } from './csv.ts';

interface CountryRecord {
  readonly name: { readonly common: string };
  readonly cca2: string;
  readonly capital: readonly string[];
  readonly region: string;
  readonly area: number;
  readonly currencies: Readonly<Record<string, unknown>> | readonly unknown[];
}

/** Writes the countries to a CSV file. */
export async function writeCountries(path: string): Promise<void> {
  const countries = createRequire(import.meta.url)('world-countries') as readonly CountryRecord[];
  const lines = countries.map(({ name, cca2, capital, region, area, currencies }) =>
    csvLine([cca2, name.common, capital[0] ?? '', region, area, Object.keys(currencies)[0] ?? '']),
  );
  await writeFile(path, csvLine(['code', 'name', 'capital', 'region', 'area_km2', 'currency']) + lines.join(''));
}
