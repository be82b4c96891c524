/**
 * What things weigh elsewhere.
 *
 * @module
 */
import { defineTool } from '@gomind/core';
import { z } from 'zod';
import { findPlanet, planetInput } from './planets-tool.ts';

/** Computes weights. */
export const weightTool = defineTool({
  name: 'weight-tool',
  description: 'What a mass weighs on a planet, computed.',
  capabilities: {
    weight_on: {
      description: 'Compute what a mass in kilograms weighs (in newtons) on a planet.',
      effect: 'pure',
      tags: ['weight', 'mass', 'newtons'],
      input: planetInput.extend({ kilograms: z.number().positive().describe('Mass in kilograms') }),
      output: z.object({ planet: z.string(), newtons: z.number(), summary: z.string() }),
      handler: ({ planet: wanted, kilograms }) => {
        const { name, gravity } = findPlanet(wanted);
        const newtons = Math.round(kilograms * gravity);
        return { planet: name, newtons, summary: `${String(kilograms)} kg weigh ${String(newtons)} N on ${name}.` };
      },
    },
  },
});
