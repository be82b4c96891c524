import { mkdir, readdir, readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { gomind } from '../../test/command-line.ts';
import { greeter } from '../../test/greeter.ts';
import { useWorkspace } from '../../test/workspace.ts';

const workspace = useWorkspace(greeter);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('gomind ask, plan and promote', () => {
  it('make a workflow of a good answer that makes the same calls', async () => {
    const saved = workspace.at('run.json');
    const asked = await gomind(['ask', 'Greet "Ada"', '--components', workspace.components, '--save', saved]);
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining('Hello, Ada!') as string });
    const file = workspace.at('promoted.yaml');
    const promoted = await gomind(['promote', saved, '-o', file]);
    expect(promoted.stderr).toContain('Replayed: the same 1 call.');
    expect(promoted.code).toBe(0);
    const again = await gomind(['run', file, '--components', workspace.components, '--input', 'name=Grace', '--json']);
    expect(again.stdout).toContain('Hello, Grace!');
    expect((await readdir(workspace.folder)).toSorted()).toEqual([
      'components.json',
      'promoted.replay.json',
      'promoted.yaml',
      'run.json',
    ]);
  });

  it('say which file cannot be written, and why', async () => {
    await gomind(['ask', 'Greet "Ada"', '--components', workspace.components, '--save', workspace.at('run.json')]);
    const promoted = await gomind(['promote', workspace.at('run.json'), '-o', workspace.at('nowhere', 'greet.yaml')]);
    expect(promoted.stderr).toMatch(/greet\.yaml cannot be written: its folder does not exist/);
    expect(promoted.code).toBe(2);
  });

  it('write a proved workflow without running it', async () => {
    const file = workspace.at('planned.yaml');
    const { code, stderr } = await gomind(['plan', 'Greet "Ada"', '--components', workspace.components, '-o', file]);
    expect(stderr).toContain('1 step.');
    expect(code).toBe(0);
    expect(await readFile(file, 'utf8')).toContain('tool: greeter');
    expect((await gomind(['validate', file, '--components', workspace.components])).code).toBe(0);
  });

  it.each(['plan', 'ask'])('refuse what no component can do: %s', async (command) => {
    const { code, stderr } = await gomind([command, 'Book a flight to the moon', '--components', workspace.components]);
    expect(stderr).toContain('NO_PLAN');
    expect(code).toBe(1);
  });
});

describe('gomind ask --workflow', () => {
  it('lets the plan use a workflow as a step, with what the workflow needs', async () => {
    vi.stubEnv('GREETING_NAME', 'Grace');
    const file = await workspace.write(
      'formal.yaml',
      [
        'name: formal-greeting',
        'description: Greet somebody in a formal manner',
        'env: [GREETING_NAME]',
        'steps:',
        '  - {name: sure, type: approval, prompt: "Really?"}',
        '  - {name: inner, workflow: inner.yaml, depends_on: [sure]}',
        'outputs: {text: "${steps.inner.output.text}"}',
        '',
      ].join('\n'),
    );
    await workspace.write(
      'inner.yaml',
      [
        'name: inner',
        'env: [GREETING_NAME]',
        'steps: [{name: greet, tool: greeter, action: greet, inputs: {name: "${env.GREETING_NAME}"}}]',
        'outputs: {text: "${steps.greet.output.summary}"}',
        '',
      ].join('\n'),
    );
    const words = [
      'ask',
      'Formal greeting in a formal manner',
      '--components',
      workspace.components,
      '--workflow',
      file,
    ];
    const saved = workspace.at('run.json');
    const asked = await gomind([...words, '--approve', '--json', '--save', saved]);
    vi.unstubAllEnvs();
    const promoted = await gomind(['promote', saved]);
    expect(promoted).toMatchObject({ code: 0, stderr: 'Replayed: the same 1 call.\n' });
    expect(promoted.stdout).toContain('workflow: formal-greeting');
    expect(JSON.parse(asked.stdout)).toMatchObject({
      plan: { steps: [{ component: 'workflows', action: 'formal-greeting' }] },
      mode: 'basic-router',
      errors: [],
    });
    expect(asked.stdout).toContain('Hello, Grace!');
    const refused = await gomind(words);
    expect(refused.stderr).toContain('nobody is at the terminal');
  });

  it('finds what each of several workflows names beside its own file', async () => {
    const files = await Promise.all(
      ['formal', 'casual'].map(async (manner) => {
        await mkdir(workspace.at(manner));
        await workspace.write(
          `${manner}/inner.yaml`,
          `name: inner\nsteps: [{name: greet, tool: greeter, action: greet, inputs: {name: ${manner}}}]\n`,
        );
        return workspace.write(
          `${manner}/outer.yaml`,
          `name: ${manner}-greeting\ndescription: Greet somebody in a ${manner} manner\nsteps: [{name: sub, workflow: inner.yaml}]\n`,
        );
      }),
    );
    for (const manner of ['formal', 'casual']) {
      const request = `Make a ${manner} greeting in a ${manner} manner`;
      const { stdout } = await gomind([
        'ask',
        request,
        '--components',
        workspace.components,
        '--json',
        '--workflow',
        ...files,
      ]);
      expect(JSON.parse(stdout)).toMatchObject({ plan: { steps: [{ action: `${manner}-greeting` }] }, errors: [] });
      expect(stdout).toContain(`Hello, ${manner}!`);
    }
  });
});
