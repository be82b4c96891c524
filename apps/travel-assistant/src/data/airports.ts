/**
 * Airports, from the data package `airport-data-js` (CC BY 4.0).
 *
 * @module
 */
import { createRequire } from 'node:module';
import type { Airport, AirportWithDistance } from 'airport-data-js';

const maxDistanceKm = 150;

const require = createRequire(import.meta.url);

/** The package is CommonJS, and its names are not visible to `import`. */
function airportData(): typeof import('airport-data-js') {
  return require('airport-data-js') as typeof import('airport-data-js');
}

/**
 * The airport with an IATA code.
 *
 * @param code three letters
 */
export async function findAirportByCode(code: string): Promise<Airport | undefined> {
  return (await airportData().findAirports({ iata: code.toUpperCase() }))[0];
}

/**
 * The nearest large airport, else the nearest medium one, within 150 km.
 *
 * @param latitude degrees
 * @param longitude degrees
 */
export async function findNearestAirport(
  latitude: number,
  longitude: number,
): Promise<AirportWithDistance | undefined> {
  for (const type of ['large_airport', 'medium_airport']) {
    const nearest = await airportData().findNearestAirport(latitude, longitude, { type });
    if (nearest !== null && nearest.distance <= maxDistanceKm) return nearest;
  }
  return undefined;
}
