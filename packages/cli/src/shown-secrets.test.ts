import { readdir, readFile } from 'node:fs/promises';
import { defineTool } from '@gomind/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { gomind } from '../test/command-line.ts';
import { useWorkspace } from '../test/workspace.ts';

/** Made here, so that no scanner of sources finds one. */
const wordOfRequest = ['ghp', 'Saved0001'.repeat(4)].join('_');
const wordOfAnswer = ['sk', 'proj', 'Saved0002abcdefghijkl'].join('-');

const greeter = defineTool({
  name: 'greeter',
  description: 'Greets people',
  capabilities: {
    greet: {
      description: 'Greet a person by name',
      effect: 'pure',
      input: z.object({ name: z.string().describe('Name of the person') }),
      handler: ({ name }) => ({ greeting: `Hello, ${name}!`, sessionToken: wordOfAnswer }),
    },
  },
});

const workspace = useWorkspace(greeter);
const at = (name: string): string => workspace.at(name);

beforeEach(() => {
  for (const name of ['OPENAI_API_KEY', 'GOMIND_AI_PROVIDER', 'OPENAI_BASE_URL']) vi.stubEnv(name, '');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

async function expectClean(): Promise<void> {
  for (const name of await readdir(workspace.folder)) {
    const text = await readFile(at(name), 'utf8');
    expect(text, name).not.toContain(wordOfRequest);
    expect(text, name).not.toContain(wordOfAnswer);
  }
}

it('a saved run, and what is promoted of it, hold no secrets of the request and of answers, and say so', async () => {
  const request = `Greet "Ada ${wordOfRequest}"`;
  const asked = await gomind(['ask', request, '--components', workspace.components, '--save', at('run.json')]);
  expect(asked).toMatchObject({ code: 0, stderr: expect.stringContaining('[redacted] stands in its place') as string });
  expect(await readFile(at('run.json'), 'utf8')).toContain('Ada [redacted]');
  const promoted = await gomind(['promote', at('run.json'), '-o', at('promoted.yaml')]);
  expect(promoted).toMatchObject({ code: 0, stderr: expect.stringContaining('the same 1 call') as string });
  await expectClean();
});

it('a saved run keeps everything else', async () => {
  const asked = await gomind(['ask', 'Greet "Ada"', '--components', workspace.components, '--save', at('run.json')]);
  expect(asked.stderr).toContain('[redacted] stands in its place');
  expect(JSON.parse(await readFile(at('run.json'), 'utf8'))).toMatchObject({
    request: 'Greet "Ada"',
    steps: { greet: { output: { greeting: 'Hello, Ada!', sessionToken: '[redacted]' } } },
  });
});

it.each([
  ['validate', ['validate', 'broken.yaml', '--components', 'components.json']],
  ['validate --json', ['validate', 'broken.yaml', '--components', 'components.json', '--json']],
  ['components', ['components', '--components', 'components.json']],
  ['components --json', ['components', '--components', 'components.json', '--json']],
  ['components test', ['components', 'test', `http://user:${wordOfRequest}@127.0.0.1:1`]],
  ['components test --json', ['components', 'test', `http://user:${wordOfRequest}@127.0.0.1:1`, '--json']],
])('%s prints no secret of what it looks at', async (_name, words) => {
  const described = {
    ...workspace.served.info,
    description: `Has ${wordOfAnswer}`,
    metadata: { apiKey: wordOfAnswer },
  };
  const capabilities = workspace.served.info.capabilities.map((one) => ({
    ...one,
    description: `Greets with ${wordOfAnswer}`,
  }));
  await workspace.write('components.json', JSON.stringify([{ ...described, capabilities }]));
  await workspace.write(
    'broken.yaml',
    `name: broken\nsteps:\n  - { name: one, tool: greeter, inputs: { x: "${wordOfRequest}" }, ${wordOfRequest}: "${wordOfAnswer}" }\n`,
  );
  const { stdout } = await gomind(words.map((word) => (/\.(?:yaml|json)$/.test(word) ? at(word) : word)));
  expect(stdout).toContain('[redacted]');
  expect(stdout).not.toContain(wordOfRequest);
  expect(stdout).not.toContain(wordOfAnswer);
});

it('the words about a plan hold no secret', async () => {
  const request = `Greet "Ada" with ${wordOfRequest}`;
  const planned = await gomind(['plan', request, '--components', workspace.components, '-o', at('planned.yaml')]);
  expect(planned.code).toBe(0);
  expect(await readFile(at('planned.yaml'), 'utf8')).toContain('with [redacted]');
  await expectClean();
});
