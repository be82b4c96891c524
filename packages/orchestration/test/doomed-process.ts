/**
 * A process with one served tool that never answers, to be killed while it is at work. First line: its registry record.
 *
 * @module
 */
import { defineTool, serve } from '@gomind/core';
import { z } from 'zod';

const work = (): Promise<never> => {
  process.stdout.write('at work\n');
  return new Promise(() => undefined);
};

const tool = defineTool({
  name: 'doomed-tool',
  description: 'Never answers',
  capabilities: {
    read: { description: 'Read something', effect: 'pure', input: z.object({}), handler: work },
    pay: { description: 'Pay something', effect: 'irreversible', input: z.object({}), handler: work },
  },
});

const served = await serve(tool);
process.stdout.write(`${JSON.stringify(served.info)}\n`);
