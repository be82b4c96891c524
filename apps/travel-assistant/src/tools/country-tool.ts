/**
 * Facts about countries.
 *
 * @module
 */
import { defineTool } from '@gomind/core';
import { z } from 'zod';
import { findCountry } from '../data/countries.ts';
import { formatNumber } from '../terminal/format.ts';
import { refuse } from './refuse.ts';

/** Knows the countries of the world. */
export const countryTool = defineTool({
  name: 'country-tool',
  description: 'Facts about the countries of the world.',
  capabilities: {
    get_country: {
      description: 'Get facts about a country: capital, currency, languages, region and area.',
      effect: 'pure',
      tags: ['capital', 'currency', 'language', 'nation'],
      input: z.object({
        country: z
          .string()
          .min(1)
          .max(80)
          .describe('Name or ISO code of the country')
          .meta({ examples: ['Japan', 'KR'] }),
      }),
      output: z.object({
        country: z.string().describe('Common name of the country'),
        country_code: z.string().describe('ISO 3166-1 alpha-2 code'),
        capital: z.string().describe('Capital city'),
        region: z.string(),
        area_km2: z.number(),
        currency_code: z.string().describe('ISO 4217 code of the currency used in the country'),
        currency_name: z.string(),
        languages: z.array(z.string()),
        summary: z.string(),
      }),
      handler: ({ country: wanted }) => {
        const country = findCountry(wanted);
        if (country === undefined) throw refuse(`There is no country named "${wanted}".`);
        return {
          country: country.name,
          country_code: country.code,
          capital: country.capital,
          region: country.region,
          area_km2: country.areaKm2,
          currency_code: country.currencyCode,
          currency_name: country.currencyName,
          languages: [...country.languages],
          summary:
            `${country.name} (${country.region}, ${formatNumber(country.areaKm2)} km²): capital ${country.capital}, ` +
            `currency ${country.currencyName} (${country.currencyCode}), languages ${country.languages.join(', ')}.`,
        };
      },
    },
  },
});
