/**
 * `pnpm bench` lists and runs the benchmarks; `pnpm bench <name> ...` runs those named. Prints, never fails for a slow machine.
 *
 * @module
 */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BenchCase } from './bench-case.ts';
import { type BenchRow, formatSummary, formatTable } from './measure.ts';

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
    const { benchCase } = (await import(pathToFileURL(join(casesFolder, `${name}.ts`)).href)) as {
      readonly benchCase: BenchCase;
    };
    console.log(`\n${name}: ${benchCase.summary}\n`);
    const missing = benchCase.missing?.();
    if (missing !== undefined) {
      console.log(missing);
      continue;
    }
    const rows = await benchCase.run();
    results.set(name, rows);
    console.log(formatTable(rows));
  }
  console.log(`\nwhat is promised:\n\n${formatSummary(results)}`);
}

await main(process.argv.slice(2));
