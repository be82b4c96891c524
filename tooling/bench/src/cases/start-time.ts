/**
 * What the `gomind` command costs before it does anything: the packed command in a project, against an empty Node process.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConsumerProject } from '@gomind/consumer-checks';
import type { BenchCase } from '../bench-case.ts';
import { type BenchRow, measure, withBounds } from '../measure.ts';

const baseline = 'node -e 0';
const file = `name: small
inputs: { who: { type: string, required: true } }
steps:
  - { name: greet, tool: greeter, action: greet, inputs: { name: '\${inputs.who}' } }
  - { name: tell, tool: mail, action: send, inputs: { text: '\${steps.greet.output.summary}' } }
outputs: { text: '\${steps.greet.output.summary}' }
`;

export const benchCase: BenchCase = {
  summary: 'starting the gomind command, against a Node process that does nothing',
  run: async (): Promise<readonly BenchRow[]> => {
    await using project = await createConsumerProject();
    await writeFile(join(project.folder, 'small.yaml'), file);
    const start =
      (...words: readonly string[]) =>
      async (): Promise<void> => {
        await promisify(execFile)(process.execPath, [...words], { cwd: project.folder });
      };
    const gomind = 'node_modules/@gomind/cli/dist/main.js';
    return withBounds(
      await measure(
        {
          [baseline]: start('-e', '0'),
          'gomind validate': start(gomind, 'validate', 'small.yaml'),
          'gomind graph': start(gomind, 'graph', 'small.yaml'),
          'gomind --version': start(gomind, '--version'),
          'gomind --help': start(gomind, '--help'),
        },
        { baseline, rounds: 15, warmupRounds: 3 },
      ),
      { 'gomind validate': 4, 'gomind --version': 4, 'gomind --help': 4 },
    );
  },
};
