import { describe, expect, it } from 'vitest';
import { estimatePlan } from '../plan/estimate-plan.ts';
import { compileWorkflow } from './compile-workflow.ts';
import { parseWorkflow, type ParseWorkflowOptions } from './parse-workflow.ts';
import { referencedInputs } from './workflow-references.ts';

const parse = (lines: readonly string[], options: ParseWorkflowOptions = {}) =>
  parseWorkflow(`name: w\n${lines.join('\n')}\n`, options);

const planOf = (...lines: readonly string[]) => {
  const { workflow, diagnostics } = parse(lines);
  expect(diagnostics).toEqual([]);
  return compileWorkflow(workflow ?? expect.fail());
};

const inside = 'parallel: [{name: a, tool: t, action: x}, {name: b, tool: t, action: y}]';

describe('a group without keys of its own', () => {
  it('is flattened as ever', () => {
    const plan = planOf(`steps: [{name: g, ${inside}, when: "true", on_error: continue}]`);
    expect(plan).toEqual({
      name: 'w',
      steps: [
        { name: 'a', component: 't', action: 'x', inputs: {}, dependsOn: [], when: 'true' },
        { name: 'b', component: 't', action: 'y', inputs: {}, dependsOn: [], when: 'true' },
        {
          name: 'g',
          kind: 'join',
          inputs: {},
          dependsOn: ['a', 'b'],
          when: 'true',
          onError: 'continue',
          config: { children: ['a', 'b'] },
        },
      ],
    });
  });
});

describe('a group with keys of a call', () => {
  it.each([
    ['retry: {max_attempts: 2}', { retry: { maxAttempts: 2 } }],
    ['timeout: 5s', { timeoutMs: 5000 }],
    ['for_each: [1]', { forEach: { items: [1] } }],
    ['cache: 5s', { config: { cache: { ttlMs: 5000 } } }],
    ['artifact: true', { config: { artifact: true } }],
  ])('is one step with a plan of its own: %s', (key, said) => {
    const plan = planOf(
      `defaults: {retry: {max_attempts: 9}, timeout: 9s}\nsteps: [{name: g, ${inside}, ${key}}, {name: z, tool: t, action: z, inputs: {g: "\${steps.g.output}"}}]`,
    );
    const call = { inputs: {}, dependsOn: [], retry: { maxAttempts: 9 }, timeoutMs: 9000 };
    expect(plan.steps).toMatchObject([
      {
        name: 'g',
        kind: 'group',
        dependsOn: [],
        ...said,
        config: {
          plan: {
            steps: [
              { name: 'a', component: 't', action: 'x', ...call },
              { name: 'b', component: 't', action: 'y', ...call },
            ],
            outputs: { a: '${steps.a.output}', b: '${steps.b.output}' },
          },
        },
      },
      { name: 'z', dependsOn: ['g'] },
    ]);
    // Defaults are for the steps inside.
    for (const name of ['retry', 'timeoutMs'].filter((each) => !(each in said)))
      expect(plan.steps[0]).not.toHaveProperty(name);
  });

  it('waits for what its steps need, at any depth', () => {
    const plan = planOf(
      'steps:',
      '  - {name: p, tool: t, action: x}',
      '  - {name: q, tool: t, action: x}',
      '  - name: g',
      '    retry: {max_attempts: 2}',
      '    parallel:',
      '      - {name: c, tool: t, action: x, depends_on: [p]}',
      '      - name: h',
      '        timeout: 1s',
      '        parallel: [{name: d, tool: t, action: x, inputs: {q: "${steps.q.output}", c: "${steps.c.output}"}}]',
    );
    const group = plan.steps[2];
    expect(group).toMatchObject({ name: 'g', dependsOn: ['p', 'q'], config: { sees: ['q'] } });
    expect(group?.config?.['plan']).toMatchObject({
      steps: [
        { name: 'c', dependsOn: [] },
        { name: 'h', kind: 'group', dependsOn: ['c'], config: { sees: ['q', 'c'] } },
      ],
    });
  });

  it('is estimated with what is inside', () => {
    const plan = planOf(
      'steps:',
      '  - name: g',
      '    retry: {max_attempts: 2}',
      '    for_each: {items: [1, 2, 3], max_parallel: 1}',
      '    parallel: [{name: a, tool: t, action: x, retry: {max_attempts: 4}}, {name: b, tool: t, action: y, depends_on: [a], retry: {max_attempts: 1}}]',
      '  - {name: z, tool: t, action: z, depends_on: [g], retry: {max_attempts: 1}}',
    );
    expect(estimatePlan(plan)).toEqual({
      steps: 4,
      maxCalls: 3 * 2 * (4 + 1) + 1,
      depth: 4,
      criticalPath: ['g', 'z'],
      criticalMs: 3 * 2 + 1,
    });
  });

  it('asks each step for its effect where it may run again, and only there', () => {
    const steps =
      '[{name: s, workflow: i, effect: pure}, {name: p, type: ai-routing, prompt: go, effect: pure}, {name: h, timeout: 1s, effect: pure, parallel: [{name: x, tool: t}]}, {name: f, effect: pure, parallel: [{name: y, workflow: i, effect: pure}]}]';
    const pathsOf = (key: string) =>
      parse([`steps: [{name: g, ${key}, parallel: ${steps}}]`]).diagnostics.map(
        ({ code, path }) => `${code} ${path ?? ''}`,
      );
    const at = (...places: string[]) => places.map((place) => `NO_EFFECT steps.0.parallel.${place}.effect`);
    expect(pathsOf('retry: {max_attempts: 2}')).toEqual(at('3'));
    expect(pathsOf('timeout: 1m')).toEqual(at('0', '1', '2', '3', '3.parallel.0'));
  });

  it('uses the inputs that its steps use', () => {
    const { workflow } = parse([
      `steps: [{name: g, timeout: 1s, parallel: [{name: a, tool: t, inputs: {x: "\${inputs.x}"}, when: inputs.y > 1}]}]`,
    ]);
    expect([...referencedInputs(workflow ?? expect.fail())]).toEqual(['x', 'y']);
  });
});

