import { deepStrictEqual } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryWorkflow } from '../../../test/arbitrary-workflow.ts';
import type { WorkflowDefinition } from '../definition.ts';
import { parseWorkflow } from '../parse-workflow.ts';
import { printWorkflowTypeScript } from './print-workflow-typescript.ts';

const packageFolder = join(import.meta.dirname, '../../..');
const builder = pathToFileURL(join(packageFolder, 'src/index.ts')).href;

/** What the printed module exports; it is JavaScript too. */
async function evaluate(source: string): Promise<unknown> {
  const module = source.replace("'@gomind/orchestration'", JSON.stringify(builder));
  const exported = (await import(`data:text/javascript,${encodeURIComponent(module)}`)) as object;
  expect(Object.keys(exported)).toHaveLength(1);
  return Object.values(exported)[0];
}

const hostile = fc.constantFrom(
  '`',
  '${x}',
  '$${HOME}',
  'it\'s \\ "quoted"',
  'two\nlines\r\n\t',
  '\u2028\u2029\uFEFF\u0000\u007F',
  '\uD800',
  '😀 größe',
  '*/ // <!-- </script>',
  '${inputs.a}',
  '${inputs.größe}',
  "${inputs['a b']}",
  '${inputs.toString}',
  '${inputs.a.b}',
  '${ inputs.a }',
  '${steps.step 0.output}',
  "${steps['step 0'].output}",
  "${steps['step 1'].output.rows[0]}",
  "${steps['step 1'].error.message}",
  "${steps['step 2'].status}",
  '${item}',
  '${index}',
  '${secrets.KEY}',
  '${inputs.a} and ${index}',
);
const key = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/),
  fc.constantFrom('a', 'größe', 'a b', '1', '01', 'class', 'toString', '__proto__', 'constructor', "'", '`${'),
);
const text = fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 12 }));
const value = fc.oneof(
  hostile,
  fc.jsonValue({ maxDepth: 2 }),
  fc.dictionary(key, fc.oneof(hostile, fc.constantFrom(-0, 1e21, Number.NaN, Number.NEGATIVE_INFINITY)), {
    maxKeys: 3,
  }),
  fc.array(hostile, { maxLength: 3 }),
);
const definitions = arbitraryWorkflow({ text, value, key });

const etl = `name: etl
version: 2.0
description: Reads, checks and loads
inputs:
  source: { type: string, required: true }
  limit: { type: integer, default: 10 }
steps:
  - name: extract
    tool: data-extractor
    action: extract
    inputs: { source: '\${inputs.source}', format: csv }
    retry: { max_attempts: 3, initial_wait: 2s }
    timeout: 5m
  - name: both
    parallel:
      - { name: check, agent: checker, inputs: { rows: '\${steps.extract.output.rows}' } }
      - { name: count, capability: count, for_each: '\${steps.extract.output}', inputs: { row: '\${item}' } }
  - name: load
    tool: loader
    depends_on: [tidy]
    when: steps.extract.output.count > 0
    inputs: { rows: '\${steps.check.output}', note: 'up to \${inputs.limit}' }
  - { name: tidy, type: wait, duration: 1s }
finally:
  - { name: inform, tool: mail, action: send, inputs: { why: '\${steps.load.status}' } }
outputs:
  loaded: { value: '\${steps.load.output}', type: object }
`;

describe('printWorkflowTypeScript', () => {
  it('prints what the builder makes the same definition of', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(definitions, async (definition) => {
        // vitest's own comparison looks at a key named "constructor".
        deepStrictEqual(await evaluate(printWorkflowTypeScript(definition)), definition);
      }),
      { numRuns: 300 },
    );
  });

  it('reads like something a person has written', () => {
    const { workflow } = parseWorkflow(etl);
    expect(printWorkflowTypeScript(workflow ?? expect.fail())).toMatchInlineSnapshot(`
      "import { agentNamed, laterStep, toolNamed, workflow } from '@gomind/orchestration';

      export const etl = workflow('etl')
        .settings({ version: '2.0', description: 'Reads, checks and loads' })
        .inputs({ source: { type: 'string', required: true }, limit: { type: 'integer', default: 10 } })
        .step('extract', toolNamed('data-extractor', 'extract'), ({ inputs }) => ({ source: inputs.source, format: 'csv' }), {
          retry: { maxAttempts: 3, initialWaitMs: 2000 },
          timeout: '5m',
        })
        .parallel('both', (group) => group
          .step('check', agentNamed('checker'), { rows: '\${steps.extract.output.rows}' })
          .capability('count', 'count', ({ item }) => ({ row: item }), { forEach: ({ steps }) => steps.extract.output }))
        .step('load', toolNamed('loader'), ({ steps }) => ({ rows: steps.check.output, note: 'up to \${inputs.limit}' }), {
          dependsOn: [laterStep('tidy')],
          when: 'steps.extract.output.count > 0',
        })
        .wait('tidy', { duration: '1s' })
        .finally((group) => group.step('inform', toolNamed('mail', 'send'), ({ steps }) => ({ why: steps.load.status })))
        .outputs(({ steps }) => ({ loaded: steps.load.output }), { loaded: { type: 'object' } })
        .build();
      "
    `);
  });

  it('prints a workflow of 8,000 steps in statements that an engine can read', { timeout: 60_000 }, async () => {
    const lines = Array.from({ length: 8_000 }, (_, index) => `  - {name: s${String(index)}, tool: t, action: run}`);
    const { workflow } = parseWorkflow(`name: part1\nsteps:\n${lines.join('\n')}\n`);
    expect(await evaluate(printWorkflowTypeScript(workflow ?? expect.fail()))).toStrictEqual(workflow);
  });

  it.each(['etl', 'daily report', '2nd', 'delete', 'workflow', 'größe', '---', '__proto__'])(
    'exports a workflow named %j',
    async (name) => {
      const definition = { ...(parseWorkflow(etl).workflow ?? expect.fail()), name };
      expect(await evaluate(printWorkflowTypeScript(definition))).toStrictEqual(definition);
    },
  );

  it('prints what type-checks in a strict project', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(packageFolder, '.printed-'));
    try {
      const samples = [
        ...fc.sample(definitions, { numRuns: 60, seed: 7 }),
        parseWorkflow(etl).workflow as WorkflowDefinition,
      ];
      const names = samples.map((_definition, index) => `printed-${String(index)}.ts`);
      for (const [index, definition] of samples.entries())
        await writeFile(join(folder, names[index] ?? ''), printWorkflowTypeScript(definition));
      const compilerOptions = {
        noEmit: true,
        composite: false,
        incremental: false,
        declaration: false,
        declarationMap: false,
        emitDeclarationOnly: false,
        isolatedDeclarations: false,
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
        noPropertyAccessFromIndexSignature: true,
      };
      await writeFile(
        join(folder, 'tsconfig.json'),
        JSON.stringify({ extends: '@gomind/tsconfig/base.json', compilerOptions, files: names }),
      );
      const compiler = join(packageFolder, 'node_modules/.bin/tsc');
      // What the compiler says stands in the error.
      await promisify(execFile)(compiler, ['-p', folder]).catch((error: unknown) => {
        expect(error).toMatchObject({ stdout: '' });
      });
      expect(await readFile(join(folder, names.at(-1) ?? ''), 'utf8')).toContain("workflow('etl')");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
