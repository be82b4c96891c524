import { afterEach, describe, expect, it, vi } from 'vitest';
import { gomind } from '../test/command-line.ts';
import { greeter } from '../test/greeter.ts';
import { useWorkspace } from '../test/workspace.ts';

const workspace = useWorkspace(greeter);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('gomind', () => {
  it('lists components', async () => {
    const { stdout } = await gomind(['components', '--components', workspace.components]);
    expect(stdout).toContain('greet(name)  Greet a person by name');
  });

  it.each(['null', '{}', '[null]', '["greeter"]', '[{"name":"greeter","url":"http://127.0.0.1:4101"}]'])(
    'says how a file of components is written when it holds none: %s',
    async (content) => {
      const path = await workspace.write('none.json', content);
      const { code, stderr } = await gomind(['components', '--components', path]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/none\.json.*JSON\.stringify\(\[served\.info\]\)/);
    },
  );

  it('looks at the machine', async () => {
    const { stdout } = await gomind(['doctor', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [
        { check: 'Node', state: 'ok' },
        { check: 'Environment', state: 'ok' },
        { check: 'Redis' },
        { check: 'Model' },
        { check: 'Port' },
      ],
    });
  });

  it.each([
    ['REDIS_URL', 'foo', 'Redis', 'REDIS_URL'],
    ['OPENAI_BASE_URL', 'foo', 'Model', 'OPENAI_BASE_URL'],
    ['GOMIND_PORT', 'abc', 'Port', 'GOMIND_PORT'],
    ['GOMIND_ORCHESTRATOR_STEP_TIMEOUT', '0', 'Environment', 'GOMIND_ORCHESTRATOR_STEP_TIMEOUT'],
  ])('looks at everything else too when %s cannot be read', async (variable, value, check, named) => {
    vi.stubEnv(variable, value);
    const { code, stdout } = await gomind(['doctor', '--json']);
    const { findings } = JSON.parse(stdout) as { findings: { check: string; state: string; message: string }[] };
    expect(code).toBe(1);
    expect(findings.map((finding) => finding.check)).toEqual(['Node', 'Environment', 'Redis', 'Model', 'Port']);
    expect(findings.filter(({ state }) => state === 'problem')).toMatchObject([
      { check, message: expect.stringContaining(named) as string },
    ]);
  });

  it('says which variables have no effect yet', async () => {
    vi.stubEnv('GOMIND_API_KEYS', 'one,two');
    const { code, stdout } = await gomind(['doctor']);
    expect(code).toBe(0);
    expect(stdout).toContain('· Environment: The environment variable GOMIND_API_KEYS is set and has no effect yet');
    expect(stdout).not.toContain('one,two');
  });

  it.each(['bash', 'zsh', 'fish'])('prints a completion for %s', async (shell) => {
    const { code, stdout } = await gomind(['completion', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain('validate');
    expect(stdout).toContain(shell === 'fish' ? 'dry-run' : '--dry-run');
  });

  it.each(['serve', 'dev', 'worker', 'runs'])('says that %s is not there yet', async (name) => {
    const { code, stderr } = await gomind([name, 'list', '--port', '8080']);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`"gomind ${name}" is not part of this version`));
    expect(stderr).not.toContain('Did you mean');
  });

  it.each([
    [['validat'], 'Did you mean validate?'],
    [['validate'], "missing required argument 'file'"],
    [['validate', 'nowhere.yaml'], 'there is no such file'],
    [['graph', 'x.yaml', '--format', 'png'], 'ascii, mermaid, dot, svg'],
    [['completion', 'tcsh'], 'bash, zsh, fish'],
  ])('exits with 2 for wrong use: %j', async (words, text) => {
    const { code, stderr } = await gomind(words);
    expect(stderr).toContain(text);
    expect(code).toBe(2);
  });
});
