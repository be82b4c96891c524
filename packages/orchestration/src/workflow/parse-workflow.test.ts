import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ComponentInfo } from '@gomind/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileWorkflow } from './compile-workflow.ts';
import { parseWorkflow } from './parse-workflow.ts';
import { workflowJsonSchema } from './workflow-schema.ts';
import { formatDiagnostic } from './yaml/diagnostics.ts';

const lines = (...text: readonly string[]): string => `${text.join('\n')}\n`;
const withStep = (...step: readonly string[]): string =>
  lines('name: test', 'steps:', '  - name: a', '    tool: t', '    action: run', ...step.map((line) => `    ${line}`));
const codesOf = (source: string): string[] => parseWorkflow(source).diagnostics.map(({ code }) => code);

const etl = lines(
  'name: etl-pipeline',
  'inputs:',
  '  source:',
  '    type: string',
  '    required: true',
  'steps:',
  '  - name: extract',
  '    tool: data-extractor',
  '    action: extract',
  '    inputs:',
  '      source: ${inputs.source}',
  '    retry:',
  '      max_attempts: 3',
  '  - name: validate',
  '    tool: data-validator',
  '    action: validate',
  '    inputs:',
  '      data: ${steps.extract.output}',
);

describe('parseWorkflow', () => {
  it('reads a workflow whose references imply its dependencies', () => {
    const { ok, workflow, diagnostics } = parseWorkflow(etl);
    expect(diagnostics).toEqual([]);
    expect(ok).toBe(true);
    const plan = compileWorkflow(workflow ?? expect.fail());
    expect(plan.steps).toMatchObject([
      { name: 'extract', component: 'data-extractor', dependsOn: [], retry: { maxAttempts: 3 } },
      { name: 'validate', dependsOn: ['extract'] },
    ]);
  });

  it('reads the hybrid form of the reference: ai-routing, a nameless parallel group, inputs that are one reference', () => {
    const { workflow, diagnostics } = parseWorkflow(
      lines(
        'name: hybrid-analysis',
        'steps:',
        '  - name: understand-request',
        '    type: ai-routing',
        '    prompt: "Which data sources are needed?"',
        '  - name: gather-data',
        '    type: workflow',
        '    parallel:',
        '      - tool: market-data',
        '      - tool: news-feed',
        '  - name: analyze',
        '    type: ai-routing',
        '    inputs: ${steps.gather-data.output}',
      ),
    );
    expect(diagnostics).toEqual([]);
    const plan = compileWorkflow(workflow ?? expect.fail());
    expect(plan.steps.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
      ['understand-request', []],
      ['market-data', []],
      ['news-feed', []],
      ['gather-data', ['market-data', 'news-feed']],
      ['analyze', ['gather-data']],
    ]);
    expect(plan.steps.at(-1)).toMatchObject({ kind: 'ai-routing', inputsFrom: '${steps.gather-data.output}' });
  });

  it('keeps versions as they are written', () => {
    const { workflow } = parseWorkflow(
      `${etl}version: 2.0\ncompatible_with: ">=1.5"\nmigration:\n  from: 1.0\n  steps:\n    - rename: old_step -> new_step\n    - add: validation_step\n`,
    );
    expect(workflow).toMatchObject({
      version: '2.0',
      compatibleWith: '>=1.5',
      migrations: [
        {
          from: '1.0',
          changes: [
            { kind: 'rename', from: 'old_step', to: 'new_step' },
            { kind: 'add', step: 'validation_step' },
          ],
        },
      ],
    });
  });

  it.each([
    ['an unknown key at the top', 'nme: x\nsteps: []\n', 'UNKNOWN_KEY', [1, 1], 'Did you mean "name"?'],
    ['an unknown key of a step', withStep('dependson: [b]'), 'UNKNOWN_KEY', [6, 5], 'Did you mean "depends_on"?'],
    ['no name', 'steps:\n  - name: a\n    tool: t\n', 'MISSING_NAME', [1, 1], 'name'],
    ['no steps', 'name: a\n', 'STEPS_NOT_ARRAY', [1, 1], 'steps'],
    ['steps that are no list', 'name: a\nsteps:\n  a: 1\n', 'STEPS_NOT_ARRAY', [3, 3], 'a list'],
    ['a step that is no map', 'name: a\nsteps:\n  - 5\n', 'STEPS_NOT_ARRAY', [3, 5], 'Item 1 of "steps" must be a map'],
    ['a list of no steps', 'name: a\nsteps: []\n', 'EMPTY_PLAN', [2, 8], 'no steps'],
    ['a step without a name', 'name: a\nsteps:\n  - tool: t\n', 'MISSING_NAME', [3, 5], 'name'],
    ['a step that does nothing', 'name: a\nsteps:\n  - name: s\n', 'MISSING_COMPONENT', [3, 5], '"tool"'],
    ['a step of two kinds', withStep('agent: b'), 'BAD_STEP_KIND', [6, 12], 'both "tool" and "agent"'],
    ['a type that does not fit', withStep('type: parallel'), 'BAD_STEP_KIND', [6, 11], 'parallel'],
    ['a key of another kind', withStep('prompt: x'), 'BAD_STEP_KIND', [6, 13], 'ai-routing'],
    ['a retry that is no number', withStep('retry:', '  max_attempts: three'), 'BAD_RETRY', [7, 21], 'max_attempts'],
    ['a retry of nothing', withStep('retry:', '  max_attempts: 0'), 'BAD_RETRY', [7, 21], 'max_attempts'],
    ['a timeout that cannot be read', withStep('timeout: 10 parsecs'), 'BAD_TIMEOUT', [6, 14], '10 parsecs'],
    ['a condition that is no CEL', withStep('when: "1 +"'), 'CONDITION_TYPE', [6, 11], 'condition'],
    ['a dependency on nobody', withStep('depends_on: [nobody]'), 'MISSING_DEPENDENCY', [6, 17], 'nobody'],
    ['a dependency on itself', withStep('depends_on: [a]'), 'SELF_DEPENDENCY', [6, 17], 'itself'],
    [
      'a reference to nobody',
      withStep('inputs:', '  x: ${steps.ghost.output}'),
      'DANGLING_REFERENCE',
      [7, 10],
      'ghost',
    ],
    ['a reference that is none', withStep('inputs:', '  x: ${HOME}'), 'MALFORMED_REFERENCE', [7, 10], 'HOME'],
    ['a secret that is not listed', withStep('inputs:', '  x: ${secrets.KEY}'), 'DANGLING_REFERENCE', [7, 10], 'KEY'],
    ['an output of nobody', `${withStep()}outputs:\n  x: \${steps.ghost.output}\n`, 'DANGLING_OUTPUT', [7, 6], 'ghost'],
    [
      'a name that is used twice',
      withStep('', '').replace(/\s*$/, '\n  - name: a\n    tool: t\n'),
      'DUPLICATE_STEP',
      [6, 11],
      '"a"',
    ],
    ['a wait for nothing', 'name: a\nsteps:\n  - name: w\n    type: wait\n', 'BAD_STEP_KIND', [3, 5], 'duration'],
    ['a value that is no number', `${withStep()}max_concurrency: many\n`, 'BAD_VALUE', [6, 18], 'max_concurrency'],
  ])('says where the mistake is: %s', (_what, source, code, [line, column], words) => {
    const { ok, diagnostics } = parseWorkflow(source, { file: 'test.yaml' });
    expect(ok).toBe(false);
    const found =
      diagnostics.find((diagnostic) => diagnostic.code === code) ?? expect.fail(JSON.stringify(diagnostics));
    expect(found.message).toContain(words);
    expect([found.file, found.line, found.column]).toEqual(['test.yaml', line, column]);
  });

  it('reports every problem at once, in the order of the file', () => {
    const { diagnostics } = parseWorkflow(
      'name: a\nsteps:\n  - name: x\n    tool: t\n    timeout: soon\n  - name: y\n    tool: t\n    retry: {max_attempts: 0}\n',
    );
    expect(diagnostics.map(({ code, line }) => [code, line])).toEqual([
      ['BAD_TIMEOUT', 5],
      ['BAD_RETRY', 8],
    ]);
  });

  it('warns of inputs that are not declared or not used, and of steps that never run', () => {
    const source = `${withStep('when: "false"', 'inputs: {x: "${inputs.nmae}"}')}inputs:\n  name: string\n`;
    const { ok, diagnostics } = parseWorkflow(source);
    expect(ok).toBe(true);
    expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'warning DEAD_STEP',
      'warning UNKNOWN_INPUT',
      'warning UNUSED_INPUT',
    ]);
  });

  it('checks calls against the components that exist', () => {
    const component: ComponentInfo = {
      id: 't-1',
      name: 't',
      type: 'tool',
      description: '',
      address: '127.0.0.1',
      port: 1,
      capabilities: [
        {
          name: 'run',
          description: '',
          inputSchema: { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] },
        },
      ],
    };
    const { diagnostics } = parseWorkflow(withStep('inputs: {amuont: 1}'), { components: [component] });
    expect(diagnostics.map(({ code }) => code)).toEqual(['PARAM_MISSING', 'PARAM_UNKNOWN']);
    expect(diagnostics[1]).toMatchObject({ line: 6, suggestion: 'amount' });
  });

  it('shows the lines around a mistake', () => {
    const source = withStep('timeout: 10 parsecs');
    const [diagnostic] = parseWorkflow(source, { file: 'test.yaml' }).diagnostics;
    expect(formatDiagnostic(diagnostic ?? expect.fail(), source)).toMatchInlineSnapshot(`
      "test.yaml:6:14: error BAD_TIMEOUT: Step "a": "timeout" is "10 parsecs", but must be a duration above 0: "250ms", "30s", "5m", or milliseconds.
        4 |     tool: t
        5 |     action: run
      > 6 |     timeout: 10 parsecs
          |              ^
        7 | "
    `);
  });
});

