import { describe, expect, it } from 'vitest';
import { gomind } from '../../test/command-line.ts';
import { greeter } from '../../test/greeter.ts';
import { useWorkspace } from '../../test/workspace.ts';

const workspace = useWorkspace(greeter);

describe('a workflow in a module', () => {
  const workflow = (name: string, tool: string) =>
    `export const ${name} = {name: '${name}', inputs: {}, outputs: {}, onFailure: [], finally: [], env: {}, secrets: [], triggers: [], defaults: {}, migrations: [], steps: [{kind: 'component', componentType: 'tool', name: 'greet', component: '${tool}', action: 'greet', inputs: {name: 'Ada'}, dependsOn: []}]};\n`;

  it('runs like a file', async () => {
    const module = await workspace.write('ada.mjs', workflow('ada', 'greeter'));
    const { code, stdout } = await gomind(['run', module, '--components', workspace.components, '--json']);
    expect(stdout).toContain('Hello, Ada!');
    expect(code).toBe(0);
  });

  it('is checked like a file, and shown as the YAML that says the same', async () => {
    const module = await workspace.write('ada.mjs', workflow('ada', 'greter'));
    const { code, stdout } = await gomind(['validate', module, '--components', workspace.components]);
    expect(stdout).toMatch(/ada\.mjs \(as YAML\):\d+:\d+: error UNKNOWN_COMPONENT/);
    expect(code).toBe(1);
  });

  it.each([
    ['export const a = 1;\n', 'exports no workflow'],
    [workflow('ada', 'greeter') + workflow('bob', 'greeter'), 'exports several workflows: ada, bob'],
    ["throw new Error('not today');\n", 'cannot be loaded: not today'],
  ])('is refused clearly: %#', async (source, text) => {
    const { code, stderr } = await gomind(['validate', await workspace.write('wrong.mjs', source)]);
    expect(stderr).toContain(text);
    expect(code).toBe(2);
  });
});