describe('what is wrong with such a group', () => {
  const hidden = (more: string) =>
    parse([`steps:`, `  - {name: g, retry: {max_attempts: 2}, ${inside}}`, ...more.split('\n')]);

  it.each([
    [
      'a reference',
      '  - {name: z, tool: t, action: z, inputs: {v: "${steps.a.output.n}"}}',
      'DANGLING_REFERENCE',
      4,
      'z',
    ],
    ['a condition', '  - {name: z, tool: t, action: z, when: steps.a.output.n > 1}', 'DANGLING_REFERENCE', 4, 'z'],
    ['an output', 'outputs: {v: "${steps.a.output}"}', 'DANGLING_OUTPUT', 4, undefined],
    [
      'a step at the end',
      'finally: [{name: z, tool: t, action: z, inputs: {v: "${steps.a.status}"}}]',
      'DANGLING_REFERENCE',
      4,
      'z',
    ],
    ['a dependency', '  - {name: z, tool: t, action: z, depends_on: [a]}', 'MISSING_DEPENDENCY', 4, 'z'],
    ['a fallback', '  - {name: z, tool: t, action: z, on_error: {fallback: a}}', 'MISSING_DEPENDENCY', 4, 'z'],
    [
      'another group',
      '  - {name: h, timeout: 1s, parallel: [{name: z, tool: t, inputs: {v: "${steps.a.output}"}}]}',
      'DANGLING_REFERENCE',
      4,
      'z',
    ],
  ])('is %s from outside to a step inside', (_what, yaml, code, line, step) => {
    const { ok, diagnostics } = hidden(yaml);
    expect(ok).toBe(false);
    expect(diagnostics).toMatchObject([
      { code, severity: 'error', line, column: expect.any(Number) as number, ...(step === undefined ? {} : { step }) },
    ]);
    expect(diagnostics[0]?.message).toContain(
      '"a" is inside the group "g", which runs as a whole: outside of it, its output is ${steps.g.output.a}',
    );
    if (code === 'MISSING_DEPENDENCY') expect(diagnostics[0]?.suggestion).toBe('g');
  });

  it('names the place in the list of a group that runs for each item', () => {
    const { diagnostics } = parse([
      `steps: [{name: my group, for_each: [1], ${inside}}, {name: z, tool: t, inputs: {v: "\${steps.a.output}"}}]`,
    ]);
    expect(diagnostics[0]?.message).toContain("${steps['my group'].output[0].a}, for the first item");
  });

  it.each([
    ['failed()', 'failed()'],
    ['always()', 'always()'],
    ["steps.p.status == 'failed'", "steps.p.status == 'failed'"],
    ['steps.p.error.code', "(steps.p.error.code ?? '') != ''"],
  ])('is a condition inside that asks for a failure outside: %s', (_what, when) => {
    const { diagnostics } = parse([
      'steps:',
      '  - {name: p, tool: t, action: x}',
      `  - {name: g, timeout: 1s, parallel: [{name: c, tool: t, depends_on: [p], when: "${when}"}]}`,
    ]);
    expect(diagnostics).toMatchObject([
      { code: 'BAD_CONDITION', severity: 'error', step: 'c', line: 4, path: 'steps.1.parallel.0.when' },
    ]);
  });

  it('is no such condition where the failure stops nobody, or is that of a step inside', () => {
    const { diagnostics } = parse([
      'steps:',
      '  - {name: p, tool: t, action: x, on_error: continue}',
      '  - {name: g, timeout: 1s, parallel: [{name: c, tool: t, when: "steps.p.status == \'failed\'"}, {name: d, tool: t, depends_on: [c], when: failed()}]}',
      '  - {name: q, tool: t, action: x, when: 1 > 2}',
      '  - {name: h, timeout: 1s, parallel: [{name: e, tool: t, depends_on: [q], when: "steps.q.status == \'skipped\'"}, {name: f, tool: t, depends_on: [q], when: "inputs.why == \'failed\'"}]}',
      'inputs: {why: string}',
    ]);
    expect(diagnostics).toEqual([]);
  });

  it('is found inside with its place: unknown steps, names that are there twice, circles, too many levels', () => {
    const at = (yaml: string) => parse(['steps:', yaml]).diagnostics;
    expect(
      at(
        '  - {name: g, timeout: 1s, parallel: [{name: a, tool: t, inputs: {v: "${steps.c.output}"}}, {name: b, tool: t, depends_on: [d]}]}',
      ),
    ).toMatchObject([
      { code: 'DANGLING_REFERENCE', step: 'a', line: 3, path: 'steps.0.parallel.0.inputs.v' },
      { code: 'MISSING_DEPENDENCY', step: 'b', line: 3, path: 'steps.0.parallel.1.depends_on' },
    ]);
    expect(
      at('  - {name: g, timeout: 1s, parallel: [{name: a, tool: t}, {name: b, tool: t}]}\n  - {name: a, tool: t}'),
    ).toMatchObject([{ code: 'DUPLICATE_STEP', step: 'a', line: 4 }]);
    expect(
      at(
        '  - {name: g, timeout: 1s, parallel: [{name: a, tool: t, inputs: {v: "${steps.z.output}"}}]}\n  - {name: z, tool: t, depends_on: [g]}',
      ),
    ).toMatchObject([{ code: 'CYCLE' }]);
    expect(
      at('  - {name: g, timeout: 1s, parallel: [{name: a, tool: t, inputs: {v: "${steps.g.output}"}}]}'),
    ).toMatchObject([{ code: 'DANGLING_REFERENCE', step: 'a' }]);
    const deep = (level: number): string =>
      level === 0 ? '{name: a, tool: t}' : `{name: g${String(level)}, timeout: 1s, parallel: [${deep(level - 1)}]}`;
    expect(at(`  - ${deep(10)}`)).toEqual([]);
    expect(at(`  - ${deep(11)}`)).toMatchObject([{ code: 'PLAN_TOO_LARGE', line: 3 }]);
  });

  it('is found by what components say, of values from outside too', () => {
    const components = [
      {
        id: 't',
        name: 't',
        description: 't',
        type: 'tool' as const,
        address: 'x',
        port: 1,
        capabilities: [
          {
            name: 'x',
            description: 'x',
            inputSchema: { type: 'object', properties: { n: { type: 'number' } }, additionalProperties: false },
            outputSchema: { type: 'object', properties: { text: { type: 'string' } }, additionalProperties: false },
          },
        ],
      },
    ];
    const { diagnostics } = parse(
      [
        'steps:',
        '  - {name: p, tool: t, action: x}',
        '  - name: g',
        '    for_each: [1]',
        '    parallel:',
        '      - {name: a, tool: t, action: x, inputs: {m: 1}}',
        '      - {name: b, tool: t, action: x, inputs: {n: "${steps.p.output.nothing}"}}',
        '      - {name: c, tool: t, action: y}',
      ],
      { components },
    );
    expect(diagnostics.map(({ code, step, line }) => [code, step, line])).toEqual([
      ['PARAM_UNKNOWN', 'a', 7],
      ['UNKNOWN_OUTPUT_FIELD', 'b', 8],
      ['UNKNOWN_ACTION', 'c', 9],
    ]);
  });

  it('is a secret where it would be shown', () => {
    const { diagnostics } = parse([
      'secrets: [K]',
      'steps: [{name: g, timeout: 1s, parallel: [{name: a, type: wait, event: "${secrets.K}"}, {name: b, tool: t, inputs: {k: "${secrets.K}"}}]}]',
    ]);
    expect(diagnostics).toMatchObject([
      { code: 'SECRET_EXPOSED', step: 'a', path: 'steps.0.parallel.0.event', line: 3 },
    ]);
  });
});