describe('groups and branches', () => {
  const planOf = (...text: readonly string[]) => {
    const { workflow, diagnostics } = parseWorkflow(lines('name: g', 'steps:', ...text));
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    return compileWorkflow(workflow ?? expect.fail()).steps.map(({ name, dependsOn, when }) => ({
      name,
      dependsOn,
      when,
    }));
  };

  it('lets a branch run under its condition, and joins both', () => {
    expect(
      planOf(
        '  - {name: check, tool: t, action: a}',
        '  - name: decide',
        '    if: ${steps.check.output.ok}',
        '    then: [{name: yes, tool: t, action: a}]',
        '    else: [{name: no, tool: t, action: a}]',
      ),
    ).toEqual([
      { name: 'check', dependsOn: [], when: undefined },
      { name: 'yes', dependsOn: ['check'], when: 'steps.check.output.ok' },
      { name: 'no', dependsOn: ['check'], when: '!(steps.check.output.ok)' },
      { name: 'decide', dependsOn: ['yes', 'no', 'check'], when: undefined },
    ]);
  });

  it('chooses a case by the text of a value', () => {
    const steps = planOf(
      '  - {name: classify, tool: t, action: a}',
      '  - name: route',
      '    switch: ${steps.classify.output.kind}',
      '    cases:',
      '      refund: [{name: refund, tool: t, action: a}]',
      '    default: [{name: other, tool: t, action: a}]',
    );
    expect(steps.slice(1, 3)).toEqual([
      { name: 'refund', dependsOn: ['classify'], when: 'string(steps.classify.output.kind) == "refund"' },
      { name: 'other', dependsOn: ['classify'], when: '!(string(steps.classify.output.kind) in ["refund"])' },
    ]);
  });
});

