import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gomind } from '../../test/command-line.ts';
import { greeter } from '../../test/greeter.ts';
import { useWorkspace } from '../../test/workspace.ts';

const workspace = useWorkspace(greeter);

describe('gomind init', () => {
  it.each(['tool', 'agent', 'workflow', 'orchestrator'])('begins a project from the template %s', async (template) => {
    const target = workspace.at(template);
    const { code, stdout } = await gomind(['init', target, '--template', template]);
    expect(code).toBe(0);
    expect(stdout).toContain('package.json');
    expect(JSON.parse(await readFile(join(target, 'package.json'), 'utf8'))).toMatchObject({ type: 'module' });
    expect((await gomind(['init', target, '--template', template])).code).toBe(2);
  });

  it('writes a workflow that is right', async () => {
    const target = workspace.at('flow');
    await gomind(['init', target, '--template', 'workflow']);
    expect(
      (await gomind(['validate', join(target, 'workflow.yaml'), '--components', join(target, 'components.json')])).code,
    ).toBe(0);
  });
});
