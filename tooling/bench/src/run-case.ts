/**
 * Runs one benchmark in a process of its own, whose compiled code has seen no other, and sends its rows to the parent.
 *
 * @module
 */
import { pathToFileURL } from 'node:url';
import type { BenchCase } from './bench-case.ts';
import { formatTable } from './measure.ts';

const [, , file = ''] = process.argv;
const { benchCase } = (await import(pathToFileURL(file).href)) as { readonly benchCase: BenchCase };
console.log(`${benchCase.summary}\n`);
const missing = benchCase.missing?.();
if (missing === undefined) {
  const rows = await benchCase.run();
  console.log(formatTable(rows));
  process.send?.(rows);
} else console.log(missing);
process.disconnect();
