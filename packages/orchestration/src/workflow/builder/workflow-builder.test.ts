import { defineTool } from '@gomind/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { compileWorkflow } from '../compile-workflow.ts';
import { parseWorkflow } from '../parse-workflow.ts';
import { printWorkflow } from '../print-workflow.ts';
import { type Bindable, cel, elementOf, type Reference, text } from './reference.ts';
import { action, toolNamed } from './step-target.ts';
import { workflow } from './workflow-builder.ts';

const extractor = defineTool({
  name: 'extractor',
  description: 'Reads files',
  capabilities: {
    extract: {
      description: 'Read rows',
      input: z.object({ source: z.string(), limit: z.number().optional() }),
      output: z.object({ rows: z.array(z.object({ id: z.number() })), count: z.number() }),
      handler: () => ({ rows: [], count: 0 }),
    },
  },
});
const loader = defineTool({
  name: 'loader',
  description: 'Writes rows',
  capabilities: {
    load: {
      description: 'Write rows',
      input: z.object({ rows: z.array(z.object({ id: z.number() })), first: z.number() }),
      handler: () => 1,
    },
  },
});

const etl = workflow('etl')
  .input(z.object({ source: z.string(), limit: z.number().default(10) }))
  .settings({ version: '2.0' })
  .step(
    'extract',
    action(extractor, 'extract'),
    ({ inputs }) => ({ source: text`${inputs.source}`, limit: inputs.limit }),
    {
      retry: { maxAttempts: 3 },
      timeout: '30s',
    },
  )
  .step(
    'load',
    action(loader, 'load'),
    ({ steps }) => ({ rows: steps.extract.output.rows, first: elementOf(steps.extract.output.rows, 0).id }),
    {
      when: ({ steps }) => cel`${steps.extract.output.count} > ${0}`,
    },
  )
  .outputs(({ steps }) => ({ loaded: steps.load.output, source: text`${steps.extract.output.count} rows` }))
  .build();

describe('the builder', () => {
  it('makes the same definition as a file', () => {
    const file = [
      'name: etl',
      'version: 2.0',
      'inputs:',
      '  source: {type: string, required: true}',
      '  limit: {type: number, default: 10}',
      'steps:',
      '  - name: extract',
      '    tool: extractor',
      '    action: extract',
      '    inputs: {source: "${inputs.source}", limit: "${inputs.limit}"}',
      '    retry: {max_attempts: 3}',
      '    timeout: 30s',
      '  - name: load',
      '    tool: loader',
      '    action: load',
      '    when: steps.extract.output.count > 0',
      '    inputs: {rows: "${steps.extract.output.rows}", first: "${steps.extract.output.rows[0].id}"}',
      'outputs:',
      '  loaded: ${steps.load.output}',
      '  source: ${steps.extract.output.count} rows',
      '',
    ].join('\n');
    expect(etl).toEqual(parseWorkflow(file).workflow);
    expect(parseWorkflow(printWorkflow(etl)).workflow).toEqual(etl);
  });

  it('nests groups and branches, whose steps later ones can refer to', () => {
    const built = workflow('groups')
      .parallel('both', (group) => group.step('left', toolNamed('l', 'go')).step('right', toolNamed('r', 'go')))
      .branch('choice', ({ steps }) => cel`${steps.left.output} == ${'yes'}`, {
        then: (group) => group.approval('ask', ({ steps }) => text`Take ${steps.right.output}?`),
        else: (group) => group.wait('pause', { duration: '5s' }),
      })
      .step('last', toolNamed('t', 'go'), ({ steps }) => ({
        both: steps.both.output,
        asked: steps.ask.output.decision,
      }))
      .finally((group) => group.step('clean', toolNamed('t', 'clean')))
      .build();
    expect(parseWorkflow(printWorkflow(built))).toMatchObject({ ok: true, diagnostics: [] });
    expect(compileWorkflow(built).steps.map(({ name, when }) => [name, when])).toEqual([
      ['left', undefined],
      ['right', undefined],
      ['both', undefined],
      ['ask', 'steps.left.output == "yes"'],
      ['pause', '!(steps.left.output == "yes")'],
      ['choice', undefined],
      ['last', undefined],
    ]);
  });

  it('refuses a duration that cannot be read', () => {
    expect(() => workflow('w').step('a', toolNamed('t'), {}, { timeout: 'soon' })).toThrow(/"soon" is no duration/);
  });

  it('does not change a builder that goes on twice', () => {
    const begun = workflow('w').step('a', toolNamed('t'));
    begun.step('b', toolNamed('t'));
    expect(begun.build().steps.map(({ name }) => name)).toEqual(['a']);
  });
});

describe('types', () => {
  it('of references follow the schemas', () => {
    expectTypeOf<Reference<{ row: { id: number } }>['row']['id']>().toEqualTypeOf<Reference<number>>();
    expectTypeOf(elementOf<{ id: number }>).returns.toEqualTypeOf<Reference<{ id: number }>>();
    expectTypeOf<{ sorce: string }>().not.toExtend<Bindable<{ source: string }>>();
    expectTypeOf<{ source: Reference<number> }>().not.toExtend<Bindable<{ source: boolean }>>();
    expectTypeOf<{ source: Reference<string> }>().toExtend<Bindable<{ source: string }>>();
    expectTypeOf<Reference<string>>().not.toExtend<Bindable<number>>();
  });
});

describe('a group that runs as a whole', () => {
  it('gives its output to later steps, for a list as one, and keeps its steps to itself', () => {
    const built = workflow('w')
      .parallel('both', (group) => group.step('left', action(extractor, 'extract'), { source: 'a' }), {
        retry: { maxAttempts: 2 },
        description: 'twice',
      })
      .parallel(
        'all',
        (group) => group.step('each', action(extractor, 'extract'), ({ item }) => ({ source: text`${item}` })),
        {
          forEach: ({ steps }) => steps.both.output.left.rows,
        },
      )
      .branch(
        'choice',
        ({ steps }) => cel`${steps.both.output.left.count} > ${1}`,
        { then: (group) => group.step('yes', toolNamed('t')) },
        { timeout: '5s' },
      )
      .step('last', action(loader, 'load'), ({ steps }) => {
        expectTypeOf(steps).not.toHaveProperty('left');
        expectTypeOf(steps).not.toHaveProperty('each');
        expectTypeOf(steps).not.toHaveProperty('yes');
        expectTypeOf(elementOf(steps.all.output, 0).each.count).toEqualTypeOf<Reference<number>>();
        return { rows: elementOf(steps.all.output, 1).each.rows, first: steps.both.output.left.count };
      })
      .build();
    expect(parseWorkflow(printWorkflow(built))).toMatchObject({ ok: true, diagnostics: [], workflow: built });
  });
});
