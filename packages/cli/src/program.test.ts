import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineTool, type ServedComponent, serve } from '@gomind/core';
import { startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { runCommandLine } from './program.ts';
import type { CliContext } from './support/cli-context.ts';

/** Whom the tool has greeted. */
const greeted: string[] = [];

const greeter = defineTool({
  name: 'greeter',
  description: 'Greets people',
  capabilities: {
    greet: {
      description: 'Greet a person by name',
      effect: 'pure',
      input: z.object({ name: z.string() }),
      output: z.object({ summary: z.string() }),
      handler: ({ name }) => {
        greeted.push(name);
        return { summary: `Hello, ${name}!` };
      },
    },
  },
});

let served: ServedComponent;
let folder: string;
let components: string;

beforeAll(async () => {
  served = await serve(greeter, { handleSignals: false });
});

afterAll(async () => {
  await served.close();
});

afterEach(() => {
  vi.unstubAllEnvs();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gomind-cli-'));
  components = await write('components.json', JSON.stringify([served.info]));
  return () => rm(folder, { recursive: true });
});

async function write(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function gomind(words: readonly string[], context: Partial<CliContext> = {}): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const code = await runCommandLine(words, {
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    useColor: false,
    signal: new AbortController().signal,
    readInput: () => Promise.resolve(new Uint8Array()),
    ask: undefined,
    ...context,
  });
  return { code, ...written };
}

const greeting = [
  'name: greeting',
  'inputs: {who: {type: string, required: true}}',
  'steps:',
  '  - {name: greet, tool: greeter, action: greet, inputs: {name: "${inputs.who}"}}',
  'outputs: {text: "${steps.greet.output.summary}"}',
  '',
].join('\n');

describe('gomind validate', () => {
  it('says that a workflow is right', async () => {
    const file = await write('greeting.yaml', greeting);
    expect(await gomind(['validate', file, '--components', components])).toEqual({
      code: 0,
      stdout: `${file}: ok, 1 step\n`,
      stderr: '',
    });
  });

  it('shows every mistake with its place and the lines around, and exits with 1', async () => {
    const file = await write('wrong.yaml', greeting.replace('action: greet', 'acton: greet'));
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
    const list = await write('list.json', JSON.stringify([{ name: 'greeter', capabilities: [capability] }]));
    const file = await write('w.yaml', 'name: w\nsteps: [{name: a, tool: greeter, action: greet}]\n');
    const { code, stdout } = await gomind(['validate', file, '--components', list, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ diagnostics: [{ code: 'PARAM_MISSING', step: 'a' }] });
  });

  it('refuses an effect that nobody knows', async () => {
    const capability = { name: 'greet', description: 'Greets', effect: 'harmless' };
    const list = await write('list.json', JSON.stringify([{ name: 'greeter', capabilities: [capability] }]));
    const { code, stderr } = await gomind(['components', '--components', list]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/list\.json, entry 1: the effect of "greet" is "harmless"\. Accepted: pure/);
  });

  it('checks plans against the components that there are', async () => {
    const plan = await write(
      'plan.json',
      JSON.stringify({ steps: [{ name: 'a', component: 'greter', action: 'greet', inputs: { name: 'A' } }] }),
    );
    const { code, stdout } = await gomind(['validate', plan, '--plan', '--components', components]);
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
    const plan = await write('plan.json', lines.join('\n'));
    const { stdout } = await gomind(['validate', plan, '--plan', '--components', components]);
    expect(stdout).toContain(`${plan}:3:22: error PARAM_UNKNOWN`);
    expect(stdout).toContain('> 3 |    "inputs": {"nme": "A"}}');
    const { stdout: json } = await gomind(['validate', plan, '--plan', '--components', components, '--json']);
    const { diagnostics } = JSON.parse(json) as { diagnostics: { code: string }[] };
    expect(diagnostics.find(({ code }) => code === 'PARAM_UNKNOWN')).toMatchObject({ file: plan, line: 3, column: 22 });
  });
});

describe('gomind run', () => {
  it('says which keys of a file have no effect yet, and where they stand', async () => {
    const text = greeting
      .replace('steps:', 'triggers: [{schedule: "0 0 * * *"}]\nsteps:')
      .replace('action: greet,', 'action: greet, compensate: forget,');
    const file = await write('later.yaml', text);
    const ran = await gomind(['run', file, '--components', components, '--input', 'who=Ada', '--json']);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain(`${file}:3:11: warning NO_EFFECT`);
    expect(ran.stderr).toMatch(/later\.yaml:5:\d+: warning NO_EFFECT/);
    expect(JSON.parse(ran.stdout)).toMatchObject({ warnings: [{ path: 'triggers' }, { path: 'steps.0.compensate' }] });
    const checked = await gomind(['validate', file, '--components', components]);
    expect(checked).toMatchObject({ code: 0, stderr: '' });
    expect(checked.stdout).toContain('ok, 1 step, 2 warnings');
  });

  it('runs a workflow over real components; progress goes to stderr, outputs to stdout', async () => {
    const file = await write('greeting.yaml', greeting);
    const { code, stdout, stderr } = await gomind(['run', file, '--components', components, '--input', 'who=Ada']);
    expect(stderr).toContain('✔ greet');
    expect(JSON.parse(stdout)).toEqual({ text: 'Hello, Ada!' });
    expect(code).toBe(0);
  });

  it('takes inputs from a file and prints the whole run as JSON', async () => {
    const file = await write('greeting.yaml', greeting);
    const inputs = await write('inputs.json', '{"who": "Grace"}');
    const { stdout } = await gomind(['run', file, '--components', components, '--input-file', inputs, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', steps: { greet: { status: 'completed' } } });
  });

  it('shows what would be done without doing it', async () => {
    const file = await write('greeting.yaml', greeting);
    const { code, stdout } = await gomind(['run', file, '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('greeter.greet');
    expect(stdout).toContain('1 step, at most 3 calls');
  });

  it('looks into groups that run as a whole, and needs no components where they call none', async () => {
    const inside =
      '[{name: one, tool: greeter, action: greet, inputs: {name: "${item}"}}, {name: two, type: wait, duration: 1ms}]';
    const file = await write(
      'each.yaml',
      `name: each\nsteps: [{name: all, for_each: [Ada, Grace], parallel: ${inside}}]\noutputs: {all: "\${steps.all.output}"}\n`,
    );
    const dry = await gomind(['run', file, '--dry-run']);
    expect(dry.stdout).toContain('for each: one, two');
    expect(dry.stdout).toContain('3 steps, at most 12 calls, longest chain 2 steps: all');
    expect((await gomind(['run', file])).stderr).toContain('NO_COMPONENTS: Step "one" calls a component');
    const { stdout, stderr } = await gomind(['run', file, '--components', components]);
    expect(JSON.parse(stdout)).toMatchObject({
      all: [{ one: { summary: 'Hello, Ada!' } }, { one: { summary: 'Hello, Grace!' } }],
    });
    expect(stderr).toContain('all[1]/one');
    const idle = await write(
      'idle.yaml',
      'name: idle\nsteps: [{name: g, timeout: 1m, parallel: [{name: w, type: wait, duration: 1ms}]}]\n',
    );
    expect((await gomind(['run', idle])).code).toBe(0);
  });

  it.each([
    ['an input is missing', [], 'INPUT_REQUIRED', 1],
    ['an input is no pair', ['--input', 'who'], 'must be name=value', 2],
  ])('says what is wrong when %s', async (_what, words, text, expected) => {
    const file = await write('greeting.yaml', greeting);
    const { code, stderr } = await gomind(['run', file, '--components', components, ...words]);
    expect(stderr).toContain(text);
    expect(code).toBe(expected);
  });

  it('asks at the terminal for approvals, and rejects without one', async () => {
    const file = await write('ask.yaml', 'name: ask\nsteps: [{name: sure, type: approval, prompt: "Go?"}]\n');
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
    await write('inner.yaml', greeting);
    const file = await write(
      'outer.yaml',
      'name: outer\nsteps: [{name: sub, workflow: inner.yaml, inputs: {who: Bob}}]\noutputs: {text: "${steps.sub.output.text}"}\n',
    );
    const { stdout } = await gomind(['run', file, '--components', components]);
    expect(JSON.parse(stdout)).toEqual({ text: 'Hello, Bob!' });
  });

  it('finds what a sub-workflow names beside the file of the sub-workflow, however deep', async () => {
    const reading = (name: string, workflow: string) =>
      `name: ${name}\nsteps: [{name: sub, workflow: ${workflow}, cache: true}]\noutputs: {text: "\${steps.sub.output.text}"}\n`;
    const leaf = (who: string) =>
      `name: leaf\nsteps: [{name: g, timeout: 1m, parallel: [{name: greet, tool: greeter, action: greet, inputs: {name: ${who}}}]}]\noutputs: {text: "\${steps.g.output.greet.summary}"}\n`;
    await mkdir(join(folder, 'parts/deep'), { recursive: true });
    await write('leaf.yaml', leaf('Nobody'));
    await write('parts/leaf.yaml', leaf('Ada'));
    await write('parts/deep/leaf.yaml', leaf('Grace'));
    await write('parts/one.yaml', reading('one', 'leaf.yaml'));
    await write('parts/two.yaml', reading('two', 'deep/up.yaml'));
    await write('parts/deep/up.yaml', reading('up', './leaf.yaml'));
    await write('parts/three.yaml', reading('three', '../leaf.yaml'));
    const file = await write(
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
    const { stdout, stderr } = await gomind(['run', file, '--components', components]);
    expect(stderr).not.toMatch(/[A-Z]+_[A-Z]+:/);
    expect(JSON.parse(stdout)).toEqual({ all: ['Hello, Ada!', 'Hello, Grace!', 'Hello, Nobody!'] });
  });

  it('says where it looked for a sub-workflow, and ends one that names itself', async () => {
    await mkdir(join(folder, 'parts'));
    await write('parts/inner.yaml', 'name: inner\nsteps: [{name: deep, workflow: nowhere.yaml}]\n');
    const file = await write('outer.yaml', 'name: outer\nsteps: [{name: sub, workflow: parts/inner.yaml}]\n');
    const lost = await gomind(['run', file, '--components', components]);
    expect([lost.code, lost.stderr]).toEqual([
      1,
      expect.stringContaining(join(folder, 'parts/nowhere.yaml')) as string,
    ]);
    await write('parts/loop.yaml', 'name: loop\nsteps: [{name: again, workflow: ../parts/loop.yaml}]\n');
    const looping = await gomind(['run', join(folder, 'parts/loop.yaml'), '--components', components]);
    expect([looping.code, looping.stderr]).toEqual([1, expect.stringContaining('LIMIT_EXCEEDED') as string]);
  });

  it('says which step needs components when nothing names them', async () => {
    const file = await write('greeting.yaml', greeting);
    const { code, stderr } = await gomind(['run', file, '--input', 'who=Ada']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/NO_COMPONENTS: Step "greet".*--components FILE/);
  });

  it('exits with 130 when it is interrupted, and tells what was cancelled', async () => {
    const file = await write('wait.yaml', 'name: wait\nsteps: [{name: long, type: wait, duration: 1h}]\n');
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

describe('gomind ask, plan and promote', () => {
  it('make a workflow of a good answer that makes the same calls', async () => {
    const saved = join(folder, 'run.json');
    const asked = await gomind(['ask', 'Greet "Ada"', '--components', components, '--save', saved]);
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining('Hello, Ada!') as string });
    const file = join(folder, 'promoted.yaml');
    const promoted = await gomind(['promote', saved, '-o', file]);
    expect(promoted.stderr).toContain('Replayed: the same 1 call.');
    expect(promoted.code).toBe(0);
    const again = await gomind(['run', file, '--components', components, '--input', 'name=Grace', '--json']);
    expect(again.stdout).toContain('Hello, Grace!');
    expect((await readdir(folder)).toSorted()).toEqual([
      'components.json',
      'promoted.replay.json',
      'promoted.yaml',
      'run.json',
    ]);
  });

  it('write a proved workflow without running it', async () => {
    const file = join(folder, 'planned.yaml');
    const { code, stderr } = await gomind(['plan', 'Greet "Ada"', '--components', components, '-o', file]);
    expect(stderr).toContain('1 step.');
    expect(code).toBe(0);
    expect(await readFile(file, 'utf8')).toContain('tool: greeter');
    expect((await gomind(['validate', file, '--components', components])).code).toBe(0);
  });

  it.each(['plan', 'ask'])('refuse what no component can do: %s', async (command) => {
    const { code, stderr } = await gomind([command, 'Book a flight to the moon', '--components', components]);
    expect(stderr).toContain('NO_PLAN');
    expect(code).toBe(1);
  });
});

describe('gomind ask --workflow', () => {
  it('lets the plan use a workflow as a step, with what the workflow needs', async () => {
    vi.stubEnv('GREETING_NAME', 'Grace');
    const file = await write(
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
    await write(
      'inner.yaml',
      [
        'name: inner',
        'env: [GREETING_NAME]',
        'steps: [{name: greet, tool: greeter, action: greet, inputs: {name: "${env.GREETING_NAME}"}}]',
        'outputs: {text: "${steps.greet.output.summary}"}',
        '',
      ].join('\n'),
    );
    const words = ['ask', 'Formal greeting in a formal manner', '--components', components, '--workflow', file];
    const saved = join(folder, 'run.json');
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
        await mkdir(join(folder, manner));
        await write(
          `${manner}/inner.yaml`,
          `name: inner\nsteps: [{name: greet, tool: greeter, action: greet, inputs: {name: ${manner}}}]\n`,
        );
        return write(
          `${manner}/outer.yaml`,
          `name: ${manner}-greeting\ndescription: Greet somebody in a ${manner} manner\nsteps: [{name: sub, workflow: inner.yaml}]\n`,
        );
      }),
    );
    for (const manner of ['formal', 'casual']) {
      const request = `Make a ${manner} greeting in a ${manner} manner`;
      const { stdout } = await gomind(['ask', request, '--components', components, '--json', '--workflow', ...files]);
      expect(JSON.parse(stdout)).toMatchObject({ plan: { steps: [{ action: `${manner}-greeting` }] }, errors: [] });
      expect(stdout).toContain(`Hello, ${manner}!`);
    }
  });
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
      const file = join(folder, 'calls.json');
      const asked = await gomind(['ask', 'Greet Ada', '--components', components, '--debug-llm', file]);
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
      const file = await write(
        'think.yaml',
        'name: think\nsteps: [{name: t, type: ai-routing, prompt: "Greet Ada kindly"}]\n',
      );
      const ran = await gomind(['run', file, '--components', components, '--debug-llm', '-']);
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain('model call 1: planning, openai');
      expect(ran.stderr).toContain('Greet Ada kindly');
      expect(ran.stderr).toContain('error: MODEL_AUTH');
      expect(ran.stderr).not.toContain('sk-a-key-of-the-test');
    });
  });

  it('shows that a promoted answer needs no model any more', async () => {
    await withModel([{ text: plan }, { text: 'Hello to Ada.' }], async () => {
      const at = (name: string) => join(folder, name);
      await gomind(['ask', 'Greet "Ada"', '--components', components, '--save', at('run.json')]);
      const promoted = await gomind(['promote', at('run.json'), '-o', at('greet.yaml')]);
      expect(promoted.stderr).toContain('Replayed: the same 1 call.');
      const words = ['run', at('greet.yaml'), '--components', components, '--debug-llm', at('calls.json')];
      expect((await gomind(words)).stdout).toContain('Hello, Ada!');
      expect(JSON.parse(await readFile(at('calls.json'), 'utf8'))).toEqual([]);
    });
  });

  it('is not needed for a plan, which a model makes and nobody runs', async () => {
    await withModel([{ text: plan }], async () => {
      const before = greeted.length;
      const planned = await gomind(['plan', 'Greet Ada', '--components', components]);
      expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('tool: greeter') as string });
      expect(planned.stderr).not.toContain('model call');
      expect(greeted).toHaveLength(before);
    });
  });

  it('keeps what models were asked for a plan, also when none came of it', async () => {
    await withModel([{ text: plan }], async () => {
      const file = join(folder, 'calls.json');
      const words = ['plan', 'Greet Ada', '--components', components];
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
      const failed = await gomind(['plan', 'Greet Ada', '--components', components, '--debug-llm', '-']);
      expect(failed).toMatchObject({ code: 1, stdout: '' });
      expect(failed.stderr).toContain('model call 1: planning, openai');
      expect(failed.stderr).toContain('error: MODEL_AUTH');
      expect(failed.stderr).not.toContain('sk-a-key-of-the-test');
    });
    // Nobody was asked without a model.
    const none = await gomind(['plan', 'Greet "Ada"', '--components', components, '--debug-llm', '-']);
    expect(none).toMatchObject({ code: 0, stderr: '0 model calls\n' });
  });

  it('is off unless it is asked for', async () => {
    await withModel([{ text: plan }, { text: 'Hello to Ada.' }], async () => {
      const { stderr } = await gomind(['ask', 'Greet Ada', '--components', components]);
      expect(stderr).not.toContain('model call');
    });
  });
});

