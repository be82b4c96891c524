/**
 * `pnpm bench` lists and runs the benchmarks; `pnpm bench <name> ...` runs those named. Each has a process of its own, so that
 * none depends on those before it. Prints, never fails for a slow machine.
 *
 * @module
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BenchRow, formatSummary } from './measure.ts';

const casesFolder = join(import.meta.dirname, 'cases');

async function main(wanted: readonly string[]): Promise<void> {
  const names = (await readdir(casesFolder)).map((file) => basename(file, '.ts')).sort();
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
    process.exitCode = 1;
    return;
  }
  const results = new Map<string, readonly BenchRow[]>();
  for (const name of wanted.length > 0 ? wanted : names) {
    console.log(`\n${name}:`);
    results.set(name, await runCase(name));
  }
  console.log(`\nwhat is promised:\n\n${formatSummary(results)}`);
}

/** @returns its rows; none when the machine lacks what it needs */
async function runCase(name: string): Promise<readonly BenchRow[]> {
  const child = fork(join(import.meta.dirname, 'run-case.ts'), [join(casesFolder, `${name}.ts`)]);
  let rows: readonly BenchRow[] = [];
  child.on('message', (message) => (rows = message as readonly BenchRow[]));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`The benchmark ${name} ended with the code ${String(code)}.`);
  return rows;
}

await main(process.argv.slice(2));
