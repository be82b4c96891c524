/**
 * Sunrise and sunset.
 *
 * @module
 */
import { defineTool, systemClock } from '@gomind/core';
import { getTimes } from 'suncalc';
import { z } from 'zod';
import { localDate, localTime } from './local-time.ts';
import { refuse } from './refuse.ts';

/** Computes when the sun rises and sets. */
export const sunTool = defineTool({
  name: 'sun-tool',
  description: 'When the sun rises and sets anywhere on Earth, computed.',
  capabilities: {
    sun_times: {
      description: 'Compute sunrise, sunset and the length of the day at a place given by its coordinates.',
      effect: 'pure',
      tags: ['sun', 'sunrise', 'sunset', 'daylight'],
      input: z.object({
        latitude: z.number().min(-90).max(90).describe('Latitude of the place in degrees'),
        longitude: z.number().min(-180).max(180).describe('Longitude of the place in degrees'),
        date: z.iso.date().optional().describe('Day as YYYY-MM-DD; today if left out'),
        time_zone: z
          .string()
          .max(64)
          .optional()
          .describe('IANA time zone name in which the times are told; UTC if left out'),
      }),
      output: z.object({
        date: z.string(),
        sunrise: z.string().describe('Local time HH:MM'),
        sunset: z.string().describe('Local time HH:MM'),
        day_length_hours: z.number(),
        time_zone: z.string().describe('IANA time zone name'),
        summary: z.string(),
      }),
      handler: ({ latitude, longitude, date, time_zone: timeZone = 'UTC' }) => {
        const noon = date === undefined ? new Date(systemClock.now()) : new Date(`${date}T12:00:00Z`);
        const { sunrise, sunset } = getTimes(noon, latitude, longitude);
        if (sunrise === null || sunset === null) {
          throw refuse(
            `At latitude ${String(latitude)} the sun does not both rise and set on that day (polar day or night).`,
          );
        }
        const day = date ?? localDate(noon, timeZone);
        const rises = localTime(sunrise, timeZone);
        const sets = localTime(sunset, timeZone);
        const dayLengthHours = Math.round((sunset.getTime() - sunrise.getTime()) / 36_000) / 100;
        return {
          date: day,
          sunrise: rises,
          sunset: sets,
          day_length_hours: dayLengthHours,
          time_zone: timeZone,
          summary: `On ${day} the sun rises at ${rises} and sets at ${sets} (${timeZone}); the day is ${String(dayLengthHours)} hours long.`,
        };
      },
    },
  },
});
