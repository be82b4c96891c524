import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { csvLine, parseCsv } from './csv.ts';
import { runPipeline } from './pipeline.ts';
import { writeCountries } from './source-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gomind-etl-test-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('the pipeline', () => {
  it('loads what is right and reports the rest, each with its reason', async () => {
    const source = join(folder, 'countries.csv');
    const destination = join(folder, 'countries.sqlite');
    await writeCountries(source);
    const run = await runPipeline({ source, destination });
    expect(run).toMatchObject({ status: 'completed', outputs: { status: 'loaded' } });
    const database = new DatabaseSync(destination);
    const { count } = database.prepare('SELECT count(*) AS count FROM countries').get() as { count: number };
    const peru = database.prepare("SELECT * FROM countries WHERE code = 'PE'").get();
    database.close();
    expect(count).toBe(run.outputs['records_processed']);
    expect(count).toBeGreaterThan(200);
    expect(peru).toMatchObject({ name: 'Peru', capital: 'Lima', currency: 'PEN' });
    expect(run.outputs['rejected']).toContainEqual({ name: 'Antarctica', reason: 'it has no capital' });
  });

  it('fails with the reason of the tool when there is no file, and calls nothing after', async () => {
    const run = await runPipeline({ source: join(folder, 'nowhere.csv'), destination: join(folder, 'x.sqlite') });
    expect(run.status).toBe('failed');
    expect(run.errors).toMatchObject([{ step: 'extract', code: 'INPUT_ERROR' }]);
    expect(run.steps['load']?.status).toBe('skipped');
  });

  it('rejects every row of a file of nonsense and loads none', async () => {
    const source = join(folder, 'nonsense.csv');
    await writeFile(source, 'code,name\nxx,"a ""quoted"", name"\n,\n');
    const run = await runPipeline({ source, destination: join(folder, 'x.sqlite') });
    expect(run).toMatchObject({ status: 'completed', outputs: { records_processed: 0 } });
    expect(run.outputs['rejected']).toHaveLength(2);
  });
});

describe('csv', () => {
  it('reads what it writes', () => {
    const text = csvLine(['a', 'b']) + csvLine(['1, 2', 'say "hi"\nthere']);
    expect(parseCsv(text)).toEqual([{ a: '1, 2', b: 'say "hi"\nthere' }]);
  });
});
