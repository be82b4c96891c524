/**
 * What time it is elsewhere.
 *
 * @module
 */
import { defineTool, systemClock } from '@gomind/core';
import { z } from 'zod';
import { localDate, localTime, utcOffset } from './local-time.ts';

/** Tells the time in a time zone. */
export const timeTool = defineTool({
  name: 'time-tool',
  description: 'The current time anywhere.',
  capabilities: {
    local_time: {
      description: 'Tell what time and date it is now in a time zone.',
      effect: 'pure',
      tags: ['time', 'clock', 'now', 'date'],
      input: z.object({
        time_zone: z
          .string()
          .min(1)
          .max(64)
          .describe('IANA time zone name')
          .meta({ examples: ['Asia/Seoul', 'Europe/Berlin'] }),
      }),
      output: z.object({
        time: z.string().describe('Local time HH:MM'),
        date: z.string(),
        utc_offset: z.string(),
        time_zone: z.string().describe('IANA time zone name'),
        summary: z.string(),
      }),
      handler: ({ time_zone: timeZone }) => {
        const now = new Date(systemClock.now());
        const time = localTime(now, timeZone);
        const date = localDate(now, timeZone);
        const offset = utcOffset(now, timeZone);
        return {
          time,
          date,
          utc_offset: offset,
          time_zone: timeZone,
          summary: `In ${timeZone} it is ${time} on ${date} (${offset}).`,
        };
      },
    },
  },
});
