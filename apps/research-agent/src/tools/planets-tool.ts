/**
 * Planets in figures.
 *
 * @module
 */
import { defineTool, GomindError } from '@gomind/core';
import { z } from 'zod';

interface Planet {
  readonly name: string;
  /** Kilometres, at the equator. */
  readonly radiusKm: number;
  /** Metres per second squared. */
  readonly gravity: number;
  /** Hours from noon to noon. */
  readonly dayHours: number;
  readonly moons: number;
  /** Million kilometres, mean. */
  readonly sunDistance: number;
}

/** The year that the table is labelled with; moons are still being found. */
const tableYear = 2024;

/** Rounded textbook values. */
const planets: readonly Planet[] = [
  { name: 'Mercury', radiusKm: 2_440, gravity: 3.7, dayHours: 4_223, moons: 0, sunDistance: 57.9 },
  { name: 'Venus', radiusKm: 6_052, gravity: 8.9, dayHours: 2_802, moons: 0, sunDistance: 108.2 },
  { name: 'Earth', radiusKm: 6_378, gravity: 9.8, dayHours: 24, moons: 1, sunDistance: 149.6 },
  { name: 'Mars', radiusKm: 3_396, gravity: 3.7, dayHours: 24.7, moons: 2, sunDistance: 228 },
  { name: 'Jupiter', radiusKm: 71_492, gravity: 23.1, dayHours: 9.9, moons: 95, sunDistance: 778.5 },
  { name: 'Saturn', radiusKm: 60_268, gravity: 9, dayHours: 10.7, moons: 146, sunDistance: 1_432 },
];

/**
 * The planet of a name.
 *
 * @throws GomindError `INPUT_ERROR` when the table has no such planet
 */
export function findPlanet(wanted: string): Planet {
  const planet = planets.find(({ name }) => name.toLowerCase() === wanted.trim().toLowerCase());
  if (planet !== undefined) return planet;
  throw new GomindError({
    code: 'INPUT_ERROR',
    message: `There is no planet "${wanted}" in the table. It has ${planets.map(({ name }) => name).join(', ')}.`,
  });
}

/** The input of every capability about a planet. */
export const planetInput = z.object({
  planet: z
    .string()
    .min(1)
    .max(40)
    .describe('Name of the planet')
    .meta({ examples: ['Mars', 'Venus'] }),
});

/** Tells figures of planets. */
export const planetsTool = defineTool({
  name: 'planets-tool',
  description: 'Figures of planets, rounded textbook values.',
  capabilities: {
    planet_figures: {
      description: 'Tell the figures of a planet: radius, gravity, length of its day, number of moons.',
      effect: 'pure',
      tags: ['planet', 'figures', 'radius', 'gravity', 'moons'],
      input: planetInput,
      output: z.object({
        planet: z.string(),
        radius_km: z.number(),
        gravity: z.number().describe('Metres per second squared'),
        day_hours: z.number(),
        moons: z.int(),
        as_of: z.int().describe('Year of the table'),
        summary: z.string(),
      }),
      handler: ({ planet: wanted }) => {
        const { name, radiusKm, gravity, dayHours, moons } = findPlanet(wanted);
        return {
          planet: name,
          radius_km: radiusKm,
          gravity,
          day_hours: dayHours,
          moons,
          as_of: tableYear,
          summary: `${name} has a radius of ${String(radiusKm)} km, a gravity of ${String(gravity)} m/s², days of ${String(dayHours)} hours and ${String(moons)} known moons (${String(tableYear)}).`,
        };
      },
    },
  },
});
