import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gomind } from '../../test/command-line.ts';
import { greeter } from '../../test/greeter.ts';
import { useWorkspace } from '../../test/workspace.ts';

const workspace = useWorkspace(greeter);

describe('gomind graph', () => {
  const file = () =>
    workspace.write(
      'graph.yaml',
      'name: g\nsteps:\n  - {name: a, tool: t, action: x}\n  - {name: b, tool: t, action: y, depends_on: [a], when: "true"}\n',
    );

  it.each([
    ['ascii', '┌─────┐'],
    ['mermaid', 'n0 --> n1'],
    ['dot', '"a" -> "b";'],
    ['svg', '<svg xmlns'],
  ])('draws as %s', async (format, text) => {
    const { code, stdout } = await gomind(['graph', await file(), '--format', format]);
    expect(code).toBe(0);
    expect(stdout).toContain(text);
  });

  it.each([
    ['ascii', 'group: b, c'],
    ['mermaid', 'n0[["g<br/><small>group: b, c</small>"]]'],
    ['dot', 'group: b, c", peripheries=2];'],
    ['svg', 'group: b, c'],
  ])('draws a group that runs as a whole as one, with what is inside: %s', async (format, text) => {
    const path = await workspace.write(
      'group.yaml',
      'name: w\nsteps: [{name: g, timeout: 1m, parallel: [{name: b, tool: t}, {name: c, tool: t}]}]\n',
    );
    expect((await gomind(['graph', path, '--format', format])).stdout).toContain(text);
  });

  it('keeps within a terminal', async () => {
    const steps = Array.from({ length: 9 }, (_, index) => `  - {name: step-${String(index)}, tool: t, action: x}\n`);
    const path = await workspace.write('wide.yaml', `name: wide\nsteps:\n${steps.join('')}`);
    let drawn = '';
    await gomind(['graph', path], { stdout: { isTTY: true, columns: 40, write: (text) => (drawn += text) } });
    const widths = drawn.split('\n').map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(40);
    expect(drawn.match(/step-\d/g)).toHaveLength(9);
    const { stdout } = await gomind(['graph', path]);
    expect(stdout.split('\n')[0]?.match(/┌/g)).toHaveLength(9);
  });

  it('draws the ETL workflow as the README shows it', async () => {
    const root = join(import.meta.dirname, '../../../..');
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const shown = /`gomind graph (?<path>\S+)` draws it:\n\n```\n(?<picture>[^]*?)```/.exec(readme)?.groups;
    const { stdout } = await gomind(['graph', join(root, shown?.['path'] ?? '')]);
    expect(stdout).toBe(shown?.['picture']);
  });

  it('does not let names break out of a drawing', async () => {
    const path = await workspace.write(
      'g.yaml',
      'name: "</title><script>"\nsteps: [{name: a, tool: "x\\"]<script>", action: b}]\n',
    );
    for (const format of ['mermaid', 'dot', 'svg']) {
      const { stdout } = await gomind(['graph', path, '--format', format]);
      expect(format === 'dot' ? stdout.replaceAll('\\"', '') : stdout).not.toMatch(
        format === 'dot' ? /x"\]/ : /<script>/,
      );
    }
  });
});
