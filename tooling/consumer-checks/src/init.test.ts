import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runCompiler, runPackageManager, runProgram } from './repository.ts';

const consumer = inject('consumerFolder');
/** Beside the consumer's project and not below it, where its packages would be found without being installed. */
const folder = join(consumer, '../begun');
const gomind = join(consumer, 'node_modules/@gomind/cli/dist/main.js');

/** Makes a project and installs it as its package.json says, with the packed packages in the place of the registry's. */
async function begin(template: string): Promise<string> {
  await runProgram(folder, process.execPath, [gomind, 'init', template, '--template', template]);
  const project = join(folder, template);
  await writeFile(join(project, 'pnpm-workspace.yaml'), await readFile(join(consumer, 'pnpm-workspace.yaml')));
  await runPackageManager(project, ['install', '--prefer-offline', '--ignore-scripts']);
  await useFreePort(project);
  return project;
}

/** The ports of the templates may be taken here. */
async function useFreePort(project: string): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  for (const name of await readdir(project)) {
    if (!/\.(?:ts|json)$/.test(name) || name === 'package.json') continue;
    const text = await readFile(join(project, name), 'utf8');
    await writeFile(join(project, name), text.replaceAll(/\b410[12]\b/g, String(port)));
  }
}

interface Running extends AsyncDisposable {
  /** Resolves with the first line that holds the text. */
  says(text: string): Promise<string>;
}

/** `npm start`, as long as somebody looks at it. */
function start(project: string): Running {
  const child = spawn(process.execPath, ['--run', 'start'], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, because the script is a grandchild.
    detached: true,
  });
  let output = '';
  const changed = new Set<() => void>();
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const look of changed) look();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      output += '\n(ended)\n';
      for (const look of changed) look();
      resolve();
    });
  });
  return {
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = output.split('\n').find((each) => each.includes(text));
          if (line !== undefined) resolve(line);
          else if (output.includes('(ended)')) reject(new Error(`It never said ${text}, but:\n${output}`));
        };
        changed.add(look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid);
      await ended;
    },
  };
}

async function call(address: string, input: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify(input) });
  return answer.json();
}

describe('a project that gomind init has made', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    // What the scripts of the projects call node is the Node that runs this test.
    process.env['PATH'] = [dirname(process.execPath), process.env['PATH']].join(delimiter);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('of a tool installs, starts, answers and keeps the contract of components', async () => {
    const project = await begin('tool');
    await using running = start(project);
    const url = /http:\/\/[\d.]+:\d+/.exec(await running.says('listens at'))?.[0] ?? expect.fail();
    expect(await call(`${url}/api/capabilities/greet`, { name: 'Ada' })).toEqual({
      success: true,
      data: { summary: 'Hello, Ada!' },
    });
    const { stdout } = await runProgram(project, process.execPath, [gomind, 'components', 'test', url]);
    expect(stdout).not.toContain('✘');
  });

  it('of an agent installs, starts and answers', async () => {
    await using running = start(await begin('agent'));
    const url = /http:\/\/[\d.]+:\d+/.exec(await running.says('listens at'))?.[0] ?? expect.fail();
    expect(await call(`${url}/api/capabilities/list_components`, {})).toEqual({
      success: true,
      data: { names: ['guide'] },
    });
  });

  it('of a workflow installs, and runs the workflow over its own tool', async () => {
    const project = await begin('workflow');
    const { stdout } = await runProgram(project, process.execPath, ['--run', 'start']);
    expect(stdout).toContain('Hello, Grace!');
    const { stdout: checked } = await runProgram(project, process.execPath, [
      gomind,
      'validate',
      'workflow.yaml',
      '--components',
      'components.json',
    ]);
    expect(checked).toContain('ok, 1 step');
  });

  it('of an orchestrator installs, and answers', async () => {
    const { stdout } = await runProgram(await begin('orchestrator'), process.execPath, ['--run', 'start']);
    expect(stdout).toContain('Hello, Ada!');
  });

  it('type-checks in a strict project, whatever its template', async () => {
    const compilerOptions = {
      target: 'es2023',
      module: 'nodenext',
      types: ['node'],
      typeRoots: [join(consumer, 'node_modules/@types')],
      strict: true,
      noEmit: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true,
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*/*.ts'] }));
    const { stdout } = await runCompiler(folder, ['--project', '.', '--listFiles']);
    expect(stdout.match(/begun[\\/]\w+[\\/]\w+\.ts$/gm)).toHaveLength(7);
  });
});
