/**
 * How long light travels.
 *
 * @module
 */
import { defineTool } from '@gomind/core';
import { z } from 'zod';
import { findPlanet, planetInput } from './planets-tool.ts';

/** Million kilometres a minute. */
const lightSpeed = 17.987_547;

/** Computes the travel time of sunlight. */
export const lightTool = defineTool({
  name: 'light-tool',
  description: 'Travel times of light, computed.',
  capabilities: {
    sunlight_time: {
      description: 'Compute how many minutes sunlight travels to a planet.',
      effect: 'pure',
      tags: ['light', 'sunlight', 'minutes', 'travel'],
      input: planetInput,
      output: z.object({ planet: z.string(), minutes: z.number(), summary: z.string() }),
      handler: ({ planet: wanted }) => {
        const { name, sunDistance } = findPlanet(wanted);
        const minutes = Math.round((sunDistance / lightSpeed) * 10) / 10;
        return { planet: name, minutes, summary: `Sunlight travels ${String(minutes)} minutes to ${name}.` };
      },
    },
  },
});
