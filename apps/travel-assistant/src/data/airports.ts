/**
 * Airports, from the data package `airport-data-js` (CC BY 4.0).
 *
 * @module
 */
import type { Airport, AirportWithDistance } from 'airport-data-js';

/**
 * The airport with an IATA code.
 *
 * @param code three letters
 */
export async function findAirportByCode(code: string): Promise<Airport | undefined> {
  const { findAirports } = await import('airport-data-js');
  return (await findAirports({ iata: code.toUpperCase() }))[0];
}

/**
 * The nearest large airport, else the nearest medium one, within 150 km.
 *
 * @param latitude degrees
 * @param longitude degrees
 */
export async function findNearestAirport(latitude: number, longitude: number): Promise<AirportWithDistance | undefined> {
  const { findNearbyAirports } = await import('airport-data-js');
  for (const type of ['large_airport', 'medium_airport']) {
    const nearby = await findNearbyAirports(latitude, longitude, 150, { type });
    const nearest = nearby.toSorted((left, right) => left.distance - right.distance)[0];
    if (nearest !== undefined) return nearest;
  }
  return undefined;
}
