/**
 * A process with one served tool, for tests of signals.
 *
 * @module
 */
import { z } from 'zod';
import { defineTool, delay, serve } from '../src/index.ts';

const tool = defineTool({
  name: 'slow-tool',
  description: 'Takes its time',
  capabilities: {
    slow: {
      description: 'Answer after half a second',
      input: z.object({}),
      handler: async () => {
        process.stdout.write('at work\n');
        await delay(500);
        return 'finished';
      },
    },
  },
});

const served = await serve(tool);
process.stdout.write(`${served.url}\n`);
