/**
 * Cities with coordinates and time zones, from the data package `city-timezones`.
 *
 * @module
 */
import { createRequire } from 'node:module';

/** One city. */
export interface City {
  readonly name: string;
  readonly country: string;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
  readonly latitude: number;
  readonly longitude: number;
  /** IANA name. */
  readonly timeZone: string;
  /** Whole people; the package has estimates with fractions. */
  readonly population: number;
}

interface CityRecord {
  readonly city: string;
  readonly city_ascii: string;
  readonly lat: number;
  readonly lng: number;
  readonly pop: number;
  readonly country: string;
  readonly iso2: string;
  readonly timezone: string;
}

const require = createRequire(import.meta.url);
let byName: ReadonlyMap<string, readonly City[]> | undefined;

function key(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').trim().toLowerCase();
}

function load(): ReadonlyMap<string, readonly City[]> {
  const { cityMapping } = require('city-timezones') as { readonly cityMapping: readonly CityRecord[] };
  const index = new Map<string, City[]>();
  for (const record of cityMapping) {
    const city: City = {
      name: record.city,
      country: record.country,
      countryCode: record.iso2,
      latitude: record.lat,
      longitude: record.lng,
      timeZone: record.timezone,
      population: Math.round(record.pop),
    };
    for (const name of new Set([key(record.city), key(record.city_ascii)])) {
      index.set(name, [...(index.get(name) ?? []), city]);
    }
  }
  return index;
}

/**
 * The largest city of a name.
 *
 * @param name with or without accents
 * @param country name or ISO code that the city must lie in, if given
 */
export function findCity(name: string, country?: string): City | undefined {
  byName ??= load();
  const wanted = country === undefined ? undefined : key(country);
  const candidates = (byName.get(key(name)) ?? []).filter(
    (city) => wanted === undefined || key(city.country) === wanted || key(city.countryCode) === wanted,
  );
  return candidates.toSorted((left, right) => right.population - left.population)[0];
}
