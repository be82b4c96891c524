import { readFile, stat } from 'node:fs/promises';
import { startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { gomind } from '../../test/command-line.ts';
import { greeted, greeter } from '../../test/greeter.ts';
import { useWorkspace } from '../../test/workspace.ts';

const workspace = useWorkspace(greeter);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('gomind --debug-llm', () => {
  const plan = JSON.stringify({
    steps: [{ name: 'greet', component: 'greeter', action: 'greet', inputs: { name: 'Ada' }, depends_on: [] }],
  });

  async function withModel(replies: readonly WireReply[], use: () => Promise<void>): Promise<void> {
    const server = await startOpenAIWireServer({ reply: replies });
    vi.stubEnv('OPENAI_BASE_URL', server.baseUrl);
    vi.stubEnv('OPENAI_API_KEY', 'sk-a-key-of-the-test');
    vi.stubEnv('GOMIND_AI_PROVIDER', 'openai');
    vi.stubEnv('GOMIND_AI_MODEL', 'gpt-4o-mini');
    try {
      await use();
    } finally {
      vi.unstubAllEnvs();
      await server.close();
    }
  }

  it('keeps what models were asked and answered for a request, with tokens and cost', async () => {
    await withModel([{ text: plan }, { text: 'Hello to Ada.' }], async () => {
      const file = workspace.at('calls.json');
      const asked = await gomind(['ask', 'Greet Ada', '--components', workspace.components, '--debug-llm', file]);
      expect(asked).toMatchObject({ code: 0, stdout: 'Hello to Ada.\n' });
      expect(asked.stderr).toMatch(/calls\.json: 2 model calls, 36 tokens \(\d+ in, \d+ out\), \$0\.0/);
      const text = await readFile(file, 'utf8');
      expect(JSON.parse(text)).toMatchObject([
        { number: 1, purpose: 'planning', answer: plan, usage: { totalTokens: 18 }, finishReason: 'stop' },
        { number: 2, purpose: 'synthesis', answer: 'Hello to Ada.' },
      ]);
      expect(text).toContain('Greet Ada');
      expect(text).not.toContain('sk-a-key-of-the-test');
      expect((await stat(file)).mode & 0o077).toBe(0);
    });
  });

  it('tells it on standard error, also of what fails', async () => {
    const bad: WireReply = { status: 401, message: 'Incorrect API key provided: sk-a-key-of-the-test' };
    await withModel([bad, bad, bad, bad], async () => {
      const file = await workspace.write(
        'think.yaml',
        'name: think\nsteps: [{name: t, type: ai-routing, prompt: "Greet Ada kindly"}]\n',
      );
      const ran = await gomind(['run', file, '--components', workspace.components, '--debug-llm', '-']);
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain('model call 1: planning, openai');
      expect(ran.stderr).toContain('Greet Ada kindly');
      expect(ran.stderr).toContain('error: MODEL_AUTH');
      expect(ran.stderr).not.toContain('sk-a-key-of-the-test');
    });
  });

  it('shows that a promoted answer needs no model any more', async () => {
    await withModel([{ text: plan }, { text: 'Hello to Ada.' }], async () => {
      const at = (name: string) => workspace.at(name);
      await gomind(['ask', 'Greet "Ada"', '--components', workspace.components, '--save', at('run.json')]);
      const promoted = await gomind(['promote', at('run.json'), '-o', at('greet.yaml')]);
      expect(promoted.stderr).toContain('Replayed: the same 1 call.');
      const words = ['run', at('greet.yaml'), '--components', workspace.components, '--debug-llm', at('calls.json')];
      expect((await gomind(words)).stdout).toContain('Hello, Ada!');
      expect(JSON.parse(await readFile(at('calls.json'), 'utf8'))).toEqual([]);
    });
  });

  it('is not needed for a plan, which a model makes and nobody runs', async () => {
    await withModel([{ text: plan }], async () => {
      const before = greeted.length;
      const planned = await gomind(['plan', 'Greet Ada', '--components', workspace.components]);
      expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('tool: greeter') as string });
      expect(planned.stderr).not.toContain('model call');
      expect(greeted).toHaveLength(before);
    });
  });

  it('keeps what models were asked for a plan, also when none came of it', async () => {
    await withModel([{ text: plan }], async () => {
      const file = workspace.at('calls.json');
      const words = ['plan', 'Greet Ada', '--components', workspace.components];
      const planned = await gomind([...words, '--debug-llm', file]);
      expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('tool: greeter') as string });
      expect(planned.stderr).toMatch(/calls\.json: 1 model call, 18 tokens \(\d+ in, \d+ out\), \$0\.0/);
      const text = await readFile(file, 'utf8');
      expect(JSON.parse(text)).toMatchObject([{ number: 1, purpose: 'planning', answer: plan, finishReason: 'stop' }]);
      expect(text).not.toContain('sk-a-key-of-the-test');
      expect((await stat(file)).mode & 0o077).toBe(0);
    });
    const bad: WireReply = { status: 401, message: 'Incorrect API key provided: sk-a-key-of-the-test' };
    await withModel([bad, bad, bad, bad], async () => {
      const failed = await gomind(['plan', 'Greet Ada', '--components', workspace.components, '--debug-llm', '-']);
      expect(failed).toMatchObject({ code: 1, stdout: '' });
      expect(failed.stderr).toContain('model call 1: planning, openai');
      expect(failed.stderr).toContain('error: MODEL_AUTH');
      expect(failed.stderr).not.toContain('sk-a-key-of-the-test');
    });
    // Nobody was asked without a model.
    const none = await gomind(['plan', 'Greet "Ada"', '--components', workspace.components, '--debug-llm', '-']);
    expect(none).toMatchObject({ code: 0, stderr: '0 model calls\n' });
  });

  it('is off unless it is asked for', async () => {
    await withModel([{ text: plan }, { text: 'Hello to Ada.' }], async () => {
      const { stderr } = await gomind(['ask', 'Greet Ada', '--components', workspace.components]);
      expect(stderr).not.toContain('model call');
    });
  });
});
