import { deepStrictEqual } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { parseWorkflow, printWorkflow, printWorkflowTypeScript } from '@gomind/orchestration';
import { beforeAll, describe, expect, it } from 'vitest';
import { evalMissing, findEvalDirectory } from './eval-directory.ts';

const directory = findEvalDirectory();
const label = directory === undefined ? evalMissing : 'all of them';
const own = join(import.meta.dirname, '..');

interface E3Case {
  readonly id: string;
  readonly yaml: string;
}

let cases: readonly E3Case[] = [];

async function readCases(folder: string): Promise<E3Case[]> {
  const text = gunzipSync(await readFile(join(folder, 'cases/E3/workflows.jsonl.gz'))).toString();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as E3Case);
}

/** A printed module is JavaScript too. */
async function evaluate(source: string): Promise<unknown> {
  const builder = JSON.stringify(import.meta.resolve('@gomind/orchestration'));
  const module = source.replace("'@gomind/orchestration'", builder);
  const exported = (await import(`data:text/javascript,${encodeURIComponent(module)}`)) as Record<string, unknown>;
  return Object.values(exported)[0];
}

describe.skipIf(directory === undefined)('workflows of seven systems (E3)', () => {
  beforeAll(async () => {
    cases = await readCases(directory ?? '');
    expect(cases.length).toBeGreaterThan(700);
  });

  it(`come back equal from YAML and from TypeScript (${label})`, { timeout: 120_000 }, async () => {
    for (const { id, yaml } of cases) {
      const { workflow } = parseWorkflow(yaml);
      deepStrictEqual(parseWorkflow(printWorkflow(workflow ?? expect.fail(id))).workflow, workflow, id);
      deepStrictEqual(await evaluate(printWorkflowTypeScript(workflow)), workflow, id);
    }
  });

  it(`are TypeScript that type-checks (${label})`, { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(own, '.printed-'));
    try {
      for (const [index, { id, yaml }] of cases.entries()) {
        const { workflow } = parseWorkflow(yaml);
        await writeFile(join(folder, `case-${String(index)}.ts`), printWorkflowTypeScript(workflow ?? expect.fail(id)));
      }
      const compilerOptions = {
        noEmit: true,
        composite: false,
        isolatedDeclarations: false,
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
      };
      await writeFile(
        join(folder, 'tsconfig.json'),
        JSON.stringify({ extends: '@gomind/tsconfig/base.json', compilerOptions, include: ['*.ts'] }),
      );
      const compiler = join(own, '../../node_modules/.bin/tsc');
      const { stdout } = await promisify(execFile)(compiler, ['-p', folder, '--listFilesOnly']);
      expect(stdout.match(/case-\d+\.ts/g)).toHaveLength(cases.length);
      await promisify(execFile)(compiler, ['-p', folder]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
