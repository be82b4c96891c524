import { describe, expect, it } from 'vitest';
import { gomind } from '../../test/command-line.ts';
import { greeter, greeting } from '../../test/greeter.ts';
import { useWorkspace } from '../../test/workspace.ts';

const workspace = useWorkspace(greeter);

describe('gomind validate', () => {
  it('says that a workflow is right', async () => {
    const file = await workspace.write('greeting.yaml', greeting);
    expect(await gomind(['validate', file, '--components', workspace.components])).toEqual({
      code: 0,
      stdout: `${file}: ok, 1 step\n`,
      stderr: '',
    });
  });

  it('shows every mistake with its place and the lines around, and exits with 1', async () => {
    const file = await workspace.write('wrong.yaml', greeting.replace('action: greet', 'acton: greet'));
    const { code, stdout } = await gomind(['validate', file]);
    expect(code).toBe(1);
    expect(stdout).toContain(`${file}:4:34: error UNKNOWN_KEY`);
    expect(stdout).toContain('Did you mean "action"?');
    expect(stdout).toMatch(/> 4 \| .*acton/);
  });

  it('reads standard input and answers in JSON', async () => {
    const readInput = () => Promise.resolve(Buffer.from('name: x\nsteps: []\n'));
    const { code, stdout } = await gomind(['validate', '-', '--json'], { readInput });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'EMPTY_PLAN', file: '<stdin>', line: 2 }],
    });
  });

  it.each([
    ['a workflow', [], 1, 'LIMIT_EXCEEDED: The file is larger than 1048576 bytes'],
    ['a plan', ['--plan'], 2, '/dev/zero is larger than 67108864 bytes'],
  ])('ends for a device that never does: %s', async (_what, options, exit, text) => {
    const { code, stdout, stderr } = await gomind(['validate', '/dev/zero', ...options]);
    expect(code).toBe(exit);
    expect(stdout + stderr).toContain(text);
  });

  it.each([
    ['a short form', { parameters: { name: 'string' } }],
    ['the record of a registry', { input_schema: { type: 'object', required: ['name'] } }],
    ["the Go original's hints", { input_summary: { required: [{ name: 'name', type: 'string' }] } }],
  ])('reads what a capability takes from %s', async (_what, takes) => {
    const capability = { name: 'greet', description: 'Greets', ...takes };
    const list = await workspace.write('list.json', JSON.stringify([{ name: 'greeter', capabilities: [capability] }]));
    const file = await workspace.write('w.yaml', 'name: w\nsteps: [{name: a, tool: greeter, action: greet}]\n');
    const { code, stdout } = await gomind(['validate', file, '--components', list, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ diagnostics: [{ code: 'PARAM_MISSING', step: 'a' }] });
  });

  it('refuses an effect that nobody knows', async () => {
    const capability = { name: 'greet', description: 'Greets', effect: 'harmless' };
    const list = await workspace.write('list.json', JSON.stringify([{ name: 'greeter', capabilities: [capability] }]));
    const { code, stderr } = await gomind(['components', '--components', list]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/list\.json, entry 1: the effect of "greet" is "harmless"\. Accepted: pure/);
  });

  it('checks plans against the components that there are', async () => {
    const plan = await workspace.write(
      'plan.json',
      JSON.stringify({ steps: [{ name: 'a', component: 'greter', action: 'greet', inputs: { name: 'A' } }] }),
    );
    const { code, stdout } = await gomind(['validate', plan, '--plan', '--components', workspace.components]);
    expect(code).toBe(1);
    expect(stdout).toContain('UNKNOWN_COMPONENT');
  });

  it('says where in a plan the mistake is', async () => {
    const lines = [
      '{"steps": [',
      '  {"name": "a", "component": "greeter", "action": "greet",',
      '   "inputs": {"nme": "A"}}',
      ']}',
    ];
    const plan = await workspace.write('plan.json', lines.join('\n'));
    const { stdout } = await gomind(['validate', plan, '--plan', '--components', workspace.components]);
    expect(stdout).toContain(`${plan}:3:22: error PARAM_UNKNOWN`);
    expect(stdout).toContain('> 3 |    "inputs": {"nme": "A"}}');
    const { stdout: json } = await gomind(['validate', plan, '--plan', '--components', workspace.components, '--json']);
    const { diagnostics } = JSON.parse(json) as { diagnostics: { code: string }[] };
    expect(diagnostics.find(({ code }) => code === 'PARAM_UNKNOWN')).toMatchObject({ file: plan, line: 3, column: 22 });
  });
});
