/**
 * Where cities are.
 *
 * @module
 */
import { defineTool } from '@gomind/core';
import { z } from 'zod';
import { findCity } from '../data/cities.ts';
import { formatNumber } from '../terminal/format.ts';
import { refuse } from './refuse.ts';

/** Finds cities. */
export const geoTool = defineTool({
  name: 'geo-tool',
  description: 'Coordinates, country and time zone of more than 7,000 cities.',
  capabilities: {
    find_city: {
      description: 'Find a city: its country, coordinates (latitude and longitude), time zone and population.',
      effect: 'pure',
      tags: ['city', 'place', 'coordinates', 'location', 'population'],
      input: z.object({
        city: z
          .string()
          .min(1)
          .max(80)
          .describe('Name of the city')
          .meta({ examples: ['Seoul', 'Berlin'] }),
        country: z
          .string()
          .max(80)
          .optional()
          .describe('Name or ISO code of its country, to tell cities of one name apart'),
      }),
      output: z.object({
        city: z.string().describe('Name of the city'),
        country: z.string().describe('Country the city lies in'),
        country_code: z.string().describe('ISO 3166-1 alpha-2 code'),
        latitude: z.number().describe('Latitude in degrees'),
        longitude: z.number().describe('Longitude in degrees'),
        time_zone: z.string().describe('IANA time zone name'),
        population: z.int(),
        summary: z.string(),
      }),
      handler: ({ city: wanted, country }) => {
        const city = findCity(wanted, country);
        if (city === undefined) {
          throw refuse(
            `There is no city named "${wanted}"${country === undefined ? '' : ` in ${country}`} in the table.`,
          );
        }
        return {
          city: city.name,
          country: city.country,
          country_code: city.countryCode,
          latitude: city.latitude,
          longitude: city.longitude,
          time_zone: city.timeZone,
          population: city.population,
          summary: `${city.name} lies in ${city.country} at ${city.latitude.toFixed(2)}, ${city.longitude.toFixed(2)} (time zone ${city.timeZone}) and has ${formatNumber(city.population)} inhabitants.`,
        };
      },
    },
  },
});
