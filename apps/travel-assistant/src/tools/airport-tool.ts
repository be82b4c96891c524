/**
 * Airports by code or place.
 *
 * @module
 */
import { defineTool } from '@gomind/core';
import { z } from 'zod';
import { findAirportByCode, findNearestAirport } from '../data/airports.ts';
import { refuse } from './refuse.ts';

const airportOutput = z.object({
  code: z.string().describe('IATA code of the airport'),
  name: z.string().describe('Name of the airport'),
  country_code: z.string().describe('ISO 3166-1 alpha-2 code'),
  latitude: z.number().describe('Latitude in degrees'),
  longitude: z.number().describe('Longitude in degrees'),
  time_zone: z.string().describe('IANA time zone name'),
  summary: z.string(),
});

/** Finds airports. */
export const airportTool = defineTool({
  name: 'airport-tool',
  description: 'Commercial airports of the world.',
  capabilities: {
    nearest_airport: {
      description: 'Find the nearest large airport to fly to for a place given by its coordinates.',
      effect: 'pure',
      tags: ['airport', 'fly', 'flight', 'travel'],
      input: z.object({
        latitude: z.number().min(-90).max(90).describe('Latitude of the place in degrees'),
        longitude: z.number().min(-180).max(180).describe('Longitude of the place in degrees'),
      }),
      output: airportOutput.extend({ distance_km: z.number().describe('Distance from the place in kilometres') }),
      handler: async ({ latitude, longitude }) => {
        const airport = await findNearestAirport(latitude, longitude);
        if (airport === undefined) {
          throw refuse(`There is no airport within 150 km of ${String(latitude)}, ${String(longitude)}.`);
        }
        return {
          code: airport.iata,
          name: airport.airport,
          country_code: airport.country_code,
          latitude: airport.latitude,
          longitude: airport.longitude,
          time_zone: airport.time,
          distance_km: airport.distance,
          summary: `The nearest large airport is ${airport.airport} (${airport.iata}), ${airport.distance.toFixed(0)} km away.`,
        };
      },
    },
    get_airport: {
      description: 'Look up an airport by its three-letter IATA code.',
      effect: 'pure',
      tags: ['airport', 'code'],
      input: z.object({
        code: z
          .string()
          .regex(/^[A-Za-z]{3}$/)
          .describe('IATA code of the airport')
          .meta({ examples: ['ICN', 'BER'] }),
      }),
      output: airportOutput,
      handler: async ({ code }) => {
        const airport = await findAirportByCode(code);
        if (airport === undefined) throw refuse(`There is no airport with the IATA code "${code}".`);
        return {
          code: airport.iata,
          name: airport.airport,
          country_code: airport.country_code,
          latitude: airport.latitude,
          longitude: airport.longitude,
          time_zone: airport.time,
          summary: `${airport.iata} is ${airport.airport} (${airport.country_code}).`,
        };
      },
    },
  },
});
