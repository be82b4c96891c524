/**
 * The tool that commands are tried with, and a workflow that calls it.
 *
 * @module
 */
import { defineTool } from '@gomind/core';
import { z } from 'zod';

/** Whom the tool has greeted. */
export const greeted: string[] = [];

/** Greets people. */
export const greeter = defineTool({
  name: 'greeter',
  description: 'Greets people',
  capabilities: {
    greet: {
      description: 'Greet a person by name',
      effect: 'pure',
      input: z.object({ name: z.string() }),
      output: z.object({ summary: z.string() }),
      handler: ({ name }) => {
        greeted.push(name);
        return { summary: `Hello, ${name}!` };
      },
    },
  },
});

/** A workflow file that greets whom it is told. */
export const greeting = [
  'name: greeting',
  'inputs: {who: {type: string, required: true}}',
  'steps:',
  '  - {name: greet, tool: greeter, action: greet, inputs: {name: "${inputs.who}"}}',
  'outputs: {text: "${steps.greet.output.summary}"}',
  '',
].join('\n');
