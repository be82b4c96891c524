import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { gomind } from '../../test/command-line.ts';
import { greeter, greeting } from '../../test/greeter.ts';
import { useWorkspace } from '../../test/workspace.ts';

const workspace = useWorkspace(greeter);

describe('gomind print', () => {
  it('turns a file into TypeScript and back, with nothing lost', async () => {
    const file = await workspace.write('greeting.yaml', greeting);
    const module = workspace.at('greeting.mjs');
    expect(await gomind(['print', file, '-o', module])).toEqual({ code: 0, stdout: '', stderr: '' });
    const source = await readFile(module, 'utf8');
    expect(source).toContain(".step('greet', toolNamed('greeter', 'greet'), ({ inputs }) => ({ name: inputs.who }))");
    const builder = import.meta.resolve('@gomind/orchestration');
    await writeFile(module, source.replace("'@gomind/orchestration'", JSON.stringify(builder)));
    const { stdout: back } = await gomind(['print', module]);
    expect(back).toBe((await gomind(['print', file])).stdout);
  });

  it('says which file cannot be written, and why', async () => {
    const words = ['print', await workspace.write('greeting.yaml', greeting), '-o'];
    const { code, stderr } = await gomind([...words, workspace.at('nowhere', 'greeting.ts')]);
    expect(stderr).toMatch(/greeting\.ts cannot be written: its folder does not exist/);
    expect(code).toBe(2);
    expect((await gomind([...words, workspace.folder])).stderr).toContain('it is a folder');
  });

  it('prints JSON, which is a workflow file too', async () => {
    const { stdout } = await gomind(['print', await workspace.write('greeting.yaml', greeting), '--json']);
    const { code } = await gomind(['validate', await workspace.write('greeting.json', stdout)]);
    expect(code).toBe(0);
  });
});
