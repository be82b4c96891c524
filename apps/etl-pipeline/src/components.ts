/**
 * The four components of the pipeline, each an HTTP server of its own.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { defineAgent, defineTool, GomindError } from '@gomind/core';
import { z } from 'zod';
import { parseCsv } from './csv.ts';

const rows = z.array(z.record(z.string(), z.string()));
const country = z.object({
  code: z.string(),
  name: z.string(),
  capital: z.string(),
  region: z.string(),
  areaKm2: z.number(),
  currency: z.string(),
});

/** Reads CSV files. */
export const extractor = defineTool({
  name: 'data-extractor',
  description: 'Reads rows from files',
  capabilities: {
    extract: {
      description: 'Read the rows of a CSV file',
      effect: 'pure',
      input: z.object({ source: z.string() }),
      output: rows,
      handler: async ({ source }) => {
        try {
          return parseCsv(await readFile(source, 'utf8'));
        } catch (cause) {
          throw new GomindError({ code: 'INPUT_ERROR', message: `The file ${source} cannot be read.`, cause });
        }
      },
    },
  },
});

/** Tells good rows from bad ones. */
export const validator = defineTool({
  name: 'data-validator',
  description: 'Checks rows',
  capabilities: {
    validate: {
      description: 'Separate the rows that can be used from those that cannot, with the reason',
      effect: 'pure',
      input: z.object({ data: rows }),
      output: z.object({ valid: rows, rejected: z.array(z.object({ name: z.string(), reason: z.string() })) }),
      handler: ({ data }) => {
        const judged = data.map((row) => ({ row, reason: reasonAgainst(row) }));
        return {
          valid: judged.filter(({ reason }) => reason === undefined).map(({ row }) => row),
          rejected: judged.flatMap(({ row, reason }) =>
            reason === undefined ? [] : [{ name: row['name'] ?? '?', reason }],
          ),
        };
      },
    },
  },
});

function reasonAgainst(row: Readonly<Record<string, string>>): string | undefined {
  if (!/^[A-Z]{2}$/.test(row['code'] ?? '')) return 'it has no country code of two letters';
  if ((row['capital'] ?? '') === '') return 'it has no capital';
  if ((row['currency'] ?? '') === '') return 'it has no currency';
  return Number(row['area_km2']) > 0 ? undefined : 'its area is not above 0';
}

/** Brings rows into the form of the database. */
export const transformer = defineAgent({
  name: 'transformation-agent',
  description: 'Reshapes rows',
  capabilities: {
    transform: {
      description: 'Give rows the names and types of the database, and leave out what the rules exclude',
      effect: 'pure',
      input: z.object({ data: rows, rules: z.object({ minimum_area_km2: z.number().optional() }).nullable() }),
      output: z.array(country),
      handler: ({ data, rules }) =>
        data
          .map((row) => ({
            code: row['code'] ?? '',
            name: row['name'] ?? '',
            capital: row['capital'] ?? '',
            region: row['region'] ?? '',
            areaKm2: Number(row['area_km2']),
            currency: row['currency'] ?? '',
          }))
          .filter(({ areaKm2 }) => areaKm2 >= (rules?.minimum_area_km2 ?? 0)),
    },
  },
});

/** Writes rows to SQLite. */
export const loader = defineTool({
  name: 'data-loader',
  description: 'Writes rows to databases',
  capabilities: {
    load: {
      description: 'Write countries to a SQLite file; a country that is there is replaced',
      effect: 'idempotent',
      input: z.object({ data: z.array(country), destination: z.string() }),
      output: z.object({ count: z.number(), status: z.string() }),
      handler: ({ data, destination }) => {
        const database = new DatabaseSync(destination);
        try {
          database.exec(
            'CREATE TABLE IF NOT EXISTS countries (code TEXT PRIMARY KEY, name TEXT, capital TEXT, region TEXT, area_km2 REAL, currency TEXT)',
          );
          database.exec('BEGIN');
          const insert = database.prepare('INSERT OR REPLACE INTO countries VALUES (?, ?, ?, ?, ?, ?)');
          for (const { code, name, capital, region, areaKm2, currency } of data)
            insert.run(code, name, capital, region, areaKm2, currency);
          database.exec('COMMIT');
          return { count: data.length, status: 'loaded' };
        } finally {
          database.close();
        }
      },
    },
  },
});