describe('what is no YAML that is accepted', () => {
  it.each([
    ['a duplicate key', 'name: a\nname: b\n', 'YAML_SYNTAX', 2],
    ['a tab', 'name: a\nsteps:\n- name: a\n\ttool: t\n', 'YAML_SYNTAX', 4],
    ['text that was cut off', 'name: a\nsteps:\n  - name: "unclosed\n', 'YAML_SYNTAX', 4],
    ['an unknown tag', 'name: !exec a\n', 'YAML_SYNTAX', 1],
    ['a key named __proto__', 'name: a\n__proto__: {x: 1}\n', 'YAML_SYNTAX', 2],
    ['a second document', 'name: a\n---\nname: b\n', 'YAML_SYNTAX', 2],
    ['a number that JSON has not', 'name: a\ntimeout: .inf\n', 'YAML_SYNTAX', 2],
    ['an alias of nothing', 'name: *nobody\n', 'YAML_SYNTAX', 1],
    ['more than 50 aliases', `x: &x 1\ny: [${'*x, '.repeat(51)}]\n`, 'LIMIT_EXCEEDED', 2],
    ['more than 64 levels', `a: ${'['.repeat(70)}${']'.repeat(70)}\n`, 'LIMIT_EXCEEDED', 1],
    ['more levels than the stack has', `name: a\nsteps: ${'{'.repeat(10_000)}\n`, 'LIMIT_EXCEEDED', 2],
    ['more lists than the stack has', '['.repeat(10_000), 'LIMIT_EXCEEDED', 1],
    [
      'more than 10,000 keys',
      Array.from({ length: 10_001 }, (_, index) => `k${String(index)}: 1`).join('\n'),
      'LIMIT_EXCEEDED',
      1,
    ],
    ['more than 1 MiB', `name: ${'a'.repeat(1_048_577)}\n`, 'LIMIT_EXCEEDED', 1],
    ['nothing', '', 'EMPTY_PLAN', 1],
  ])('is refused with its line: %s', (_what, source, code, line) => {
    const { ok, diagnostics } = parseWorkflow(source);
    expect(ok).toBe(false);
    expect(diagnostics[0]).toMatchObject({ code, line, severity: 'error' });
  });

  it('is refused for its size, when it is cut off inside a character too', () => {
    const { diagnostics } = parseWorkflow(Buffer.from(`name: ${'é'.repeat(600_000)}`).subarray(0, 1_048_577));
    expect(diagnostics).toMatchObject([{ code: 'LIMIT_EXCEEDED', line: 1 }]);
  });

  it('is refused when it is not UTF-8', () => {
    const { diagnostics } = parseWorkflow(Uint8Array.from([...Buffer.from('name: a\nx: '), 0xff, 0xfe]));
    expect(diagnostics).toMatchObject([{ code: 'YAML_SYNTAX', line: 2, column: 4 }]);
  });

  it('stops at the fiftieth mistake, since the parser needs ever more time for each', () => {
    expect(codesOf('"'.repeat(200_000)).length).toBeLessThanOrEqual(50);
    expect(codesOf(`[${','.repeat(200_000)}]`).length).toBeLessThanOrEqual(50);
  });

  it('merges maps and repeats anchors within bounds', () => {
    const { workflow } = parseWorkflow(
      'name: a\ndefaults:\n  retry: &again {max_attempts: 2}\nsteps:\n  - name: s\n    tool: t\n    action: a\n    retry: {<<: *again, jitter: false}\n',
    );
    expect(workflow?.steps[0]?.retry).toEqual({ maxAttempts: 2, jitter: false });
  });
});

