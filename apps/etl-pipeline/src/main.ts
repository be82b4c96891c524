/**
 * `demo:etl [destination.sqlite]`: runs the pipeline and reports what was loaded and what was not.
 *
 * @module
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runPipeline } from './pipeline.ts';
import { writeCountries } from './source-file.ts';

const folder = await mkdtemp(join(tmpdir(), 'gomind-etl-'));
const source = join(folder, 'countries.csv');
const destination = resolve(process.argv[2] ?? join(folder, 'countries.sqlite'));
await writeCountries(source);

const run = await runPipeline(
  { source, destination },
  {
    onStepComplete: (step, durationMs) => {
      process.stderr.write(`${step}: ${String(Math.round(durationMs))} ms\n`);
    },
  },
);
const rejected = (run.outputs['rejected'] ?? []) as readonly { readonly name: string; readonly reason: string }[];
process.stdout.write(
  `\n${JSON.stringify(run.outputs['records_processed'] ?? 0)} countries were loaded from ${source} into ${destination}.\n`,
);
process.stdout.write(`${String(rejected.length)} were rejected:\n`);
for (const { name, reason } of rejected) process.stdout.write(`  ${name}: ${reason}\n`);
for (const { code, message } of run.errors) process.stderr.write(`${code}: ${message}\n`);
process.exitCode = run.status === 'completed' ? 0 : 1;