describe('gomind graph', () => {
  const file = () =>
    write(
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
    const path = await write(
      'group.yaml',
      'name: w\nsteps: [{name: g, timeout: 1m, parallel: [{name: b, tool: t}, {name: c, tool: t}]}]\n',
    );
    expect((await gomind(['graph', path, '--format', format])).stdout).toContain(text);
  });

  it('keeps within a terminal', async () => {
    const steps = Array.from({ length: 9 }, (_, index) => `  - {name: step-${String(index)}, tool: t, action: x}\n`);
    const path = await write('wide.yaml', `name: wide\nsteps:\n${steps.join('')}`);
    let drawn = '';
    await gomind(['graph', path], { stdout: { isTTY: true, columns: 40, write: (text) => (drawn += text) } });
    const widths = drawn.split('\n').map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(40);
    expect(drawn.match(/step-\d/g)).toHaveLength(9);
    const { stdout } = await gomind(['graph', path]);
    expect(stdout.split('\n')[0]?.match(/┌/g)).toHaveLength(9);
  });

  it('draws the ETL workflow as the README shows it', async () => {
    const root = join(import.meta.dirname, '../../..');
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const shown = /`gomind graph (?<path>\S+)` draws it:\n\n```\n(?<picture>[^]*?)```/.exec(readme)?.groups;
    const { stdout } = await gomind(['graph', join(root, shown?.['path'] ?? '')]);
    expect(stdout).toBe(shown?.['picture']);
  });

  it('does not let names break out of a drawing', async () => {
    const path = await write(
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

describe('gomind print', () => {
  it('turns a file into TypeScript and back, with nothing lost', async () => {
    const file = await write('greeting.yaml', greeting);
    const module = join(folder, 'greeting.mjs');
    expect(await gomind(['print', file, '-o', module])).toEqual({ code: 0, stdout: '', stderr: '' });
    const source = await readFile(module, 'utf8');
    expect(source).toContain(".step('greet', toolNamed('greeter', 'greet'), ({ inputs }) => ({ name: inputs.who }))");
    const builder = import.meta.resolve('@gomind/orchestration');
    await writeFile(module, source.replace("'@gomind/orchestration'", JSON.stringify(builder)));
    const { stdout: back } = await gomind(['print', module]);
    expect(back).toBe((await gomind(['print', file])).stdout);
  });

  it('says which file cannot be written, and why', async () => {
    const words = ['print', await write('greeting.yaml', greeting), '-o'];
    const { code, stderr } = await gomind([...words, join(folder, 'nowhere', 'greeting.ts')]);
    expect(stderr).toMatch(/greeting\.ts cannot be written: its folder does not exist/);
    expect(code).toBe(2);
    expect((await gomind([...words, folder])).stderr).toContain('it is a folder');
  });

  it('prints JSON, which is a workflow file too', async () => {
    const { stdout } = await gomind(['print', await write('greeting.yaml', greeting), '--json']);
    const { code } = await gomind(['validate', await write('greeting.json', stdout)]);
    expect(code).toBe(0);
  });
});

describe('a workflow in a module', () => {
  const workflow = (name: string, tool: string) =>
    `export const ${name} = {name: '${name}', inputs: {}, outputs: {}, onFailure: [], finally: [], env: {}, secrets: [], triggers: [], defaults: {}, migrations: [], steps: [{kind: 'component', componentType: 'tool', name: 'greet', component: '${tool}', action: 'greet', inputs: {name: 'Ada'}, dependsOn: []}]};\n`;

  it('runs like a file', async () => {
    const module = await write('ada.mjs', workflow('ada', 'greeter'));
    const { code, stdout } = await gomind(['run', module, '--components', components, '--json']);
    expect(stdout).toContain('Hello, Ada!');
    expect(code).toBe(0);
  });

  it('is checked like a file, and shown as the YAML that says the same', async () => {
    const module = await write('ada.mjs', workflow('ada', 'greter'));
    const { code, stdout } = await gomind(['validate', module, '--components', components]);
    expect(stdout).toMatch(/ada\.mjs \(as YAML\):\d+:\d+: error UNKNOWN_COMPONENT/);
    expect(code).toBe(1);
  });

  it.each([
    ['export const a = 1;\n', 'exports no workflow'],
    [workflow('ada', 'greeter') + workflow('bob', 'greeter'), 'exports several workflows: ada, bob'],
    ["throw new Error('not today');\n", 'cannot be loaded: not today'],
  ])('is refused clearly: %#', async (source, text) => {
    const { code, stderr } = await gomind(['validate', await write('wrong.mjs', source)]);
    expect(stderr).toContain(text);
    expect(code).toBe(2);
  });
});

describe('gomind components test', () => {
  it('finds that a served component keeps the contract', async () => {
    const { code, stdout } = await gomind(['components', 'test', served.url]);
    expect(stdout).not.toContain('✘');
    expect(stdout).toContain('✔ POST /api/capabilities/greet with {"name":[{"wrong":true}]}: refused: INPUT_INVALID');
    expect(code).toBe(0);
  });

  it('finds what a careless server does wrong, and says what would be right', async () => {
    const server = createServer((request, response) => {
      const answer = request.url === '/api/capabilities' ? [{ name: 'go', effect: 'pure' }] : { hello: true };
      response.end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stdout } = await gomind(['components', 'test', `127.0.0.1:${String(port)}`, '--json']);
    server.close();
    const { ok, findings } = JSON.parse(stdout) as {
      ok: boolean;
      findings: { check: string; state: string; message: string }[];
    };
    const problems = findings
      .filter(({ state }) => state === 'problem')
      .map(({ check, message }) => `${check}: ${message}`);
    expect(problems).toEqual([
      'GET /health: "status" is missing, but must be "healthy" or "degraded"',
      'GET /api/capabilities/go/schema: "input" is no JSON Schema',
      'POST /api/capabilities/go with broken JSON: 200, but it must be 400',
      'POST /api/capabilities/gomind-no-such-capability: 200, but it must be 404',
    ]);
    expect([ok, code]).toEqual([false, 1]);
  });

  it('says when nobody is there', async () => {
    const gone = await serve(greeter, { handleSignals: false });
    await gone.close();
    const { code, stdout } = await gomind(['components', 'test', gone.url]);
    expect(stdout).toBe('✘ GET /health: there is no answer: nothing listens there\n');
    expect(code).toBe(1);
  });

  it('says what an address looks like', async () => {
    const { code, stderr } = await gomind(['components', 'test', 'ftp://x']);
    expect(stderr).toContain('is no address of a component. Give one such as http://');
    expect(code).toBe(2);
  });
});

describe('gomind init', () => {
  it.each(['tool', 'agent', 'workflow', 'orchestrator'])('begins a project from the template %s', async (template) => {
    const target = join(folder, template);
    const { code, stdout } = await gomind(['init', target, '--template', template]);
    expect(code).toBe(0);
    expect(stdout).toContain('package.json');
    expect(JSON.parse(await readFile(join(target, 'package.json'), 'utf8'))).toMatchObject({ type: 'module' });
    expect((await gomind(['init', target, '--template', template])).code).toBe(2);
  });

  it('writes a workflow that is right', async () => {
    const target = join(folder, 'flow');
    await gomind(['init', target, '--template', 'workflow']);
    expect(
      (await gomind(['validate', join(target, 'workflow.yaml'), '--components', join(target, 'components.json')])).code,
    ).toBe(0);
  });
});

describe('gomind', () => {
  it('lists components', async () => {
    const { stdout } = await gomind(['components', '--components', components]);
    expect(stdout).toContain('greet(name)  Greet a person by name');
  });

  it.each(['null', '{}', '[null]', '["greeter"]', '[{"name":"greeter","url":"http://127.0.0.1:4101"}]'])(
    'says how a file of components is written when it holds none: %s',
    async (content) => {
      const path = await write('none.json', content);
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