describe('any text', () => {
  it('gives a definition or a diagnostic, never an exception', { timeout: 60_000 }, () => {
    const mutated = fc
      .array(
        fc.record({
          at: fc.nat(etl.length),
          remove: fc.nat(6),
          insert: fc.oneof(
            fc.string({ maxLength: 4 }),
            fc.constantFrom('&a ', '*a', '!!', '- ', ': ', '{', '[', '"', '|\n', '\t', '${', 'null', '\n'),
          ),
        }),
        { minLength: 1, maxLength: 6 },
      )
      .map((edits) =>
        edits.reduce((text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove), etl),
      );
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string({ maxLength: 200 })), (source) => {
        const { ok, workflow, diagnostics } = parseWorkflow(source);
        expect(ok).toBe(workflow !== undefined);
        if (!ok)
          expect(diagnostics.some(({ severity, line }) => severity === 'error' && line !== undefined)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('steps that can never run', () => {
  it.each([
    ['of the workflow', 'steps: [{name: a, tool: t, action: x, when: false}]', ['a'], 'steps.0.when'],
    [
      'inside a group',
      'steps: [{name: g, parallel: [{name: a, tool: t, when: "false"}]}]',
      ['a'],
      'steps.0.parallel.0.when',
    ],
    [
      'of a branch',
      'steps: [{name: g, if: false, then: [{name: a, tool: t}], else: [{name: b, tool: t}]}]',
      ['a'],
      'steps.0.if',
    ],
    [
      'of the other branch',
      'steps: [{name: g, if: "true", then: [{name: a, tool: t}], else: [{name: b, tool: t}]}]',
      ['b'],
      'steps.0.if',
    ],
    [
      'of a case',
      'steps: [{name: g, switch: "${inputs.k}", cases: {a.b: [{name: a, tool: t, when: false}]}}]',
      ['a'],
      'steps.0.cases.a.b.0.when',
    ],
    ['at the end', 'steps: [{name: s, tool: t}]\nfinally: [{name: a, tool: t, when: false}]', ['a'], 'finally.0.when'],
  ])('are told: %s', (_where, yaml, names, path) => {
    const dead = parseWorkflow(`name: w\n${yaml}\n`).diagnostics.filter(({ code }) => code === 'DEAD_STEP');
    expect(dead.map(({ step }) => step)).toEqual(names);
    expect(dead[0]).toMatchObject({ severity: 'warning', path, line: yaml.includes('finally') ? 3 : 2 });
  });
});

describe('workflowJsonSchema', () => {
  it('describes every key for editors, and knows no others', () => {
    const undescribed: string[] = [];
    const look = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      const { properties } = value as { readonly properties?: Readonly<Record<string, object>> };
      for (const [key, schema] of Object.entries(properties ?? {})) {
        if (!('description' in schema)) undescribed.push(`${path}.${key}`);
      }
      for (const [key, inner] of Object.entries(value)) look(inner, `${path}/${key}`);
    };
    look(workflowJsonSchema(), '');
    expect(undescribed).toEqual([]);
    expect(workflowJsonSchema()).toMatchObject({
      type: 'object',
      additionalProperties: false,
      title: 'GoMind workflow',
    });
  });

  it('is published as a file of the package (vitest -u writes it)', async () => {
    const text = `${JSON.stringify(workflowJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../workflow.schema.json');
    const { files } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      readonly files: readonly string[];
    };
    expect(files).toContain('workflow.schema.json');
  });
});
