/**
 * What an import costs a process that does nothing else: the packages as they are published, against an empty Node process.
 *
 * @module
 */
import { createConsumerProject } from '@gomind/consumer-checks';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BenchCase } from '../bench-case.ts';
import { type BenchRow, measure, withBounds } from '../measure.ts';

const baseline = 'empty process';
const modules = ['zod', '@gomind/core', '@gomind/telemetry', '@gomind/ai', '@gomind/orchestration'];

export const benchCase: BenchCase = {
  summary: 'starting a process that imports a package, against one that imports nothing',
  run: async (): Promise<readonly BenchRow[]> => {
    await using project = await createConsumerProject();
    const start = (code: string) => async (): Promise<void> => {
      await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], { cwd: project.folder });
    };
    const variants = Object.fromEntries([
      [baseline, start('')],
      ...modules.map((name) => [name, start(`import '${name}'`)] as const),
    ]);
    return withBounds(await measure(variants, { baseline, rounds: 15 }), { '@gomind/orchestration': 4 });
  },
};
