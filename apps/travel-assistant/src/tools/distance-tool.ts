/**
 * Great-circle distances.
 *
 * @module
 */
import { defineTool } from '@gomind/core';
import { z } from 'zod';
import { formatNumber } from '../terminal/format.ts';

/** Mean radius of the Earth in kilometres (IUGG). */
const earthRadiusKm = 6_371.0088;

const latitude = z.number().min(-90).max(90);
const longitude = z.number().min(-180).max(180);

/** Measures distances on the globe with the haversine formula (R. W. Sinnott, "Virtues of the Haversine", 1984). */
export const distanceTool = defineTool({
  name: 'distance-tool',
  description: 'Distances on the globe.',
  capabilities: {
    measure_distance: {
      description:
        'Measure how far it is between two places (great-circle distance in kilometres and miles), each given by its coordinates.',
      effect: 'pure',
      tags: ['distance', 'far', 'kilometres', 'miles'],
      input: z.object({
        from_latitude: latitude.describe('Latitude of the starting place in degrees'),
        from_longitude: longitude.describe('Longitude of the starting place in degrees'),
        to_latitude: latitude.describe('Latitude of the destination in degrees'),
        to_longitude: longitude.describe('Longitude of the destination in degrees'),
      }),
      output: z.object({ kilometres: z.number(), miles: z.number(), summary: z.string() }),
      handler: (input) => {
        const kilometres = Math.round(greatCircleKm(input));
        const miles = Math.round(kilometres / 1.609344);
        return {
          kilometres,
          miles,
          summary: `The distance is ${formatNumber(kilometres)} km (${formatNumber(miles)} miles) as the crow flies.`,
        };
      },
    },
  },
});

function greatCircleKm(points: {
  readonly from_latitude: number;
  readonly from_longitude: number;
  readonly to_latitude: number;
  readonly to_longitude: number;
}): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const deltaLatitude = radians(points.to_latitude - points.from_latitude);
  const deltaLongitude = radians(points.to_longitude - points.from_longitude);
  const haversine =
    Math.sin(deltaLatitude / 2) ** 2 +
    Math.cos(radians(points.from_latitude)) * Math.cos(radians(points.to_latitude)) * Math.sin(deltaLongitude / 2) ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(haversine)));
}
