import { mkdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { gomind } from '../../test/command-line.ts';
import { greeter, greeting } from '../../test/greeter.ts';
import { useWorkspace } from '../../test/workspace.ts';

const workspace = useWorkspace(greeter);

describe('gomind run', () => {
  it('says which keys of a file have no effect yet, and where they stand', async () => {
    const text = greeting
      .replace('steps:', 'triggers: [{schedule: "0 0 * * *"}]\nsteps:')
      .replace('action: greet,', 'action: greet, compensate: forget,');
    const file = await workspace.write('later.yaml', text);
    const ran = await gomind(['run', file, '--components', workspace.components, '--input', 'who=Ada', '--json']);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain(`${file}:3:11: warning NO_EFFECT`);
    expect(ran.stderr).toMatch(/later\.yaml:5:\d+: warning NO_EFFECT/);
    expect(JSON.parse(ran.stdout)).toMatchObject({ warnings: [{ path: 'triggers' }, { path: 'steps.0.compensate' }] });
    const checked = await gomind(['validate', file, '--components', workspace.components]);
    expect(checked).toMatchObject({ code: 0, stderr: '' });
    expect(checked.stdout).toContain('ok, 1 step, 2 warnings');
  });

  it('runs a workflow over real components; progress goes to stderr, outputs to stdout', async () => {
    const file = await workspace.write('greeting.yaml', greeting);
    const { code, stdout, stderr } = await gomind([
      'run',
      file,
      '--components',
      workspace.components,
      '--input',
      'who=Ada',
    ]);
    expect(stderr).toContain('✔ greet');
    expect(JSON.parse(stdout)).toEqual({ text: 'Hello, Ada!' });
    expect(code).toBe(0);
  });

  it('takes inputs from a file and prints the whole run as JSON', async () => {
    const file = await workspace.write('greeting.yaml', greeting);
    const inputs = await workspace.write('inputs.json', '{"who": "Grace"}');
    const { stdout } = await gomind([
      'run',
      file,
      '--components',
      workspace.components,
      '--input-file',
      inputs,
      '--json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', steps: { greet: { status: 'completed' } } });
  });

  it('shows what would be done without doing it', async () => {
    const file = await workspace.write('greeting.yaml', greeting);
    const { code, stdout } = await gomind(['run', file, '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('greeter.greet');
    expect(stdout).toContain('1 step, at most 3 calls');
  });

  it('looks into groups that run as a whole, and needs no components where they call none', async () => {
    const inside =
      '[{name: one, tool: greeter, action: greet, inputs: {name: "${item}"}}, {name: two, type: wait, duration: 1ms}]';
    const file = await workspace.write(
      'each.yaml',
      `name: each\nsteps: [{name: all, for_each: [Ada, Grace], parallel: ${inside}}]\noutputs: {all: "\${steps.all.output}"}\n`,
    );
    const dry = await gomind(['run', file, '--dry-run']);
    expect(dry.stdout).toContain('for each: one, two');
    expect(dry.stdout).toContain('3 steps, at most 12 calls, longest chain 2 steps: all');
    expect((await gomind(['run', file])).stderr).toContain('NO_COMPONENTS: Step "one" calls a component');
    const { stdout, stderr } = await gomind(['run', file, '--components', workspace.components]);
    expect(JSON.parse(stdout)).toMatchObject({
      all: [{ one: { summary: 'Hello, Ada!' } }, { one: { summary: 'Hello, Grace!' } }],
    });
    expect(stderr).toContain('all[1]/one');
    const idle = await workspace.write(
      'idle.yaml',
      'name: idle\nsteps: [{name: g, timeout: 1m, parallel: [{name: w, type: wait, duration: 1ms}]}]\n',
    );
    expect((await gomind(['run', idle])).code).toBe(0);
  });

  it.each([
    ['an input is missing', [], 'INPUT_REQUIRED', 1],
    ['an input is no pair', ['--input', 'who'], 'must be name=value', 2],
  ])('says what is wrong when %s', async (_what, words, text, expected) => {
    const file = await workspace.write('greeting.yaml', greeting);
    const { code, stderr } = await gomind(['run', file, '--components', workspace.components, ...words]);
    expect(stderr).toContain(text);
    expect(code).toBe(expected);
  });

  it('asks at the terminal for approvals, and rejects without one', async () => {
    const file = await workspace.write('ask.yaml', 'name: ask\nsteps: [{name: sure, type: approval, prompt: "Go?"}]\n');
    const asked: string[] = [];
    const ask = (question: string): Promise<string> => {
      asked.push(question);
      return Promise.resolve('y');
    };
    expect((await gomind(['run', file], { ask })).code).toBe(0);
    expect(asked).toEqual(['Go? Approve? [y/N] ']);
    const { code, stderr } = await gomind(['run', file]);
    expect(code).toBe(1);
    expect(stderr).toContain('--approve');
    expect((await gomind(['run', file, '--approve'])).code).toBe(0);
  });

  it('finds sub-workflows beside the file', async () => {
    await workspace.write('inner.yaml', greeting);
    const file = await workspace.write(
      'outer.yaml',
      'name: outer\nsteps: [{name: sub, workflow: inner.yaml, inputs: {who: Bob}}]\noutputs: {text: "${steps.sub.output.text}"}\n',
    );
    const { stdout } = await gomind(['run', file, '--components', workspace.components]);
    expect(JSON.parse(stdout)).toEqual({ text: 'Hello, Bob!' });
  });

  it('finds what a sub-workflow names beside the file of the sub-workflow, however deep', async () => {
    const reading = (name: string, workflow: string) =>
      `name: ${name}\nsteps: [{name: sub, workflow: ${workflow}, cache: true}]\noutputs: {text: "\${steps.sub.output.text}"}\n`;
    const leaf = (who: string) =>
      `name: leaf\nsteps: [{name: g, timeout: 1m, parallel: [{name: greet, tool: greeter, action: greet, inputs: {name: ${who}}}]}]\noutputs: {text: "\${steps.g.output.greet.summary}"}\n`;
    await mkdir(workspace.at('parts/deep'), { recursive: true });
    await workspace.write('leaf.yaml', leaf('Nobody'));
    await workspace.write('parts/leaf.yaml', leaf('Ada'));
    await workspace.write('parts/deep/leaf.yaml', leaf('Grace'));
    await workspace.write('parts/one.yaml', reading('one', 'leaf.yaml'));
    await workspace.write('parts/two.yaml', reading('two', 'deep/up.yaml'));
    await workspace.write('parts/deep/up.yaml', reading('up', './leaf.yaml'));
    await workspace.write('parts/three.yaml', reading('three', '../leaf.yaml'));
    const file = await workspace.write(
      'outer.yaml',
      [
        'name: outer',
        'steps:',
        '  - {name: one, workflow: parts/one.yaml}',
        '  - {name: g, timeout: 1m, parallel: [{name: two, workflow: parts/two.yaml}]}',
        '  - {name: three, workflow: parts/three.yaml}',
        'outputs: {all: ["${steps.one.output.text}", "${steps.g.output.two.text}", "${steps.three.output.text}"]}',
        '',
      ].join('\n'),
    );
    const { stdout, stderr } = await gomind(['run', file, '--components', workspace.components]);
    expect(stderr).not.toMatch(/[A-Z]+_[A-Z]+:/);
    expect(JSON.parse(stdout)).toEqual({ all: ['Hello, Ada!', 'Hello, Grace!', 'Hello, Nobody!'] });
  });

  it('says where it looked for a sub-workflow, and ends one that names itself', async () => {
    await mkdir(workspace.at('parts'));
    await workspace.write('parts/inner.yaml', 'name: inner\nsteps: [{name: deep, workflow: nowhere.yaml}]\n');
    const file = await workspace.write('outer.yaml', 'name: outer\nsteps: [{name: sub, workflow: parts/inner.yaml}]\n');
    const lost = await gomind(['run', file, '--components', workspace.components]);
    expect([lost.code, lost.stderr]).toEqual([
      1,
      expect.stringContaining(workspace.at('parts/nowhere.yaml')) as string,
    ]);
    await workspace.write('parts/loop.yaml', 'name: loop\nsteps: [{name: again, workflow: ../parts/loop.yaml}]\n');
    const looping = await gomind(['run', workspace.at('parts/loop.yaml'), '--components', workspace.components]);
    expect([looping.code, looping.stderr]).toEqual([1, expect.stringContaining('LIMIT_EXCEEDED') as string]);
  });

  it('says which step needs components when nothing names them', async () => {
    const file = await workspace.write('greeting.yaml', greeting);
    const { code, stderr } = await gomind(['run', file, '--input', 'who=Ada']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/NO_COMPONENTS: Step "greet".*--components FILE/);
  });

  it('exits with 130 when it is interrupted, and tells what was cancelled', async () => {
    const file = await workspace.write('wait.yaml', 'name: wait\nsteps: [{name: long, type: wait, duration: 1h}]\n');
    const abort = new AbortController();
    let seen = '';
    const stderr = {
      write: (text: string) => {
        seen += text;
        if (text.includes('waiting')) abort.abort();
      },
    };
    expect((await gomind(['run', file], { signal: abort.signal, stderr })).code).toBe(130);
    expect(seen).toContain('- long');
  });
});
